"""Traces of a person among what agents work with: their lists, texts, notes and waiting letters.

Each row is written as its table holds it, with the words given.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from otklik.core.access import Actor
from otklik.notify.models import Device, Notification, Pace, Preference
from otklik.people.models import Agent, CustomerNote, Organisation, Person, Segment
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.actions.merging import merge_tickets
from otklik.tickets.actions.side import open_side, write_to_side
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.bulk import begin_bulk
from otklik.tickets.models import (
    ChecklistTemplate,
    DraftHandover,
    Follower,
    NoteGuest,
    Reminder,
    SendingHabit,
    Status,
    Tag,
    Ticket,
    WaitingReply,
)
from otklik.tickets.tests.factories import identity_of, make_ticket
from otklik.workspace.models import (
    CannedReply,
    CannedText,
    Macro,
    Scope,
    Script,
    ScriptRun,
    View,
)


def leave_traces(
    actor: Actor, person: Person, own: Ticket, other: Ticket, *, name: str, secret: str
) -> None:
    """In ``other``, a ticket of somebody else that names ``person``, and in ``own``, theirs."""
    agent = Agent.objects.get(person_id=actor.person_id)
    soon = timezone.now() + timedelta(days=1)
    for ticket in (own, other):
        _in_ticket(actor, agent, person, ticket, f"{name}: {secret if ticket == own else 'asks'}")
        _unsent(agent, person, ticket, name, soon)
    _written_once(actor, agent, person, [own, other], name)
    _told(person, own)
    _aside(actor, person, other, name)
    _merged(actor, person, other, name)


def _in_ticket(actor: Actor, agent: Agent, person: Person, ticket: Ticket, words: str) -> None:
    add_checklist(actor, ticket, name=words[:90], items=[words])
    Reminder.objects.create(ticket=ticket, person=agent.person, due_at=timezone.now(), note=words)
    script = Script.objects.create(name="Handing over", sort_name="handing over", scope="shared")
    ScriptRun.objects.create(
        script=script,
        ticket=ticket,
        steps=[{"key": "q1", "question": "Who asks?"}],
        answers=[{"key": "q1", "value": words}],
    )
    NoteGuest.objects.create(thread=ticket.threads.get(is_main=True), identity=identity_of(person))
    Follower.objects.get_or_create(ticket=ticket, person=person)


def _unsent(agent: Agent, person: Person, ticket: Ticket, name: str, soon: datetime) -> None:
    address = identity_of(person).value
    for author in (agent.person, person):
        WaitingReply.objects.create(
            ticket=ticket,
            thread=ticket.threads.get(is_main=True),
            author=author,
            why="later",
            subject=f"For {name}",
            html=f"<p>Dear {name}</p>",
            recipients={"to": [address]},
            client_key=uuid4(),
            due_at=soon,
            held_words=f"{name} wrote",
            comment=f"Ask {name}",
        )
    DraftHandover.objects.create(
        ticket=ticket,
        giver=agent.person,
        receiver=agent.person,
        html=f"<p>{name}</p>",
        comment=f"Ask {name}",
        recipients={"to": [address]},
    )


def _written_once(
    actor: Actor, agent: Agent, person: Person, tickets: list[Ticket], name: str
) -> None:
    low = name.lower()
    note = [{"effect": "ticket.note", "params": {"text": f"{name} was here"}}]
    for owner, scope in ((None, Scope.SHARED), (person, Scope.PERSONAL)):
        kept = {"name": f"Of {name}", "sort_name": f"of {low}", "hint": f"When {name} asks"}
        hints = {"hints": {"ru": f"Когда пишет {name}"}}
        Macro.objects.create(
            **kept, **hints, labels={"en": name}, scope=scope, owner=owner, steps=note
        )
        Script.objects.create(
            **kept,
            **hints,
            labels={"en": name},
            scope=scope,
            owner=owner,
            steps=[{"key": "q1", "question": f"Is it {name}?"}],
        )
        canned = CannedReply.objects.create(**kept, **hints, scope=scope, owner=owner)
        CannedText.objects.create(canned=canned, html=f"<p>{name}</p>", text=name, search=low)
        View.objects.create(name=f"Of {name}", owner=owner, query={"q": f'"{name}"'})
    ChecklistTemplate.objects.create(
        name=f"Visit {name}",
        labels={"ru": f"К {name}"},
        hint=name,
        hints={"ru": name},
        items=[{"text": f"Call {name}", "labels": {"ru": f"Набрать {name}"}}],
    )
    Tag.objects.create(name=name, key=low, hint=f"For {name}", hints={"ru": name})
    Status.objects.filter(code="open").update(hint=name, hints={"ru": name})
    Segment.objects.create(
        name=f"Like {name}",
        sort_name=f"like {low}",
        match={"all": [{"field": "person.name", "operator": "is", "value": name}]},
    )
    about = Organisation.objects.create(name="Gidromash", sort_name="gidromash")
    CustomerNote.objects.create(organisation=about, author=agent.person, text=f"Ask {name}")
    CustomerNote.objects.create(person=person, author=agent.person, text=f"{name} is kind")
    begin_bulk(actor, [ticket.pk for ticket in tickets], note, title=f"As {name} wishes")


def _told(person: Person, ticket: Ticket) -> None:
    Notification.objects.create(
        person=person, topic="ticket.woken", thing_kind="ticket", thing_id=ticket.pk, event_id=1
    )
    Preference.objects.create(
        person=person,
        topic="ticket.woken",
        screen=True,
        sound=False,
        push=True,
        mail="digest",
        in_quiet_hours=False,
    )
    Pace.objects.create(person=person)
    Device.objects.create(
        person=person,
        name=f"Phone of {person.name}",
        host="push.example",
        endpoint_hash="vermilion",
        sealed="vermilion",
    )
    SendingHabit.objects.create(person=person)


def _aside(actor: Actor, person: Person, ticket: Ticket, name: str) -> None:
    side = open_side(actor, ticket, subject=f"About {name}", to=["parts@gidromash.example"])
    write_to_side(actor, side, words=written_by_hand(text=f"{name} wants a valve"))


def _merged(actor: Actor, person: Person, ticket: Ticket, name: str) -> None:
    """Another ticket of theirs, whose lists and values went into somebody else's."""
    gone = make_ticket(person, f"{name} again", "The vermilion curtain")
    add_checklist(actor, gone, name="Vermilion", items=["Look behind the vermilion curtain"])
    target = make_ticket(ticket.requester, "The pump")
    merge_tickets(actor, target, [gone], across_customers=True)
