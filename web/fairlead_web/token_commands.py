"""`fairlead tokens`: who may ask a server for HTTP."""

import re
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Column, print_lines, table
from fairlead.cli.output import print_json, say, stdout
from fairlead.cli.times import moment
from fairlead.errors import InvalidSetting
from fairlead.service.administrator import Administrator
from fairlead.service.tokens import SCOPES, Token

app = typer.Typer(help="Make, list and revoke the tokens of `fairlead serve`.", no_args_is_help=True)

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
_COLUMNS = (
    Column("token"), Column("name"), Column("scopes"), Column("agent", 1), Column("expires", 2),
    Column("last used", 2),
)


@app.command()
def create(
    scope: Annotated[list[str], typer.Option(help=f"May be repeated: {', '.join(SCOPES)}.")],
    agent: Annotated[str, typer.Option(help="The agent as which it works, with the scope work.")] = "",
    expires: Annotated[str, typer.Option(help="When it expires: 12h, 30d, 52w. Default: never.")] = "",
    name: Annotated[str, typer.Option(help="What events call who has it. Default: its id.")] = "",
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Make a token and print it, this once: the server keeps its digest only."""
    ends_s = _seconds(expires) if expires else None
    with Administrator.connect(redis, instance) as administrator:
        token, text = administrator.create_token(scope, agent=agent, expires_in_s=ends_s, name=name)
    if as_json:
        print_json({"token": text, **_shown(token)})
        return
    stdout.print(text, soft_wrap=True)
    say(f"keep it now, it is not shown again; to take it back: fairlead tokens revoke {token.token_id}")


@app.command("list")
def list_(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """List the tokens that have not expired, and when each was used last, to the hour."""
    with Administrator.connect(redis, instance) as administrator:
        found = administrator.tokens()
    if as_json:
        print_json([_shown(token) for token in found])
    elif found:
        print_lines(table(_COLUMNS, [_row(token) for token in found]))
    else:
        stdout.print("none")


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Its id, as `fairlead tokens list` shows it.")],
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Take a token back: servers refuse it within 5 s."""
    with Administrator.connect(redis, instance) as administrator:
        administrator.revoke_token(token)
    stdout.print(f"{token} is revoked", markup=False)


def _shown(token: Token) -> dict[str, Any]:
    return {name: value for name, value in asdict(token).items() if name != "digest"}


def _row(token: Token) -> list[str]:
    now_us = time.time_ns() // 1_000
    ends = moment(token.expires_us, now_us) if token.expires_us else "never"
    used = moment(token.used_us, now_us) if token.used_us else "never"
    return [token.token_id, token.name, " ".join(token.scopes), token.agent, ends, used]


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text)
    if not found:
        raise InvalidSetting(f"--expires {text[:40]!r} is no time: write a number and s, m, h, d or w, as in 30d")
    return int(found[1]) * _UNITS_S[found[2]]
