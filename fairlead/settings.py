"""Settings from the environment, read once at the edge. A misspelt one is refused, not ignored."""

import os
from collections.abc import Mapping
from difflib import get_close_matches

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fairlead.errors import InvalidSetting

PREFIX = "FAIRLEAD_"

DAY_S = 86_400.0

_NAMES = "use 1 to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit"


class Settings(BaseSettings):
    """`FAIRLEAD_<NAME>` for each field."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    redis_url: SecretStr | None = Field(
        None, description="address of Redis, of its Sentinels or of its cluster; without it the embedded server"
    )
    instance: str = Field("fairlead", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="the instance's name")
    home: str | None = Field(None, description="folder in which the embedded server keeps its data")
    monitor_token: SecretStr | None = Field(None, description="bearer token that the monitor's pages require")
    agent: str | None = Field(None, description="the agent of an RQ contact worker")
    handler: str | None = Field(None, description="the handler of an RQ contact worker")
    webhook_networks: str = Field("", description="one's own networks that webhooks may reach, as `10.0.0.0/8`")
    handler_limit: str = Field("", description="seconds that it may take, as `30` or `voice=600,Sales:chat=90`")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises InvalidSetting, naming the variable as it was typed."""
    given = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in given:
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name.removeprefix(PREFIX), [one.removeprefix(PREFIX) for one in known], n=1)
            hint = f"did you mean {PREFIX}{close[0]}?" if close else f"there are {', '.join(sorted(known))}"
            raise InvalidSetting(f"{name}: no such setting; {hint}")
    values = {name[len(PREFIX) :].lower(): value for name, value in given.items() if name in known}
    try:
        return Settings(**values)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as failure:
        first = failure.errors()[0]
        is_name = first["type"] == "string_pattern_mismatch"
        why = f"{first['input'][:80]!r} is not a valid name: {_NAMES}" if is_name else first["msg"]
        raise InvalidSetting(f"{PREFIX}{str(first['loc'][0]).upper()}: {why}") from failure


def checked_number(option: str, value: float, least: float, most: float) -> float:
    """The number itself when it is from `least` to `most`; "nan" and "inf" are none to us.

    Raises InvalidSetting.
    """
    if least <= value <= most:
        return value
    raise InvalidSetting(f"{option} {value:g} is not possible: give a number from {least:g} to {most:,g}")
