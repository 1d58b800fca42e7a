"""Terraform: resources in .tf.json, `terraform show -json` of a state or a plan, and a state file.

Expressions are resolved where they name another resource, a variable with a default or a local value.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.configuration.importing.amazon import Resource, add_all, kind_of
from fairlead.configuration.importing.draft import Draft
from fairlead.configuration.importing.sources import Source, json_documents, mapping, mappings, text
from fairlead.errors import InvalidConfiguration

_ADDRESS = re.compile(
    r"\$?\{?\s*((?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?(?:aws|awscc)_connect_\w+\.[\w-]+(?:\[[^\]]*\])?)"
    r"[\w.\[\]-]*\s*\}?"
)
_NAMED = re.compile(r"\$\{\s*(var|local)\.([\w-]+)\s*\}")


def read(sources: Sequence[Source]) -> Draft:
    """The draft that Terraform's files describe. Raises InvalidConfiguration."""
    draft, found = Draft(), list[Resource]()
    for source in sources:
        if re.match(r'\s*(resource|data|variable|terraform|provider|locals|module)\s*("|\{)', source.text):
            raise InvalidConfiguration(
                f"{source.name}: is HCL: import what `terraform show -json` prints, or write it as .tf.json"
            )
        documents = [one for one in json_documents(source) if isinstance(one, dict)]
        resources = [resource for document in documents for resource in _resources(document)]
        if not resources:
            raise InvalidConfiguration(
                f"{source.name}: has no resource aws_connect_...: give .tf.json or what `terraform show -json` prints"
            )
        found += resources
    add_all(draft, found)
    return draft


def is_terraform(document: Mapping[str, Any]) -> bool:
    """Whether a JSON document is one of Terraform's."""
    state = {"terraform_version", "planned_values", "values"} & document.keys()
    written = document.get("resource", document.get("data"))
    return bool(state) or (isinstance(written, dict) and any("connect_" in key for key in written))


def _resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    for key in ("resource", "data"):
        yield from _written(document, key)
    shown = mapping(document.get("planned_values")) or mapping(document.get("values"))
    expressions = dict(_expressions(mapping(mapping(document.get("configuration")).get("root_module")), ""))
    yield from _shown(mapping(shown.get("root_module")), expressions)
    prior = mapping(mapping(mapping(document.get("prior_state")).get("values")).get("root_module"))
    yield from (one for one in _shown(prior, {}) if one.place.rpartition(".")[0].split(".")[-2:-1] == ["data"])
    for one in mappings(document.get("resources", [])):  # a state file
        for instance in mappings(one.get("instances", [])):
            prefix = "data." if one.get("mode") == "data" else ""
            address = f"{prefix}{text(one.get('type'))}.{text(one.get('name'))}"
            yield from _resource(address, text(one.get("type")), mapping(instance.get("attributes")))


def _written(document: Mapping[str, Any], key: str) -> Iterator[Resource]:
    """The resources of .tf.json: by type and name, each an object or a list of one."""
    named = {("var", name): mapping(one).get("default") for name, one in mapping(document.get("variable")).items()}
    named |= {("local", name): one for name, one in mapping(document.get("locals")).items()}
    for type_name, table in mapping(document.get(key)).items():
        for name, given in mapping(table).items():
            values = mapping(_resolved(given, named))
            address = f"{'data.' * (key == 'data')}{type_name}.{name}"
            for resource in _resource(address, type_name, values):
                repeated = [one for one in ("count", "for_each") if one in values]
                resource.notes += [f"{one} makes several of it: here it is one" for one in repeated]
                if key == "data":
                    resource.notes.append("is a data source: what it is set to is not in the file")
                yield resource


def _resolved(value: Any, named: Mapping[tuple[str, str], Any]) -> Any:
    """The value with variables and locals as what they are by default."""
    if isinstance(value, dict):
        return {key: _resolved(one, named) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, named) for one in value]
    if not isinstance(value, str):
        return value
    whole = _NAMED.fullmatch(value)
    if whole and named.get((whole[1], whole[2])) is not None:
        return named[whole[1], whole[2]]
    return _NAMED.sub(lambda one: text(named.get((one[1], one[2]))) or one[0], value)


def _shown(module: Mapping[str, Any], expressions: Mapping[str, Any]) -> Iterator[Resource]:
    """The resources of a module and of those in it, as `terraform show -json` has them."""
    for one in mappings(module.get("resources", [])):
        address, type_name = text(one.get("address")), text(one.get("type"))
        plain = re.sub(r"\[[^\]]*\]", "", address)
        values = _with_references(mapping(one.get("values")), mapping(expressions.get(plain)), plain)
        yield from _resource(address, type_name, values)
    for inner in mappings(module.get("child_modules", [])):
        yield from _shown(inner, expressions)


def _expressions(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """What the configuration of a plan says of each resource, by its address."""
    for one in mappings(module.get("resources", [])):
        yield prefix + text(one.get("address")), one.get("expressions")
    for name, call in mapping(module.get("module_calls")).items():
        yield from _expressions(mapping(mapping(call).get("module")), f"{prefix}module.{name}.")


def _with_references(values: Mapping[str, Any], expressions: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Planned values with what is not known before it is applied: ids of others, which become their addresses."""
    made = dict(values)
    prefix = re.match(r"((module\.[\w-]+\.)*)", address)
    for key, expression in expressions.items():
        if isinstance(expression, dict) and made.get(key) is None and isinstance(expression.get("references"), list):
            named = next((one for one in expression["references"] if _ADDRESS.match(text(one))), None)
            if named:
                made[key] = f"${{{prefix[1] if prefix else ''}{text(named)}}}"
        elif isinstance(expression, list) and isinstance(made.get(key), list):
            made[key] = [_block(one, mappings(expression), address) for one in mappings(made[key])]
    return made


def _block(values: Mapping[str, Any], expressions: Sequence[Mapping[str, Any]], address: str) -> dict[str, Any]:
    """A planned block with the references of its expression: blocks of a set have no order, but equal constants."""
    for one in expressions:
        constants = {key: each["constant_value"] for key, each in one.items() if "constant_value" in mapping(each)}
        if all(values.get(key) == value for key, value in constants.items()):
            return _with_references(values, one, address)
    return dict(values)


def _resource(address: str, type_name: str, values: Mapping[str, Any]) -> Iterator[Resource]:
    if "connect_" not in type_name:
        return
    kind = kind_of(type_name)
    own = {"queue": "queue_id", "profile": "routing_profile_id", "hours": "hours_of_operation_id", "user": "user_id"}
    keys = [address, re.sub(r"\[[^\]]*\]", "", address), text(values.get(own.get(kind, "id"))), text(values.get("arn"))]
    yield Resource(kind, address, _flat(values), [key for key in keys if key])


def _flat(value: Any) -> Any:
    """The value with references as the addresses that they name."""
    if isinstance(value, dict):
        return {key: _flat(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_flat(one) for one in value]
    if isinstance(value, str) and (found := _ADDRESS.fullmatch(value.strip())) and "${" in value:
        return found[1]
    return value
