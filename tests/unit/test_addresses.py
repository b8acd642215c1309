"""Who asks, as far as limits go: one of many addresses that somebody has is none of its own."""

from __future__ import annotations

import ipaddress

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.addresses import caller, network


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        # IPv4 in IPv6's clothes: a socket for both, and a translator.
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("64:ff9b::c000:207%3", "192.0.2.7"),
        # What a proxy or a socket says instead.
        ("", ""),
        ("unknown", "unknown"),
        ("192.0.2.7:443", "192.0.2.7:443"),
    ],
)
def test_an_address_is_counted_with_its_owner_s_others(address: str, counted_as: str) -> None:
    assert network(address) == counted_as
    client = (address, 1) if address else None
    assert caller(Request({"type": "http", "client": client})) == counted_as


@given(st.ip_addresses(v=6, network="2000::/3"), st.integers(0, 2**64 - 1))
def test_all_of_one_network_count_as_one(address: ipaddress.IPv6Address, other: int) -> None:
    beside = ipaddress.IPv6Address((int(address) >> 64 << 64) | other)
    elsewhere = ipaddress.IPv6Address(int(address) ^ (1 << 64))
    assert network(str(address)) == network(str(beside)) != network(str(elsewhere))
