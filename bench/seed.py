"""A desk of a given size, written in bulk. Run as ``python -m bench.seed 10000`` in its home."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PASSWORD = "bench-only-loopback"
ADMINISTRATOR = "admin@bench.example"
MAILBOX = "support@bench.example"
TOKENS = 12
MESSAGES = 5  # per ticket
DAYS = 365

_SUBJECTS = (
    "Кофемашина не греет воду", "Не приходит код для входа", "Счёт выставлен на старое юрлицо",
    "Delivery is late again", "Замена помпы по гарантии", "Помол стал крупнее", "Акт сверки",
    "Нужен второй фильтр", "Обучить новых бариста", "Steam pressure drops", "Возврат заказа",
)  # fmt: skip
_WORDS = (
    *("вода", "бойлер", "датчик", "ошибка", "экран", "помпа", "фильтр", "счёт", "договор", "заказ"),
    *("доставка", "партия", "зерно", "помол", "мастер", "выезд", "гарантия", "ремонт", "замена"),
    *("курьер", "склад", "накладная", "клапан", "давление", "пар", "молоко", "чистка", "утром"),
    *("завтра", "сегодня", "пришлите", "проверьте", "посмотрите", "спасибо", "ждём", "срочно"),
    *("boiler", "sensor", "pump", "invoice", "delivery", "order", "grinder", "steam", "warranty"),
)


def main() -> int:
    from otklik.project.start import set_up

    set_up()
    from otklik.project.preparing import confirm_keys, initialise, migrate

    migrate()
    confirm_keys()
    initialise()
    tokens = seed(int(sys.argv[1]))
    Path(os.environ["OTKLIK_HOME"], "bench.json").write_text(json.dumps({"tokens": tokens}))
    return 0


def seed(tickets: int) -> list[str]:
    """Fill an empty desk; the tokens with which REST is measured."""
    from bench.rows import catch_up_sequences, insert
    from otklik.core.events.models import EventRow
    from otklik.core.search.models import SearchDocument
    from otklik.people.models import Identity, Person
    from otklik.tickets.models import Message, MessageBody, NumberSequence, Participant, Thread
    from otklik.tickets.models import Ticket as TicketRow

    ground, tokens = _furnish()
    people = max(50, tickets // 5)
    begin = 1000  # ids of people written here; staff have the lower ones
    insert(Person, _people(people, begin))
    insert(Identity, _identities(people, begin))
    plan = Plan(tickets, people, begin, ground)
    insert(TicketRow, plan.tickets())
    insert(Thread, plan.threads())
    insert(Participant, plan.participants())
    insert(Message, plan.messages())
    insert(MessageBody, plan.bodies())
    insert(EventRow, plan.events())
    insert(SearchDocument, plan.documents())
    NumberSequence.objects.update_or_create(name="ticket", defaults={"last": tickets})
    catch_up_sequences(
        Person, Identity, TicketRow, Thread, Participant, Message, EventRow, SearchDocument
    )
    _analyse()
    return tokens


class Plan:
    """What is derived from a ticket's id alone, so that every table tells the same."""

    def __init__(self, tickets: int, people: int, begin: int, ground: Mapping[str, Any]) -> None:
        self.count = tickets
        self.people = people
        self.begin = begin
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
        return self.begin + pk * 7919 % self.people

    def subject(self, pk: int) -> str:
        return f"{_SUBJECTS[pk % len(_SUBJECTS)]} {pk % 997}"

    def text(self, pk: int, place: int) -> str:
        return _text(pk * MESSAGES + place)

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
                "subject": self.subject(pk),
                "status_id": self.ground["statuses"][kind],
                "status_kind": kind,
                "is_unfinished": not is_done,
                "kind": "incident" if pk % 3 else "question",
                "priority": (20, 20, 20, 30, 10, 40)[pk % 6],
                "brand_id": self.ground["brand"],
                "team_id": self.ground["teams"][pk % len(self.ground["teams"])],
                "assignee_id": None if pk % 4 == 0 else self.ground["agents"][pk % 3],
                "requester_id": self.person(pk),
                "requester_identity_id": self.person(pk),
                "account_id": self.ground["account"],
                "language": "ru",
                "created_at": self.created(pk),
                "updated_at": last,
                "solved_at": last if is_done else None,
                "closed_at": last if kind == "closed" else None,
                "last_channel": "email",
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
                "channel": "email",
                "subject": self.subject(pk),
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
                "channel": "email",
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
                "subject": self.subject(pk),
                "text": text,
                "reply_text": text,
            }

    def events(self) -> Iterator[dict[str, Any]]:
        for pk, place in self._places():
            name = "message.received" if place % 2 == 0 else "ticket.replied"
            at = self.said_at(pk, place)
            message = (pk - 1) * MESSAGES + place + 1
            data: dict[str, Any] = {"message_id": message, "thread_id": pk}
            data["channel" if place % 2 == 0 else "recipients"] = "email" if place % 2 == 0 else {}
            if place == 0:
                name = "ticket.opened"
                data = {"message_id": message, "channel": "email"}
            yield {
                "id": message + 1000,
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
        from otklik.core.search.documents import prepare_document

        for pk in range(1, self.count + 1):
            words = "\n".join(self.text(pk, place) for place in range(MESSAGES))
            made = prepare_document(
                "ticket",
                pk,
                title=self.subject(pk),
                body=f"{pk}\n{words}",
                scopes=["staff", f"team:{self.ground['teams'][pk % len(self.ground['teams'])]}"],
                at=self.said_at(pk, MESSAGES - 1),
            )
            yield {
                "id": pk + 1_000_000,
                **{
                    name: getattr(made, name)
                    for name in ("kind", "object_id", "at", "indexed_at", "keys", "title", "body")
                },
                "tokens": made.tokens,
            }

    def _places(self) -> Iterator[tuple[int, int]]:
        return ((pk, at) for pk in range(1, self.count + 1) for at in range(MESSAGES))


def _text(seed_of: int) -> str:
    dice = random.Random(seed_of)  # noqa: S311  the same desk every time
    words = dice.choices(_WORDS, k=dice.randrange(18, 60))
    return " ".join(words) + f" {seed_of % 9973}"


def _people(count: int, begin: int) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for at in range(count):
        name = f"Клиент {at:06d}"
        yield {"id": begin + at, "name": name, "sort_name": name.casefold(), "created_at": now}


def _identities(count: int, begin: int) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for at in range(count):
        yield {
            "id": begin + at,
            "person_id": begin + at,
            "kind": "email",
            "value": f"c{at}@customers.example",
            "is_primary": True,
            "created_at": now,
        }


def _furnish() -> tuple[dict[str, Any], list[str]]:
    from otklik.core.access import SYSTEM
    from otklik.core.db import write
    from otklik.desk.actions import create_account
    from otklik.desk.brands import default_brand
    from otklik.people import roles
    from otklik.people.actions import create_agent, create_team, hash_password
    from otklik.people.actions.tokens import create_token
    from otklik.people.models import User
    from otklik.tickets.models import Status

    hashed = hash_password(PASSWORD)
    with write():
        teams = [create_team(SYSTEM, name=name) for name in ("First", "Second")]
        held = (roles.ADMINISTRATOR, roles.AGENT)
        agents = [
            create_agent(
                SYSTEM,
                name=name,
                email=mail,
                roles_held=held,
                teams=teams[:1],
                password_hash=hashed,
            )
            for name, mail in (
                ("Admin", ADMINISTRATOR),
                ("Second", "second@bench.example"),
                ("Third", "third@bench.example"),
            )
        ]
        account = create_account(
            SYSTEM,
            kind="email",
            name="Support",
            address=MAILBOX,
            brand=default_brand(),
            config={"acknowledge": False},
        )
    user = User.objects.get(email=ADMINISTRATOR)
    tokens = [create_token(SYSTEM, user, name=f"bench {at}")[1] for at in range(TOKENS)]
    ground = {
        "brand": default_brand().pk,
        "account": account.pk,
        "teams": [team.pk for team in teams],
        "agents": [agent.pk for agent in agents],
        "persons": [agent.person_id for agent in agents],
        "statuses": dict(Status.objects.values_list("kind", "pk")),
    }
    return ground, tokens


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    sys.exit(main())
