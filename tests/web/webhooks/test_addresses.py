"""Whoever may name a webhook reaches nothing that only this machine can reach."""

from ipaddress import ip_address

import pytest
from fairlead_web.webhooks.addresses import AddressRefused, address_of, allowed, read_networks

from fairlead.errors import InvalidSetting

NOT_PUBLIC = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::",
    "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_public_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="not public"):
        allowed("host", [ip_address(text)], [])
    with pytest.raises(AddressRefused, match="not public"):
        allowed("host", [ip_address("8.8.8.8"), ip_address(text)], [])


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_public_is_asked_at_its_first_address(text: str) -> None:
    assert allowed("host", [ip_address(text), ip_address("8.8.4.4")], []) == ip_address(text)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0"])
def test_a_name_of_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises((AddressRefused, OSError)):
        address_of(host, 80, [])


def test_ones_own_networks_may_be_allowed() -> None:
    networks = read_networks("127.0.0.0/8, 10.1.0.0/16,fd00::/8")

    assert str(address_of("127.0.0.1", 80, networks)) == "127.0.0.1"
    assert allowed("host", [ip_address("fd12::1")], networks) == ip_address("fd12::1")
    with pytest.raises(AddressRefused):
        allowed("host", [ip_address("10.2.0.1")], networks)
    assert read_networks("") == []


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everything", "10.0.0.0/40"])
def test_a_network_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="FAIRLEAD_WEBHOOK_NETWORKS"):
        read_networks(text)
