"""What an agent's screens are measured with: ``python -m bench.workplace`` in a desk's home.

Writes a talk of twenty and one of two thousand messages and two views of one agent; counts each
view some times and looks at its plan. Prints JSON: ``cookie``, ``short`` and ``long`` (numbers of
tickets), ``views`` (address, seconds of each count, lines of the plan).
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.staff import sit_down

if TYPE_CHECKING:
    from otklik.tickets.models import Ticket

SHORT, LONG = 20, 2000
QUERIES = {
    "of my team": "status:open team:me priority>=high updated<2d",
    "urgent": "unfinished:yes priority:urgent",
}
_TIMES = 60
_WORDS = "Помпа гудит громко, кофе льётся тонкой струйкой, мастер был вчера и обещал вернуться. "


def main() -> int:
    from otklik.project.start import set_up

    set_up()
    from django.conf import settings

    from otklik.tickets.models import Ticket

    key = sit_down(1)[0]
    first, second = Ticket.objects.order_by("pk")[:2]
    talk(first, SHORT)
    talk(second, LONG)
    found = {
        "cookie": f"{settings.SESSION_COOKIE_NAME}={key}",
        "short": first.number,
        "long": second.number,
        "views": {name: view(name, query) for name, query in QUERIES.items()},
    }
    print(json.dumps(found))
    return 0


def talk(ticket: Ticket, count: int) -> None:
    """Give the ticket's main thread as many messages."""
    from otklik.core.db import write
    from otklik.tickets.models import Direction, Message, MessageBody, Thread

    thread = Thread.objects.get(ticket=ticket, is_main=True)
    missing = count - Message.objects.filter(ticket=ticket).count()
    for begin in range(0, max(missing, 0), 200):
        with write():
            made = Message.objects.bulk_create(
                Message(
                    ticket=ticket,
                    thread=thread,
                    direction=Direction.IN,
                    author_id=ticket.requester_id,
                    author_kind="customer",
                    channel="email",
                )
                for _ in range(min(200, missing - begin))
            )
            MessageBody.objects.bulk_create(
                MessageBody(message=row, text=_WORDS * 3, reply_text=_WORDS * 3) for row in made
            )


def view(name: str, query: str) -> dict[str, Any]:
    from django.utils import timezone

    from otklik.core.vocabulary.language import read_query
    from otklik.people.actors import actor_for_user
    from otklik.people.models import User
    from otklik.tickets.queries import walking
    from otklik.workspace.actions.views import create_view
    from otklik.workspace.models import View
    from otklik.workspace.queries.views import question_of

    actor = actor_for_user(User.objects.get(email="agent0@bench.example"))
    known = View.objects.filter(owner_id=actor.person_id, name=name).first()
    made = known or create_view(actor, name=name, query=read_query("ticket", query))
    question = question_of(actor, made, walking.minute(timezone.now()))
    assert question is not None
    assert question.statement is not None
    seconds = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        walking.run(question.statement)
        seconds.append(time.perf_counter() - began)
    plan = walking.explain(question.statement)
    return {"address": f"/tickets/?view={made.pk}", "seconds": seconds, "plan": plan}


if __name__ == "__main__":
    sys.exit(main())
