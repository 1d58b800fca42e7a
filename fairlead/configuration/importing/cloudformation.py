"""CloudFormation: templates in JSON and YAML with resources AWS::Connect::..., of which references are resolved."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import yaml

from fairlead.configuration.importing.amazon import Resource, add_all, kind_of, lowered
from fairlead.configuration.importing.draft import Draft
from fairlead.configuration.importing.sources import Source, check_depth, json_documents, mapping, text
from fairlead.errors import InvalidConfiguration

_PREFIX = "AWS::Connect::"


class _Loader(yaml.BaseLoader):
    """YAML of which every scalar is a text, with CloudFormation's short tags as the functions that they stand for."""


def _tagged(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(cast(yaml.MappingNode, node), deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _tagged)


def read(sources: Sequence[Source]) -> Draft:
    """The draft that templates describe. Raises InvalidConfiguration."""
    draft, found = Draft(), list[Resource]()
    for source in sources:
        for template in documents(source):
            resources = mapping(mapping(template).get("Resources"))
            parameters = {
                name: mapping(one).get("Default") for name, one in mapping(mapping(template).get("Parameters")).items()
            }
            of_connect = {
                name: one for name, one in resources.items() if text(mapping(one).get("Type")).startswith(_PREFIX)
            }
            if not of_connect:
                raise InvalidConfiguration(f"{source.name}: has no Resources of a type {_PREFIX}...")
            found += [_resource(name, mapping(one), parameters) for name, one in of_connect.items()]
    add_all(draft, found)
    return draft


def documents(source: Source) -> list[Any]:
    """The JSON or YAML values of a file. Raises InvalidConfiguration."""
    if source.text.lstrip().startswith("{"):
        return list(json_documents(source))
    try:
        found = [one for one in yaml.load_all(source.text, Loader=_Loader) if one is not None]  # only texts
    except yaml.YAMLError as failure:
        mark = getattr(failure, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        why = getattr(failure, "problem", None) or str(failure).splitlines()[0]
        raise InvalidConfiguration(f"{source.name}: {place}not YAML: {why}") from None
    except (RecursionError, ValueError, TypeError) as failure:
        raise InvalidConfiguration(f"{source.name}: not YAML: {failure}") from None
    for one in found:
        check_depth(source, one)
    return found


def _resource(name: str, given: Mapping[str, Any], parameters: Mapping[str, Any]) -> Resource:
    values = lowered(_resolved(mapping(given.get("Properties")), parameters))
    notes = [f"Condition {text(given['Condition'])!r} is taken as true"] if given.get("Condition") else []
    return Resource(kind_of(text(given.get("Type"))), name, mapping(values), [name], notes)


def _resolved(value: Any, parameters: Mapping[str, Any]) -> Any:
    """The value with its functions as what they give, as far as the template tells; a reference as the name."""
    if isinstance(value, list):
        return [_resolved(one, parameters) for one in value if one != {"Ref": "AWS::NoValue"}]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, given),) = value.items()
        if function == "Ref":
            default = parameters.get(text(given))
            return text(given) if default is None else default
        if function == "Fn::GetAtt":
            return text(given[0] if isinstance(given, list) and given else given).partition(".")[0]
        if function.startswith("Fn::"):
            return _called(function, given, parameters)
    return {key: _resolved(one, parameters) for key, one in value.items()}


def _called(function: str, given: Any, parameters: Mapping[str, Any]) -> Any:
    """What a function gives: Sub, Join, Select and If, of which the first way is taken; else its text."""
    resolved = _resolved(given, parameters)
    parts = resolved if isinstance(resolved, list) else [resolved]
    if function == "Fn::Sub":
        return _substituted(text(parts[0]) if parts else "", parameters)
    if function == "Fn::Join" and len(parts) == 2 and isinstance(parts[1], list):
        return text(parts[0]).join(text(one) for one in parts[1])
    if function == "Fn::If" and len(parts) == 3:
        return parts[1]
    if function == "Fn::Select" and len(parts) == 2 and isinstance(parts[1], list) and text(parts[0]).isdecimal():
        place = int(text(parts[0])) if len(text(parts[0])) < 9 else len(parts[1])
        return parts[1][place] if place < len(parts[1]) else ""
    return f"{function.removeprefix('Fn::')} {text(parts[0]) if parts else ''}".strip()


def _substituted(pattern: str, parameters: Mapping[str, Any]) -> str:
    """`${Sales.QueueArn}` as Sales; `${Stage}` as the parameter's default."""

    def replace(one: re.Match[str]) -> str:
        name = one[1].partition(".")[0]
        return text(parameters.get(name)) or name

    return re.sub(r"\$\{!?([^}]*)\}", replace, pattern)
