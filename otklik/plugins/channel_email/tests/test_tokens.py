from __future__ import annotations

import pytest

from otklik.plugins.channel_email import tokens

KEYS = {"k2bbbbbb": b"2" * 32, "k1aaaaaa": b"1" * 32}
OLD = {"k1aaaaaa": b"1" * 32}
OLGA = "olga@polden.example"


def test_a_token_names_its_ticket_and_holds_for_its_recipient_alone() -> None:
    token = tokens.make_token(4812, OLGA, keys=KEYS)

    claim = tokens.read_token(token)

    assert claim is not None
    assert claim.ticket == 4812
    assert tokens.is_token_for(token, 4812, OLGA, keys=KEYS)
    assert not tokens.is_token_for(token, 4812, "alexey@zernopar.example", keys=KEYS)
    assert not tokens.is_token_for(token, 4813, OLGA, keys=KEYS)


def test_case_is_lost_on_the_way_and_does_not_matter() -> None:
    token = tokens.make_token(1, OLGA, keys=KEYS)

    assert tokens.is_token_for(token.upper(), 1, OLGA.upper(), keys=KEYS)
    assert token == token.lower()


def test_a_token_outlives_a_rotated_key_and_not_a_lost_one() -> None:
    token = tokens.make_token(7, OLGA, keys=OLD)

    assert tokens.is_token_for(token, 7, OLGA, keys=KEYS)
    assert not tokens.is_token_for(token, 7, OLGA, keys={"k3cccccc": b"3" * 32})


@pytest.mark.parametrize("ticket", [1, 255, 256, 4812, 10**9, (1 << 40) - 1])
def test_the_local_part_keeps_within_64_characters(ticket: int) -> None:
    token = tokens.make_token(ticket, OLGA, keys=KEYS)
    address = tokens.plus_address("support@demo.example", token)

    assert len(address.partition("@")[0]) <= 64
    claim = tokens.read_token(token)
    assert claim is not None
    assert claim.ticket == ticket


def test_a_mailbox_with_a_long_name_gets_no_token() -> None:
    token = tokens.make_token(1, OLGA, keys=KEYS)
    mailbox = f"{'x' * 50}@demo.example"

    assert tokens.plus_address(mailbox, token) == mailbox


def test_only_well_formed_tokens_of_our_own_mailboxes_are_picked_up() -> None:
    token = tokens.make_token(4812, OLGA, keys=KEYS)
    own = frozenset({"support@demo.example"})
    addresses = [
        f"support+{token}@demo.example",
        f"support+{token}@elsewhere.example",
        "support+sales@demo.example",
        "support@demo.example",
    ]

    assert tokens.find_tokens(addresses, own_addresses=own) == (token,)


def test_a_changed_token_proves_nothing() -> None:
    token = tokens.make_token(4812, OLGA, keys=KEYS)
    for position in range(len(token) - 1):
        changed = (
            token[:position] + ("a" if token[position] != "a" else "b") + token[position + 1 :]
        )
        claim = tokens.read_token(changed)
        if claim is not None:
            assert not tokens.is_token_for(changed, claim.ticket, OLGA, keys=KEYS)
