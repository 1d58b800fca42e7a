"""Addresses of every kind are read, shown without passwords, and refused with what is wrong."""

from pathlib import Path

import pytest

from fairlead.errors import InvalidSetting
from fairlead.server.address import masked, read_address
from fairlead.server.connection import address_of, connect, connect_async


def test_sentinels_are_read_with_their_service_and_their_own_login() -> None:
    address = read_address(
        "redis+sentinel://ana:p%40ss@h1,h2:26380,[::1]:7/centre/2?sentinel_username=watcher&sentinel_password=se%26cret"
    )

    assert address.kind == "sentinel"
    assert list(address.hosts) == [("h1", 26379), ("h2", 26380), ("::1", 7)]
    assert address.service == "centre"
    assert address.options == {"username": "ana", "password": "p@ss", "db": 2}
    assert address.asking == {"username": "watcher", "password": "se&cret"}


def test_without_a_login_of_their_own_sentinels_get_none() -> None:
    assert read_address("redis+sentinel://ana:word@h1/centre").asking == {}


def test_nodes_of_a_cluster_are_asked_as_the_instance_is(tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    authority.touch()

    address = read_address(f"rediss+cluster://ana:word@h1,h2:7001?ssl_ca_certs={authority}")

    assert list(address.hosts) == [("h1", 6379), ("h2", 7001)]
    assert address.options == address.asking
    assert address.options["ssl_ca_certs"] == str(authority)
    assert "connection_class" in address.options


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("htp://somewhere", "write redis://host"),
        ("redis+sentinel://h1,h2", "the name of the service is missing"),
        ("redis+sentinel:///centre", "'' is no host"),
        ("redis+sentinel://h1:port/centre", "'h1:port' is no host"),
        ("redis+cluster://h1,h2:70000", "'h2:70000' is no host"),
        ("redis+cluster://h1/3", "a cluster has no databases"),
        ("rediss://h1?ssl_ca_certs=/no/such.pem", "ssl_ca_certs names '/no/such.pem', which is no file"),
        ("rediss+sentinel://h1/centre?ssl_keyfile=/no/such.pem", "ssl_keyfile names '/no/such.pem'"),
        ("redis+sentinel://ana:word@h1:x/centre?sentinel_password=word", "is no host"),
        ("redis://h1/production", "'production' is not the number of a database"),
        ("redis+sentinel://h1/centre/production", "'production' is not the number of a database"),
        ("redis://ana:word@h1?decode_responses=true", "it has no option 'decode_responses'; there are client_name, db"),
        ("redis+sentinel://h1/centre?sentinel_password=word&timeout=5", "it has no option 'timeout'"),
        ("redis://h1?ssl_ca_certs=/no/such.pem", "ssl_ca_certs is for TLS, which is written rediss://"),
        ("rediss://h1?ssl_keyfile=/dev/../etc/hostname", "ssl_keyfile wants ssl_certfile beside it"),
        ("rediss://h1?ssl_min_version=TLSv1_2", "Invalid value for 'ssl_min_version'"),
        ("redis://h1?max_connections=0", "max_connections is to be more than 0"),
        ("redis://h1?socket_timeout=-1", "socket_timeout is to be more than 0"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_without_its_passwords(url: str, told: str) -> None:
    for connecting in (connect, connect_async):
        with pytest.raises(InvalidSetting) as refusal:
            connecting(url)

        assert told in str(refusal.value)
        assert "word@" not in str(refusal.value)
        assert "=word" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:word@host:6379/0", "redis://user:***@host:6379/0"),
        ("redis://host?password=word&db=1", "redis://host?password=***&db=1"),
        ("unix://:word@/run/redis.sock", "unix://:***@/run/redis.sock"),
        ("rediss://h?ssl_password=word", "rediss://h?ssl_password=***"),
        (
            "redis+sentinel://u:word@h1:1,h2/centre?sentinel_password=word",
            "redis+sentinel://u:***@h1:1,h2/centre?sentinel_password=***",
        ),
        ("redis://[word", "redis:..."),
    ],
)
def test_an_address_is_shown_without_its_passwords(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_errors_name_those_who_are_asked() -> None:
    assert address_of(connect("redis+sentinel://u:word@h1,h2/centre")) == "h1:26379,h2:26379/centre"
    assert address_of(connect("redis+cluster://u:word@h1,h2:7")) == "h1:6379,h2:7"
