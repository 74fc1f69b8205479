"""What a seeded desk holds: every table derived from a ticket's id alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import texts

MESSAGES = 5  # per ticket
DAYS = 365
TAGS = 12
CATEGORIES = 12
ORGANISATIONS = 20  # persons of each
# Ids written here begin far above whatever the sequences of a database in use have come to.
BEGIN = 1_000_000
# One ticket in so many is of the same customer, by the rare channel.
OF_THE_BUSIEST = 50
BY_THE_RARE_CHANNEL = 1000
RARE_CHANNEL = "portal"


class Plan:
    """What is derived from a ticket's id alone, so that every table tells the same."""

    def __init__(self, tickets: int, ground: Mapping[str, Any]) -> None:
        self.count = tickets
        self.people = max(50, tickets // 5)
        self.ground = ground
        self.now = datetime.now(UTC).replace(microsecond=0)

    def status_of(self, pk: int) -> str:
        """Most are done; the newest twentieth wants work."""
        if pk > self.count * 0.95:
            return ("new", "open", "open", "pending", "on_hold")[pk % 5]
        return "solved" if pk > self.count * 0.9 else "closed"

    def created(self, pk: int) -> datetime:
        return self.now - timedelta(days=DAYS) * (1 - pk / self.count) - timedelta(hours=6)

    def said_at(self, pk: int, place: int) -> datetime:
        return self.created(pk) + timedelta(minutes=37 * place)

    def person(self, pk: int) -> int:
        return BEGIN if pk % OF_THE_BUSIEST == 0 else BEGIN + pk * 7919 % self.people

    def organisation(self, person: int) -> int:
        return BEGIN + (person - BEGIN) // ORGANISATIONS

    def channel(self, pk: int) -> str:
        return "email" if pk % BY_THE_RARE_CHANNEL else RARE_CHANNEL

    def team(self, pk: int) -> int:
        teams: list[int] = self.ground["teams"]
        return teams[pk % len(teams)]

    def text(self, pk: int, place: int) -> str:
        return texts.text(pk * MESSAGES + place)

    def persons(self) -> Iterator[dict[str, Any]]:
        for at in range(self.people):
            name = f"Клиент {at:06d}"
            yield {
                "id": BEGIN + at,
                "name": name,
                "sort_name": name.casefold(),
                "organisation_id": self.organisation(BEGIN + at),
                "created_at": self.now,
            }

    def identities(self) -> Iterator[dict[str, Any]]:
        for at in range(self.people):
            yield {
                "id": BEGIN + at,
                "person_id": BEGIN + at,
                "kind": "email",
                "value": f"c{at}@customers.example",
                "is_primary": True,
                "created_at": self.now,
            }

    def organisations(self) -> Iterator[dict[str, Any]]:
        for at in range(self.organisation(BEGIN + self.people - 1) - BEGIN + 1):
            name = f"Кофейня {at:05d}"
            yield {
                "id": BEGIN + at,
                "name": name,
                "sort_name": name.casefold(),
                "created_at": self.now,
            }

    def tags(self) -> Iterator[dict[str, Any]]:
        """On a third of the tickets, each tag on half as many as the one before it."""
        for pk in range(3, self.count + 1, 3):
            yield {"id": pk, "ticket_id": pk, "tag_id": self.ground["tags"][_rank(pk // 3, TAGS)]}

    def tickets(self) -> Iterator[dict[str, Any]]:
        from otklik.tickets.bodies import snippet_of
        from otklik.tickets.contract import Words

        for pk in range(1, self.count + 1):
            kind = self.status_of(pk)
            last = self.said_at(pk, MESSAGES - 1)
            is_done = kind in ("solved", "closed")
            is_ours = MESSAGES % 2 == 0
            yield {
                "id": pk,
                "number": pk,
                "subject": texts.subject(pk),
                "subject_key": texts.subject(pk).casefold(),
                "status_id": self.ground["statuses"][kind],
                "status_kind": kind,
                "is_unfinished": not is_done,
                "kind": "incident" if pk % 3 else "question",
                "priority": (20, 20, 20, 30, 10, 40)[pk % 6],
                "brand_id": self.ground["brand"],
                "team_id": self.team(pk),
                "assignee_id": None if pk % 4 == 0 else self.ground["agents"][pk % 3],
                "requester_id": self.person(pk),
                "requester_identity_id": self.person(pk),
                "organisation_id": self.organisation(self.person(pk)),
                "category_id": self.ground["categories"][_rank(pk // 2, CATEGORIES)]
                if pk % 2
                else None,
                "account_id": self.ground["account"],
                "language": "ru",
                "created_at": self.created(pk),
                "updated_at": last,
                "solved_at": last if is_done else None,
                "closed_at": last if kind == "closed" else None,
                "last_channel": self.channel(pk),
                "last_message_at": last,
                "last_message_by": "agent" if is_ours else "customer",
                "snippet": snippet_of(Words(text=self.text(pk, MESSAGES - 1))),
                "waiting_since": None if is_done or is_ours else last,
                "message_count": MESSAGES,
                "version": MESSAGES,
            }

    def threads(self) -> Iterator[dict[str, Any]]:
        for pk in range(1, self.count + 1):
            yield {
                "id": pk,
                "ticket_id": pk,
                "account_id": self.ground["account"],
                "channel": self.channel(pk),
                "subject": texts.subject(pk),
                "created_at": self.created(pk),
            }

    def participants(self) -> Iterator[dict[str, Any]]:
        for pk in range(1, self.count + 1):
            yield {
                "id": pk,
                "thread_id": pk,
                "identity_id": self.person(pk),
                "role": "requester",
                "is_confirmed": True,
                "created_at": self.created(pk),
            }

    def messages(self) -> Iterator[dict[str, Any]]:
        for pk, place in self._places():
            is_ours = place % 2 == 1
            staff = self.ground["persons"][pk % 3]
            yield {
                "id": (pk - 1) * MESSAGES + place + 1,
                "ticket_id": pk,
                "thread_id": pk,
                "direction": "out" if is_ours else "in",
                "author_kind": "agent" if is_ours else "customer",
                "author_id": staff if is_ours else self.person(pk),
                "author_identity_id": None if is_ours else self.person(pk),
                "channel": self.channel(pk),
                "account_id": self.ground["account"],
                "delivery_state": "sent" if is_ours else "",
                "automation": "" if is_ours else "human",
                "created_at": self.said_at(pk, place),
            }

    def bodies(self) -> Iterator[dict[str, Any]]:
        for pk, place in self._places():
            text = self.text(pk, place)
            yield {
                "message_id": (pk - 1) * MESSAGES + place + 1,
                "subject": texts.subject(pk),
                "text": text,
                "reply_text": text,
            }

    def events(self) -> Iterator[dict[str, Any]]:
        for pk, place in self._places():
            name = "message.received" if place % 2 == 0 else "ticket.replied"
            at = self.said_at(pk, place)
            message = (pk - 1) * MESSAGES + place + 1
            data: dict[str, Any] = {"message_id": message, "thread_id": pk}
            if place % 2 == 0:
                data["channel"] = self.channel(pk)
            else:
                data["recipients"] = {}
            if place == 0:
                name = "ticket.opened"
                data = {"message_id": message, "channel": self.channel(pk)}
            yield {
                "id": BEGIN + message,
                "name": name,
                "ticket_id": pk,
                "person_id": self.person(pk) if place % 2 == 0 else None,
                "actor_kind": "customer" if place % 2 == 0 else "agent",
                "actor_id": self.person(pk),
                "brand_id": self.ground["brand"] if place == 0 else None,
                "origin": "import",
                "audience": "members",
                "data": data,
                "occurred_at": at,
                "recorded_at": at,
                "dispatched_at": at,
            }

    def documents(self) -> Iterator[dict[str, Any]]:
        """As `search.prepare_document` makes them, from stems known already."""
        from django.db import connection

        from otklik.core.search.tokens import key_tokens, title_tokens, vector

        is_postgresql = connection.vendor == "postgresql"
        for pk in range(1, self.count + 1):
            keys = key_tokens("ticket", ["staff", f"team:{self.team(pk)}"])
            title, body = title_tokens(texts.subject(pk)), [str(pk)]
            for seed in range(pk * MESSAGES, (pk + 1) * MESSAGES):
                body += texts.pooled(seed).stems
                body.append(texts.serial(seed))
            at = self.said_at(pk, MESSAGES - 1)
            yield {
                "id": BEGIN + pk,
                "kind": "ticket",
                "object_id": pk,
                "at": at,
                "indexed_at": at,
                "keys": " ".join(keys),
                "title": " ".join(title),
                "body": " ".join(body),
                "tokens": vector(keys, title, body) if is_postgresql else "",
            }

    def _places(self) -> Iterator[tuple[int, int]]:
        return ((pk, at) for pk in range(1, self.count + 1) for at in range(MESSAGES))


def _rank(number: int, most: int) -> int:
    """0 for half of all numbers, 1 for a quarter, and so on; ``most`` - 1 for what is left."""
    return min((number & -number).bit_length() - 1, most - 1) if number else most - 1
