"""The composer as it writes to a third party, and what is forwarded to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.kit.html import text_to_html
from otklik.kit.units import human_size
from otklik.people.models import Identity
from otklik.tickets.models import (
    Attachment,
    Audience,
    Draft,
    Message,
    MessageKind,
    Participant,
    Thread,
    Ticket,
)
from otklik.tickets.queries import list_messages
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries.ticket_page import (
    Composer,
    Recipient,
    Sender,
    get_composer,
    recipient_of,
)

MOST_FORWARDED = 100
_MOST_TEXT = 200_000
_ALL = "all"


@dataclass(frozen=True, slots=True)
class SideTalk:
    """One side conversation: whom it is with, by its first people."""

    id: int
    subject: str
    people: str
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    talks: list[SideTalk]
    current: SideTalk | None
    subject: str
    files: list[tuple[str, str, str]] = field(default_factory=list)  # token, name, size


def get_side_composer(
    actor: Actor, ticket: Ticket, seen: int, *, thread_id: int | None, forward: str = ""
) -> tuple[Composer, Side]:
    """For a new conversation, for one that there is, or with what is forwarded; as the draft of
    this one has it when nothing else is asked for."""
    composer = get_composer(actor, ticket, seen, kind="side")
    draft = Draft.objects.filter(
        ticket=ticket, author_id=actor.person_id, kind=MessageKind.SIDE
    ).first()
    kept = draft.recipients if draft is not None else {}
    is_fresh = thread_id is not None or bool(forward)
    if thread_id is None and not is_fresh and isinstance(kept.get("thread"), int):
        thread_id = kept["thread"]
    talks = list_talks(ticket.pk)
    current = next((one for one in talks if one.id == thread_id), None)
    to: list[Recipient] = composer.to
    if draft is None or is_fresh:
        to = _people_of(current.id) if current else []
        composer = replace(composer, cc=[], bcc=[])
    files: list[tuple[str, str, str]] = []
    html, subject = composer.html, str(kept.get("subject", ""))
    if forward:
        html, files = _forwarded(actor, ticket, forward)
        subject = f"Fwd: {ticket.subject}"[:300]
        if draft is not None and draft.html.strip():
            html = f"{draft.html}<hr>{html}"
    if current is not None and not kept.get("account"):
        composer = replace(composer, senders=_as_begun(composer.senders, current.account_id))
    composer = replace(composer, kind="side", to=to, html=html, is_open=True, troubles=[])
    composer = replace(composer, held_back=[], held_back_more=0, asked=[])
    return composer, Side(talks, current, subject or _about(ticket), files)


def list_talks(ticket_id: int) -> list[SideTalk]:
    """The side conversations of a ticket, oldest first."""
    found = list(_threads(ticket_id))
    people: dict[int, list[str]] = {thread.pk: [] for thread in found}
    if found:
        rows = Participant.objects.filter(thread__in=found, is_confirmed=True)
        for row in rows.select_related("identity__person").order_by("id"):
            people[row.thread_id].append(row.identity.person.name or str(row.identity))
    return [
        SideTalk(thread.pk, thread.subject, ", ".join(people[thread.pk][:3]), thread.account_id)
        for thread in found
    ]


def _as_begun(senders: list[Sender], account_id: int | None) -> list[Sender]:
    """The mailbox that the conversation goes through is chosen."""
    if all(one.id != account_id for one in senders):
        return senders
    return [replace(one, is_chosen=one.id == account_id) for one in senders]


def only_recipient(actor: Actor, ticket: Ticket, message_id: int) -> Recipient | None:
    """Who wrote a message of the talk with the customer, to be answered alone."""
    rows = Message.objects.filter(
        pk=message_id, ticket=ticket, kind=MessageKind.PUBLIC, is_hidden=False
    )
    message = rows.select_related("author_identity__person").first()
    if message is None or message.author_identity is None:
        return None
    identity: Identity = message.author_identity
    return recipient_of(identity) if identity.kind == "email" else None


def _about(ticket: Ticket) -> str:
    return ticket.subject[:300]


def _people_of(thread_id: int) -> list[Recipient]:
    rows = Participant.objects.filter(thread=thread_id, is_confirmed=True)
    return [recipient_of(row.identity) for row in rows.select_related("identity__person")]


def _forwarded(actor: Actor, ticket: Ticket, which: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Quoted words of one message, or of the talk with the customer: never notes, never what
    strangers or other third parties wrote unless that one message is meant."""
    every = [row for row in list_messages(actor, ticket) if row.kind != MessageKind.NOTE]
    if which == _ALL:
        chosen = [row for row in every if row.kind == MessageKind.PUBLIC and not row.is_hidden]
        chosen = [row for row in chosen if not row.is_automatic][-MOST_FORWARDED:]
    else:
        chosen = [row for row in every if str(row.pk) == which]
    words, room = ["<p></p>"], _MOST_TEXT
    files: list[tuple[str, str, str]] = []
    for row in chosen:
        text = (row.body.text or row.body.reply_text)[:room]
        room -= len(text)
        words.append(f"<p>{escape(_heading(row))}</p><blockquote>{text_to_html(text)}</blockquote>")
        files += _files(row.attachments.all())
    return "".join(words), files


def _heading(row: Message) -> str:
    name = row.author.name if row.author else ""
    when = moment_words(timezone.localtime(row.created_at))
    return _("%(who)s wrote %(when)s:") % {"who": name or _("Somebody"), "when": when}


def _files(rows: Iterable[Attachment]) -> list[tuple[str, str, str]]:
    return [(row.token, row.name, human_size(row.size)) for row in rows if not row.is_inline]


@spelt_once
def _threads(ticket_id: int) -> QuerySet[Thread]:
    rows = Thread.objects.filter(Q(is_main=False), ticket=ticket_id, audience=Audience.STAFF.value)
    return rows.order_by("id")[:50]
