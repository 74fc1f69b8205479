"""Playing the plan through the write doors, ten steps a transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from otklik.core import files
from otklik.core.access import Actor, ActorKind, Origin
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.events.registry import list_listeners
from otklik.core.files.models import Blob
from otklik.people.actors import actor_for_user
from otklik.people.models import User
from otklik.project.demo import pictures
from otklik.project.demo.furnishing import Desk
from otklik.project.demo.history import Moment, Talk
from otklik.project.demo.made import DEMO
from otklik.tickets.actions import (
    add_note,
    assign_ticket,
    change_status,
    change_ticket,
    open_ticket,
    receive_message,
    reply_to_ticket,
    tag_ticket,
    transfer_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients, StoredFile, Words
from otklik.tickets.models import Priority, StatusKind, Ticket

STEP = 10
_PRIORITIES = {each.name.lower(): each.value for each in Priority}
_STATUSES = {
    "solved": StatusKind.SOLVED,
    "pending": StatusKind.PENDING,
    "hold": StatusKind.ON_HOLD,
}
# What the loader does itself afterwards, in one go: search documents.
SEARCH_LISTENERS = frozenset({"tickets.search", "people.search"})


@dataclass(slots=True)
class Stage:
    """What playing needs again and again."""

    desk: Desk
    actors: dict[int, Actor]
    files: dict[str, list[StoredFile]]


def set_stage(desk: Desk) -> Stage:
    users = User.objects.filter(person__agent__in=desk.agents.values())
    by_person = {user.person_id: user for user in users.select_related("person__agent")}
    actors = {
        agent.pk: actor_for_user(by_person[agent.person_id]).coming_from(Origin.DEMO)
        for agent in desk.agents.values()
    }
    return Stage(desk, actors, _store_files())


def play(stage: Stage, moments: list[Moment]) -> None:
    """One transaction's worth of steps; the search hears of them later."""
    prepared = [(moment, _words(stage, moment)) for moment in moments]
    last = EventRow.objects.aggregate(last=Max("pk"))["last"] or 0
    with write():
        touched: dict[int, datetime] = {}
        for moment, words in prepared:
            _take(stage, moment, words)
            if moment.talk.opened is not None:
                touched[moment.talk.opened.ticket.pk] = moment.at
        for pk, at in touched.items():
            Ticket.objects.filter(pk=pk).update(updated_at=at)
        mark_heard(last)


def mark_heard(after: int) -> None:
    """Demo events that nobody but the search would hear need no dispatching."""
    rows = EventRow.objects.filter(pk__gt=after, origin=Origin.DEMO, dispatched_at=None)
    names = [
        name
        for name in rows.order_by().values_list("name", flat=True).distinct()
        if all(
            listener.name in SEARCH_LISTENERS
            for listener in list_listeners(name, in_transaction=False)
            if Origin.DEMO in listener.origins
        )
    ]
    rows.filter(name__in=names).update(dispatched_at=timezone.now())


def _take(stage: Stage, moment: Moment, words: Words) -> None:
    step, talk, at = moment.step, moment.talk, moment.at
    if talk.opened is None:
        _open(stage, talk, words, at)
        return
    ticket = talk.opened.ticket
    actor = stage.actors[moment.agent.pk] if moment.agent is not None else DEMO
    match step.what:
        case "customer":
            receive_message(
                _customer(talk),
                talk.opened.thread,
                words=words,
                author=talk.customer.person,
                identity=talk.customer.identity,
                channel="email" if talk.channel == "phone" else talk.channel,
                external_id=_message_id(talk),
                sent_at=at,
                occurred_at=at,
            )
        case "reply":
            reply_to_ticket(
                actor,
                ticket,
                words=words,
                recipients=Recipients(to=[talk.customer.identity]),
                status=_STATUSES.get(step.word, ""),
                occurred_at=at,
            )
        case "note":
            add_note(actor, ticket, words=words, occurred_at=at)
        case "transfer":
            team = stage.desk.teams[step.word]
            transfer_ticket(actor, ticket, team, reason=moment.text, occurred_at=at)
        case "priority":
            change_ticket(actor, ticket, {"priority": _PRIORITIES[step.word]}, occurred_at=at)
        case "assign":
            assign_ticket(actor, ticket, moment.agent, occurred_at=at)
        case "solve":
            change_status(actor, ticket, StatusKind.SOLVED, occurred_at=at)
        case "close":
            fresh = Ticket.objects.only("status_kind").get(pk=ticket.pk)
            if fresh.status_kind == StatusKind.SOLVED:
                change_status(DEMO, ticket, StatusKind.CLOSED, reason="schedule", occurred_at=at)
        case _:
            raise ValueError(f"no such step: {step.what}")


def _open(stage: Stage, talk: Talk, words: Words, at: datetime) -> None:
    desk, scenario = stage.desk, talk.scenario
    is_abroad = talk.customer.language == "en"
    brand = desk.abroad if is_abroad else desk.brand
    mailbox = "abroad" if is_abroad else scenario.mailbox
    account = desk.accounts[mailbox]
    if talk.channel == "web":
        account = desk.accounts.get(f"web {brand.pk}", account)
    opened = open_ticket(
        stage.actors[talk.agent.pk] if talk.channel == "phone" else _customer(talk),
        subject=talk.subject,
        words=words,
        requester=talk.customer.person,
        identity=talk.customer.identity,
        brand=brand,
        channel=talk.channel,
        account=account,
        team=desk.teams[talk.team],
        kind=scenario.kind,
        priority=_PRIORITIES[scenario.priority],
        category=desk.categories[scenario.category],
        language=talk.customer.language,
        external_id=_message_id(talk) if talk.channel == "email" else "",
        sent_at=at,
        occurred_at=at,
    )
    talk.opened = opened
    for name in scenario.tags:
        tag_ticket(stage.actors[talk.agent.pk], opened.ticket, name, occurred_at=at)


def _customer(talk: Talk) -> Actor:
    """As a channel's intake lets somebody act in their own talk."""
    person = talk.customer.person
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=person.pk,
        person_id=person.pk,
        name=person.name,
        is_let_in=True,
        origin=Origin.DEMO,
    )


def _words(stage: Stage, moment: Moment) -> Words:
    """Texts made ready before the transaction."""
    attached = stage.files.get(moment.step.file, [])
    chosen = [moment.talk.dice.choice(attached)] if attached else []
    text = moment.text
    if moment.step.what == "reply" and moment.agent is not None and moment.agent.signature:
        text = f"{text}\n\n{moment.agent.signature}"
    words = written_by_hand(text=text, files=chosen, subject=moment.talk.subject)
    if moment.step.what != "customer":
        return words
    sender = moment.talk.customer
    addresses = {"from": {"address": sender.identity.value, "name": sender.person.name}}
    return Words(
        text=words.text,
        reply_text=words.text,
        subject=words.subject,
        files=chosen,
        addresses=addresses,
    )


def _message_id(talk: Talk) -> str:
    domain = talk.customer.identity.value.rpartition("@")[2]
    return f"{uuid.UUID(int=talk.dice.getrandbits(128)).hex}@{domain}"


def _store_files() -> dict[str, list[StoredFile]]:
    photos = [
        _stored(pictures.draw_png(name), name, "image/png")
        for name in ("экран-e07.png", "фото.png", "IMG_2041.png", "панель.png")
    ]
    act = ["Work: descaling, pressure test, new gaskets", "Result: passed", "Engineer: I. Vetrov"]
    invoice = [
        "Service visit",
        "Filter cartridge, 2 pcs",
        "Descaling agent, 5 l",
        "Total due in 14 days",
    ]
    certificate = [
        "EC declaration of conformity",
        "Low Voltage Directive 2014/35/EU",
        "Grain & Steam",
    ]
    return {
        "photo": photos,
        "act": [_stored(pictures.write_pdf("Act of work done", act), "акт-чистки.pdf", _PDF)],
        "invoice": [_stored(pictures.write_pdf("Invoice", invoice), "счёт.pdf", _PDF)],
        "certificate": [
            _stored(pictures.write_pdf("Certificate", certificate), "certificate-CE.pdf", _PDF)
        ],
    }


_PDF = "application/pdf"


def _stored(content: bytes, name: str, content_type: str) -> StoredFile:
    blob: Blob = files.store_blob(content)
    return StoredFile(blob=blob, name=name, content_type=content_type)
