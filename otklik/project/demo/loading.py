"""Loading the demo company: furnish the desk, play half a year, index it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone, translation

from otklik.core import settings
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.hooks.program import Progress
from otklik.core.search.rebuilding import rebuild
from otklik.desk import company as desk_company
from otklik.people.models import Agent
from otklik.project.demo.furnishing import Desk, backdate, furnish
from otklik.project.demo.habits import make_habits
from otklik.project.demo.history import DAYS, Moment, plan
from otklik.project.demo.made import DEMO, LOADED_AT, MADE, recall
from otklik.project.demo.playing import STEP, mark_heard, play, set_stage
from otklik.project.demo.present import make_present
from otklik.project.demo.removing import remove
from otklik.project.stopping import Stop
from otklik.tickets.models import Message, ReadMark, Ticket

TICKETS = 450


def is_empty() -> bool:
    """Nobody has worked here yet; what an interrupted load has left does not count."""
    others = Agent.objects.exclude(pk__in=recall(Agent))
    return not (Ticket.objects.exclude(origin="demo").exists() or others.exists())


def load(progress: Progress, *, tickets: int = TICKETS) -> Sequence[tuple[str, str, str]]:
    """Returns the accounts to print. Raises Stop where somebody works already."""
    if not is_empty():
        raise Stop("this desk has agents or tickets already; the demo goes into an empty one.")
    if settings.get(MADE):
        remove(lambda _done, _total: None)
    with translation.override("ru"):
        return _load(progress, tickets)


def _load(progress: Progress, tickets: int) -> Sequence[tuple[str, str, str]]:
    now = timezone.now()
    before = EventRow.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    desk, accounts = furnish()
    make_habits()
    with write():
        mark_heard(before)
    backdate(now - timedelta(days=DAYS))
    moments = plan(desk, now, tickets)
    total = len(moments) + tickets
    stage = set_stage(desk)
    for start in range(0, len(moments), STEP):
        play(stage, moments[start : start + STEP])
        progress(min(start + STEP, len(moments)), total)
    _read(desk, moments)
    make_present(desk, stage, now)
    for kind in ("person", "organisation"):
        rebuild(kind)
    rebuild("ticket", lambda done: progress(len(moments) + done, total))
    with write():
        for key in (LOADED_AT, desk_company.SET_UP_AT):
            settings.put(DEMO, key, now.isoformat())
        mark_heard(before)
    progress(total, total)
    return accounts


def _read(desk: Desk, moments: list[Moment]) -> None:
    """Agents have read what is not quite fresh. No facts, hence no doors."""
    dice = random.Random(len(moments))  # noqa: S311  no secret
    fresh = timezone.now() - timedelta(hours=14)
    last = dict(
        Message.objects.filter(ticket__origin="demo", created_at__lt=fresh)
        .order_by("pk")
        .values_list("ticket_id", "pk")
    )
    marks = [
        ReadMark(ticket_id=ticket, person_id=agent.person_id, message_id=message)
        for ticket, message in last.items()
        for agent in desk.agents.values()
        if dice.random() < 0.97
    ]
    for start in range(0, len(marks), 200):
        with write():
            ReadMark.objects.bulk_create(marks[start : start + 200], ignore_conflicts=True)
