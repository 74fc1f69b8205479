"""A message as programs write it: its words, said now or kept until their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from otklik.core.access import Actor
from otklik.core.rest.shapes import MAX_ID, Id
from otklik.desk.models import Account
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.actions.guests import write_note
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.contract import MAX_RECIPIENTS, Recipients, Words
from otklik.tickets.doors import find_status
from otklik.tickets.models import Message, Ticket, WaitingReply
from otklik.tickets.queries import propose_recipients
from otklik.tickets.rest.found import identities_of
from otklik.tickets.rest.shapes import DespiteIn, StatusCode
from otklik.tickets.reviewing import waits_for_mentor
from otklik.tickets.typed import Typed, typed_words

Text = Annotated[str, Field(max_length=1_000_000)]
Addresses = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=MAX_RECIPIENTS)]


class MessageIn(DespiteIn):
    kind: Literal["public", "note"] = "public"
    text: Text = ""
    html: Text = Field(
        "", description="Pictures in it: `cid:` and an upload's token, or `data:image/png;base64,`"
    )
    to: Addresses | None = Field(None, description="Left out: the recipients of `GET …/recipients`")
    cc: Addresses = []
    bcc: Addresses = []
    uploads: list[str] = Field([], max_length=50)
    mentions: list[Id] = Field(
        [], max_length=50, description="Persons of colleagues; in `html` as data-ref=person:7"
    )
    team_mentions: list[Id] = Field(
        [], max_length=20, description="Teams; in `html` as data-ref=team:3"
    )
    account: Id | None = Field(None, description="The mailbox; left out: the talk's own")
    status: StatusCode | None = Field(
        None, description="The status to go on with: a kind, or the code of one of one's own"
    )
    seen_message_id: int | None = Field(
        None, ge=0, le=MAX_ID, description="The last message known: a newer one is a conflict"
    )
    send_at: datetime | None = Field(None, description="Leave at that time, within a year")
    undo_seconds: int = Field(0, ge=0, le=60, description="Leave after so many seconds")
    goes_anyway: bool = Field(False, description="Also when a newer message crosses it")
    to_guests: bool = Field(False, description="A note is mailed to the guests of the notes")


def has_to_wait(actor: Actor, ticket: Ticket, data: MessageIn) -> bool:
    if data.kind != "public":
        return False
    is_later = data.send_at is not None or data.undo_seconds > 0
    return is_later or waits_for_mentor(actor, ticket, status=data.status or "")


def words_in(actor: Actor, data: MessageIn, *, waits: bool) -> Words:
    """Parses and stores: outside of transactions. Raises Missing for a file that is no longer
    there."""
    words = typed_words(actor, typed_in(data))
    if waits:
        return words
    named = [
        *words.references,
        *(("person", pk) for pk in data.mentions),
        *(("team", pk) for pk in data.team_mentions),
    ]
    return replace(words, references=list(dict.fromkeys(named)))


def write_now(
    actor: Actor,
    ticket: Ticket,
    data: MessageIn,
    words: Words,
    account: Account | None,
    key: UUID | None,
) -> Message:
    """Raises what `write_note` and `reply_to_ticket` raise."""
    if data.kind == "note":
        return write_note(actor, ticket, words=words, to_guests=data.to_guests, client_key=key)
    return reply_to_ticket(
        actor,
        ticket,
        words=words,
        recipients=_recipients(ticket, data),
        status=find_status(data.status or ""),
        despite=data.despite,
        seen_message_id=None if data.goes_anyway else data.seen_message_id,
        client_key=key,
        account_id=account.pk if account else None,
    )


def keep_reply(
    actor: Actor, ticket: Ticket, data: MessageIn, words: Words, key: UUID | None
) -> WaitingReply:
    """Raises what `send_or_wait` raises."""
    people = _recipients(ticket, data)
    to, cc, bcc = ([one.value for one in getattr(people, name)] for name in ("to", "cc", "bcc"))
    kept = send_or_wait(
        actor,
        ticket,
        typed=typed_in(data),
        to=To(to, cc, bcc, account=data.account),
        status=data.status or "",
        despite=data.despite,
        undo_seconds=data.undo_seconds,
        send_at=data.send_at,
        seen_message_id=data.seen_message_id,
        goes_anyway=data.goes_anyway,
        client_key=key,
        words=words,
    )
    if isinstance(kept, WaitingReply):
        return kept
    # The same request again, after it has left: what waited says so.
    assert kept.client_key is not None
    rows = WaitingReply.objects.select_related("thread__ticket", "author")
    return rows.get(client_key=kept.client_key)


def _recipients(ticket: Ticket, data: MessageIn) -> Recipients:
    if data.to is None:
        usual = propose_recipients(ticket)
        return Recipients(
            to=usual.to,
            cc=[*usual.cc, *identities_of(data.cc, "cc")],
            bcc=identities_of(data.bcc, "bcc"),
        )
    return Recipients(
        to=identities_of(data.to, "to"),
        cc=identities_of(data.cc, "cc"),
        bcc=identities_of(data.bcc, "bcc"),
    )


def typed_in(data: MessageIn) -> Typed:
    return Typed(data.html or data.text, bool(data.html), data.uploads)
