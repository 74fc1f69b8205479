"""A desk of a given size, written in bulk. Run as ``python -m bench.seed 10000`` in its home."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.plan import CATEGORIES, TAGS, Plan
from bench.rows import catch_up_sequences, in_bulk, insert

if TYPE_CHECKING:
    from django.db.models import Model

PASSWORD = "bench-only-loopback"
ADMINISTRATOR = "admin@bench.example"
MAILBOX = "support@bench.example"
TOKENS = 12


def main() -> int:
    from otklik.project.start import set_up

    set_up()
    from otklik.project.preparing import prepare

    prepare()
    tokens = seed(int(sys.argv[1]))
    Path(os.environ["OTKLIK_HOME"], "bench.json").write_text(json.dumps({"tokens": tokens}))
    return 0


def seed(tickets: int) -> list[str]:
    """Fill an empty desk; the tokens with which REST is measured."""
    from otklik.core.events.models import EventRow
    from otklik.core.search.models import SearchDocument
    from otklik.people.models import Identity, Organisation, Person
    from otklik.tickets.models import (
        Message,
        MessageBody,
        NumberSequence,
        Participant,
        Thread,
        TicketTag,
    )
    from otklik.tickets.models import Ticket as TicketRow

    ground, tokens = _furnish()
    plan = Plan(tickets, ground)
    written: dict[type[Model], Callable[[], Iterator[dict[str, Any]]]] = {
        Organisation: plan.organisations,
        Person: plan.persons,
        Identity: plan.identities,
        TicketRow: plan.tickets,
        TicketTag: plan.tags,
        Thread: plan.threads,
        Participant: plan.participants,
        Message: plan.messages,
        MessageBody: plan.bodies,
        EventRow: plan.events,
        SearchDocument: plan.documents,
    }
    with in_bulk(*written):
        for model, rows in written.items():
            insert(model, rows())
    NumberSequence.objects.update_or_create(name="ticket", defaults={"last": tickets})
    catch_up_sequences(*(model for model in written if model is not MessageBody))
    _analyse()
    return tokens


def _furnish() -> tuple[dict[str, Any], list[str]]:
    from otklik.core.access import SYSTEM
    from otklik.core.db import write
    from otklik.desk.actions import create_account
    from otklik.desk.brands import default_brand
    from otklik.people import roles
    from otklik.people.actions import create_agent, create_team, hash_password
    from otklik.people.actions.tokens import create_token
    from otklik.people.models import User
    from otklik.tickets.actions.sorting import create_category
    from otklik.tickets.models import Status, Tag

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
        roots = [create_category(SYSTEM, name=f"Root {at}") for at in range(2)]
        categories = [
            create_category(SYSTEM, name=f"Leaf {at}", parent=roots[at % 2])
            for at in range(CATEGORIES)
        ]
        tags = [Tag.objects.create(name=f"tag{at}", key=f"tag{at}") for at in range(TAGS)]
    user = User.objects.get(email=ADMINISTRATOR)
    tokens = [create_token(SYSTEM, user, name=f"bench {at}")[1] for at in range(TOKENS)]
    ground = {
        "brand": default_brand().pk,
        "account": account.pk,
        "teams": [team.pk for team in teams],
        "agents": [agent.pk for agent in agents],
        "persons": [agent.person_id for agent in agents],
        "categories": [category.pk for category in categories],
        "tags": [tag.pk for tag in tags],
        "statuses": dict(Status.objects.values_list("kind", "pk")),
    }
    return ground, tokens


def _analyse() -> None:
    """Statistics, and no work left over for the minutes in which figures are taken."""
    from django.db import connection

    is_alone = not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE" if connection.vendor == "postgresql" and is_alone else "ANALYZE"
        )
        if is_alone:
            is_sqlite = connection.vendor == "sqlite"
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)" if is_sqlite else "CHECKPOINT")


if __name__ == "__main__":
    sys.exit(main())
