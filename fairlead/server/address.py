"""What an address of Redis says: one server, Sentinels that know the master, or the nodes of a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import redis
from redis.connection import parse_url

from fairlead.errors import InvalidSetting
from fairlead.server.tls import TLSConnection

Host: TypeAlias = tuple[str, int]

Kind: TypeAlias = Literal["one", "sentinel", "cluster"]

_KINDS: dict[str, tuple[Kind, str, int]] = {
    "redis": ("one", "redis", 6379),
    "rediss": ("one", "rediss", 6379),
    "unix": ("one", "unix", 0),
    "redis+sentinel": ("sentinel", "redis", 26379),
    "rediss+sentinel": ("sentinel", "rediss", 26379),
    "redis+cluster": ("cluster", "redis", 6379),
    "rediss+cluster": ("cluster", "rediss", 6379),
}
"""What a scheme means: the kind, redis-py's scheme, and the port unless one is given."""

_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")

_TLS = ("ssl_ca_path", "ssl_cert_reqs", "ssl_check_hostname", "ssl_ciphers", "ssl_min_version", "ssl_password", *_FILES)
_POSITIVE = ("max_connections", "socket_connect_timeout", "socket_timeout")
_PLAIN = (
    "client_name", "db", "health_check_interval", "password", "protocol", "retry_on_timeout", "socket_keepalive",
    "username", *_POSITIVE,
)  # fmt: skip
"""What of redis-py's may stand behind the `?`; the rest is not for text, or is this program's business, as `protocol`,
too: it may be there, since other programs may share the address, and changes nothing.
"""

_FORMS = (
    "write redis://host:6379/0, rediss://... for TLS, unix:///path/to/socket, redis+sentinel://host,host,host/service "
    "or redis+cluster://host,host,host"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A Redis address, read. `options`: how redis-py connects to the server that serves; `asking`: how to `hosts`.

    `hosts`: the Sentinels, or some nodes of the cluster; none when the address is that of one server.
    """

    kind: Kind
    hosts: Sequence[Host]
    service: str
    options: dict[str, Any]
    asking: dict[str, Any]


def read_address(url: str) -> Address:
    """What a URL says. Raises InvalidSetting."""
    try:
        return _read(url)
    except ValueError as failure:
        told = f": {failure}" if isinstance(failure, _Told) else ""
        raise InvalidSetting(f"{masked(url)!r} is not a Redis address{told}: {_FORMS}") from failure


class _Told(ValueError):
    """Says to people what is wrong."""


def _read(url: str) -> Address:
    parts = urlsplit(url)
    if parts.scheme not in _KINDS:
        raise ValueError("no such scheme")
    kind, scheme, port = _KINDS[parts.scheme]
    if kind == "one":
        if scheme != "unix":
            _check_database(parts.path.strip("/"))
        return Address(kind, (), "", _checked(url), {})
    login, at, named = parts.netloc.rpartition("@")
    hosts = tuple(_host(one, port) for one in named.split(","))
    service, _, database = parts.path.strip("/").partition("/") if kind == "sentinel" else ("", "", parts.path[1:])
    if kind == "sentinel" and not service:
        raise _Told("the name of the service is missing")
    if kind == "cluster" and database not in ("", "0"):
        raise _Told("a cluster has no databases")
    _check_database(database)
    query = dict(parse_qsl(parts.query))
    own = {name: query.pop(f"sentinel_{name}") for name in ("username", "password") if f"sentinel_{name}" in query}
    plain = f"{scheme}://{login}{at}host/{database}?{urlencode(query)}"
    options = _checked(plain)
    del options["host"]
    asking = {name: value for name, value in options.items() if name not in ("username", "password", "db")}
    if kind == "cluster":
        own = {name: options[name] for name in ("username", "password") if name in options}
    return Address(kind, hosts, unquote(service), options, asking | own)


def _host(text: str, port: int) -> Host:
    name, colon, number = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        name, number = text, str(port)
    if not name or not number.isdigit() or not 0 < int(number) < 65_536:
        raise _Told(f"{text!r} is no host")
    return name.strip("[]"), int(number)


def _check_database(text: str) -> None:
    if text and not text.isdigit():
        raise _Told(f"{text!r} is not the number of a database")


def _checked(url: str) -> dict[str, Any]:
    """What redis-py reads there, once it is known to make sense."""
    try:
        options: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    except ValueError as failure:
        if str(failure).startswith("Invalid value for"):  # which names the option alone
            raise _Told(str(failure).rstrip(".")) from failure
        raise
    has_tls = options.get("connection_class") is redis.SSLConnection
    for name, value in options.items():
        if name not in ("connection_class", "host", "path", "port"):
            _check_option(name, value, has_tls=has_tls)
    if "ssl_keyfile" in options and "ssl_certfile" not in options:
        raise _Told("ssl_keyfile wants ssl_certfile beside it")
    if has_tls:
        options["connection_class"] = TLSConnection
    return options


def _check_option(name: str, value: Any, *, has_tls: bool) -> None:
    if name not in _PLAIN + _TLS:
        raise _Told(f"it has no option {name!r}; there are {', '.join(sorted(_PLAIN + _TLS))}")
    if name in _TLS and not has_tls:
        raise _Told(f"{name} is for TLS, which is written rediss://")
    if name in _POSITIVE and not value > 0:
        raise _Told(f"{name} is to be more than 0")
    if name in _FILES and not Path(value).is_file():
        raise _Told(f"{name} names {value!r}, which is no file")


def masked(url: str) -> str:
    """The URL without its passwords, for messages and logs."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:  # what cannot be read as a URL is not searched for a password
        return f"{url.partition(':')[0]}:..."
    if any("password" in name for name, _ in query):
        shown = "&".join(f"{name}={'***' if 'password' in name else value}" for name, value in query)
        parts = parts._replace(query=shown)
    if parts.password is not None:
        host = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{parts.username or ''}:***@{host}")
    return urlunsplit(parts)
