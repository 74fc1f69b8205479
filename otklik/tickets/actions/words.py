"""Storing a message with its body and files: the part every writing action shares."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from otklik.core import files
from otklik.core.access import Actor, ActorKind
from otklik.core.db.rows import insert_linked
from otklik.kit.html import SANITISER_VERSION
from otklik.people.models import Identity, Person
from otklik.tickets.contract import Words
from otklik.tickets.models import (
    Attachment,
    DeliveryState,
    Direction,
    Message,
    MessageBody,
    MessageKind,
    Thread,
    Ticket,
)


def voice_of(actor: Actor) -> str:
    """Whose words they are: an agent's token speaks as the agent."""
    return ActorKind.AGENT.value if actor.kind is ActorKind.TOKEN else actor.kind.value


def author_of(actor: Actor) -> Person | None:
    if actor.person_id is None:
        return None
    return Person.objects.filter(pk=actor.person_id).first()


def hash_external_id(external_id: str) -> str:
    """16 hex digits, "" for "": what the index holds of an id that may be 998 bytes long."""
    if not external_id:
        return ""
    return hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def new_message(
    thread: Thread,
    *,
    direction: str,
    author: Person | None,
    author_kind: str,
    author_identity: Identity | None = None,
    kind: str = MessageKind.PUBLIC,
    channel: str = "",
    automation: str = "",
    external_id: str = "",
    is_automatic: bool = False,
    is_hidden: bool = False,
    delivery_state: str = DeliveryState.NONE,
    client_key: UUID | None = None,
    sent_at: datetime | None = None,
    created_at: datetime | None = None,
    account_id: int | None = None,
) -> Message:
    """A message that is not stored yet (`keep_message`); its thread may not be either."""
    return Message(
        ticket_id=thread.ticket_id,
        thread=thread,
        kind=kind,
        direction=direction,
        author_kind=author_kind,
        author=author,
        author_identity=author_identity,
        channel=channel or thread.channel,
        account_id=account_id or thread.account_id,
        external_id=external_id[:998],
        external_hash=hash_external_id(external_id[:998]),
        automation=automation,
        is_automatic=is_automatic,
        is_hidden=is_hidden,
        delivery_state=delivery_state,
        client_key=client_key,
        sent_at=sent_at,
        created_at=created_at or timezone.now(),
    )


def keep_note(
    actor: Actor,
    ticket: Ticket,
    words: Words,
    *,
    client_key: UUID | None = None,
    created_at: datetime | None = None,
) -> Message:
    """Store a note beside the talk with the customer. Inside the caller's transaction."""
    note = new_message(
        ticket.threads.get(is_main=True),
        kind=MessageKind.NOTE,
        direction=Direction.INTERNAL,
        author_kind=voice_of(actor),
        author=author_of(actor),
        client_key=client_key,
        created_at=created_at,
    )
    return keep_message(note, words)


def keep_message(message: Message, words: Words) -> Message:
    """Store a new message with its words; holds their blobs. Inside the caller's transaction."""
    body = body_of(words)
    insert_linked((message, {}), (body, {"message": message}))
    keep_files(message, words)
    return message


def body_of(words: Words) -> MessageBody:
    """Of a message that may not be stored yet; holds the raw original."""
    if words.raw is not None:
        files.hold(words.raw)
    return MessageBody(
        subject=words.subject[:998],
        text=words.text,
        html=words.html,
        reply_text=words.reply_text or words.text,
        sanitiser_version=SANITISER_VERSION,
        addresses=dict(words.addresses),
        authentication=dict(words.authentication),
        reading=dict(words.reading) if words.reading else None,
        raw=words.raw,
    )


def keep_files(message: Message, words: Words) -> None:
    """What comes with the words of a stored message."""
    for stored in words.files:
        files.hold(stored.blob)
    if words.files:
        Attachment.objects.bulk_create(
            Attachment(
                message=message,
                blob=stored.blob,
                name=stored.name[:255] or "file",
                content_type=stored.content_type[:127],
                size=stored.blob.size,
                content_id=stored.content_id[:255],
                is_inline=stored.is_inline,
            )
            for stored in words.files
        )
