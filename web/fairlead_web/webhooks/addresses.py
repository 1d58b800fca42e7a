"""Which addresses may be asked: whoever may name a webhook must not reach what only this machine can."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from fairlead.errors import InvalidSetting

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """The host has an address that may not be asked; it is asked at none."""


def read_networks(text: str) -> list[Network]:
    """Networks as a setting has them, `10.0.0.0/8,192.168.1.7`. Raises InvalidSetting."""
    try:
        return [ip_network(one.strip()) for one in text.split(",") if one.strip()]
    except ValueError as failure:
        raise InvalidSetting(f"FAIRLEAD_WEBHOOK_NETWORKS: {failure}") from failure


def address_of(host: str, port: int, networks: Sequence[Network]) -> Address:
    """The address at which the host is asked, and at no other one: a name cannot lead elsewhere afterwards.

    Raises AddressRefused, and OSError when it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return allowed(host, [ip_address(str(one[4][0]).partition("%")[0]) for one in found], networks)


def allowed(host: str, addresses: Sequence[Address], networks: Sequence[Network]) -> Address:
    """The first of a host's addresses. Raises AddressRefused when any of them is neither public nor in a network."""
    for one in addresses:
        if not (is_of(one, networks) or _is_public(one)):
            raise AddressRefused(f"{host} is {one}, which is not public: FAIRLEAD_WEBHOOK_NETWORKS may allow it")
    return addresses[0]


def is_of(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the address is in one of the networks."""
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    inner = _within(address)
    return address.is_global and not address.is_multicast and (inner is None or _is_public(inner))


def _within(address: Address) -> IPv4Address | None:
    """The address of IPv4 that an address of IPv6 stands for, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
