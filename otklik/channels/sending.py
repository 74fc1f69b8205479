"""The one way out: a delivery for each reply, carried by the channel's plug-in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.utils import timezone

from otklik.channels.contract import Address, OutboundFile, OutboundMessage, RecipientOutcome
from otklik.channels.framing import framed_apart
from otklik.channels.registry import find_channel
from otklik.channels.signatures import signature_for
from otklik.channels.threading import Way, holder_apart
from otklik.core import outbox
from otklik.core.db import write
from otklik.core.outbox.models import Delivery
from otklik.desk.accounts import (
    find_sending_account,
    own_addresses,
    report_failure,
    report_success,
)
from otklik.desk.builtin_texts import REPLY
from otklik.desk.models import Account
from otklik.desk.placeholders import Rich
from otklik.desk.texts import render_text
from otklik.kit.html import without_references
from otklik.people.models import Identity
from otklik.tickets.actions import hash_external_id
from otklik.tickets.actions.side import is_side
from otklik.tickets.homes import home_of
from otklik.tickets.models import DeliveryState, Direction, Message, MessageKind, NoteGuest, Thread
from otklik.tickets.placeholders import portal_address

# References grow with the talk; RFC 5322 §3.6.4 lets us drop from the middle.
MAX_REFERENCES = 20


def enqueue_reply(message: Message, recipients: dict[str, list[int]]) -> None:
    """In the reply's own transaction: its external id and its delivery. Where nothing can send,
    it is delivered by being shown."""
    account = _sending_account(message)
    channel = find_channel(account.kind) if account is not None else None
    identities = _writable(recipients, account.kind if account else "")
    reached = {identity.pk for identity in identities}
    recipients = {field: [pk for pk in pks if pk in reached] for field, pks in recipients.items()}
    if account is None or channel is None or not identities:
        Message.objects.filter(pk=message.pk).update(delivery_state="")
        return
    external_id = message.external_id or channel.make_external_id(
        account,
        f"m{message.pk}",
        ticket=home_of(message.thread).number,
        reader=_signed_for(message, identities[0].value) or identities[0].value,
    )
    Message.objects.filter(pk=message.pk).update(
        external_id=external_id,
        external_hash=hash_external_id(external_id),
        account=account,
    )
    outbox.enqueue(
        kind="message",
        key=f"message:{message.pk}",
        account_id=account.pk,
        subject_id=message.pk,
        ticket_id=message.ticket_id,
        recipients=[identity.value for identity in identities],
        payload={"recipients": recipients},
    )


def _sending_account(message: Message) -> Account | None:
    """The talk's own account; one that only takes in (the web form) is answered by mail."""
    account = message.account
    if account is not None and find_channel(account.kind) is not None:
        return account
    return find_sending_account(home_of(message.thread).brand_id)


def _writable(recipients: dict[str, list[int]], kind: str) -> list[Identity]:
    """Of this channel and not ourselves: what we send to us would come back as a new letter."""
    ids = [pk for pks in recipients.values() for pk in pks]
    own = own_addresses(kind)
    found = Identity.objects.filter(pk__in=ids, kind=kind)
    return [identity for identity in found if identity.value not in own]


class MessageCarrier:
    """Builds a ticket's message as its recipients get it and hands it to the channel."""

    def carry(self, delivery: Delivery) -> Sequence[RecipientOutcome]:
        message = (
            Message.objects.select_related(
                *("body", "ticket__brand", "account", "author"),
                *("thread__ticket__brand", "thread__came_from__brand"),
            )
            .filter(pk=delivery.subject_id or 0)
            .first()
        )
        if message is None or message.account is None:
            raise outbox.PermanentFailure("the message is gone")
        recipients = delivery.payload["recipients"]
        waiting = tuple(delivery.waiting_addresses())
        if message.kind == MessageKind.NOTE:
            recipients, waiting = _still_guests(message, recipients, waiting)
        outbound = build(message, recipients)
        outbound = replace(outbound, envelope=waiting)
        outcomes = _send(message.account, outbound, delivery.mark_in_window)
        if any(outcome.is_kept for outcome in outcomes):
            with write():
                Message.objects.filter(pk=message.pk).update(delivery_state=DeliveryState.TRAY)
        return outcomes


def _still_guests(
    message: Message, recipients: dict[str, list[int]], waiting: tuple[str, ...]
) -> tuple[dict[str, list[int]], tuple[str, ...]]:
    """Without those whose part in the notes has ended since. Raises PermanentFailure for none."""
    guests = NoteGuest.objects.filter(thread=message.thread_id, revoked_at=None)
    present = dict(guests.values_list("identity_id", "identity__value"))
    kept = tuple(address for address in waiting if address in present.values())
    if not kept:
        raise outbox.PermanentFailure("no guest takes part in these notes any more")
    return {name: [pk for pk in pks if pk in present] for name, pks in recipients.items()}, kept


class LetterCarrier:
    """Letters that are no message of a ticket: sign-in links, invitations, notifications."""

    def carry(self, delivery: Delivery) -> Sequence[RecipientOutcome]:
        sealed = delivery.unseal()
        if not sealed:
            raise outbox.PermanentFailure("the letter is gone")
        account = find_sending_account(delivery.payload.get("brand_id"))
        if account is None:
            raise outbox.TemporaryFailure("no mailbox can send yet")
        channel = find_channel(account.kind)
        if channel is None:
            raise outbox.PermanentFailure("no plug-in for this mailbox")
        to, number = delivery.payload["to"], delivery.payload.get("ticket")
        # A ticket's number makes it a letter that its reader may answer into the ticket.
        external_id = channel.make_external_id(account, f"l{delivery.pk}", ticket=number, reader=to)
        letter = OutboundMessage(
            external_id=external_id,
            sender=Address(account.address, account.brand.name),
            to=(Address(to),),
            subject=sealed["subject"],
            text=sealed["text"],
            html=sealed.get("html", ""),
            is_automatic=True,
            ticket=number,
            unsubscribe=sealed.get("unsubscribe", ""),
            language=delivery.payload.get("language", "en"),
        )
        return _send(account, letter, delivery.mark_in_window)


def _send(
    account: Account, message: OutboundMessage, entering: Callable[[], None]
) -> Sequence[RecipientOutcome]:
    channel = find_channel(account.kind)
    if channel is None:
        raise outbox.PermanentFailure("no plug-in speaks this channel")
    try:
        outcomes = channel.send(account, message, entering=entering)
    except outbox.TemporaryFailure as failure:
        report_failure(account, str(failure), way="out")
        raise
    report_success(account, sent_at=timezone.now())
    return outcomes


def build(message: Message, recipients: dict[str, list[int]]) -> OutboundMessage:
    """The message as the outside gets it. Reads only."""
    account = message.account
    assert account is not None
    ids = [pk for pks in recipients.values() for pk in pks]
    people = {
        identity.pk: Address(identity.value, identity.person.name)
        for identity in Identity.objects.filter(pk__in=ids, kind=account.kind).select_related(
            "person"
        )
    }
    earlier = _earlier_ids(message.thread, message)
    home = home_of(message.thread)
    language = home.language or account.language or account.brand.language
    text, html = _framed(message, account, language)
    return OutboundMessage(
        external_id=message.external_id,
        sender=Address(account.address, _sender_name(message, account)),
        to=tuple(people[pk] for pk in recipients.get("to", ()) if pk in people),
        cc=tuple(people[pk] for pk in recipients.get("cc", ()) if pk in people),
        bcc=tuple(people[pk] for pk in recipients.get("bcc", ()) if pk in people),
        subject=_subject(message),
        text=text,
        html=html,
        ticket=home.number,
        signed_for=_signed_for(message, _first_address(recipients, people)),
        in_reply_to=_answered_id(message) or (earlier[-1] if earlier else ""),
        references=tuple(earlier),
        is_automatic=message.is_automatic,
        files=tuple(
            OutboundFile(
                name=row.name,
                content_type=row.content_type,
                sha256=row.blob.sha256,
                size=row.size,
                content_id=row.content_id,
                is_inline=row.is_inline,
            )
            for row in message.attachments.select_related("blob")
        ),
        language=language,
    )


def _signed_for(message: Message, address: str) -> str:
    """Whom the way back is signed for where it leads apart from the customer's talk, else ""."""
    if not address:
        return ""
    if message.kind == MessageKind.NOTE:
        return holder_apart(address, message.thread, Way.NOTES)
    return holder_apart(address, message.thread, Way.SIDE) if is_side(message.thread) else ""


def _first_address(recipients: dict[str, list[int]], people: dict[int, Address]) -> str:
    ids = [*recipients.get("to", ()), *recipients.get("cc", ())]
    return next((people[pk].address for pk in ids if pk in people), "")


def _framed(message: Message, account: Account, language: str) -> tuple[str, str]:
    """An agent's words in the brand's letter, with their signature; our own letters as they are."""
    body = message.body
    if message.kind != MessageKind.PUBLIC:
        home = home_of(message.thread)
        signature = signature_for(message.author, home, account, language)
        return framed_apart(message, signature, account.language or account.brand.language)
    if message.is_automatic:
        return body.text, body.html
    home = home_of(message.thread)
    rendered = render_text(
        REPLY,
        home.brand,
        language,
        {
            "reply": Rich(body.text, without_references(body.html)),
            "agent": {
                "name": message.author.name if message.author else "",
                "signature": signature_for(
                    message.author, home_of(message.thread), account, language
                ),
            },
            "ticket": {
                "number": home.number,
                "url": portal_address(home.number),
            },
            "brand": {"name": account.config.get("sender_name") or home.brand.name},
        },
    )
    return rendered.text, rendered.html


def _sender_name(message: Message, account: Account) -> str:
    """As the account's ``sender_style`` says: the agent, the agent by way of us, or us."""
    config = account.config
    name = str(config.get("sender_name") or account.brand.name)
    style = config.get("sender_style")
    if style is None:
        style = "agent_via" if config.get("show_agent_name", True) else "mailbox"
    agent = message.author.name if message.author is not None else ""
    if not agent or style == "mailbox":
        return name
    return agent if style == "agent" else f"{agent} ({name})"


def _subject(message: Message) -> str:
    """The number in the subject helps people and clients that drop every header."""
    subject = message.body.subject or message.thread.subject or message.ticket.subject
    mark = f"[#{home_of(message.thread).number}]"
    if mark in subject:
        return subject
    if subject.lower().startswith("re: "):
        return f"Re: {mark} {subject[4:]}"
    return f"{mark} {subject}"


def _answered_id(message: Message) -> str:
    """The Message-ID of their last words, not of our acknowledgement after them."""
    if message.kind == MessageKind.NOTE:
        return ""
    theirs = Message.objects.filter(
        thread=message.thread, id__lt=message.pk, direction=Direction.IN, is_hidden=False
    )
    ids = theirs.exclude(external_id="").order_by("-id").values_list("external_id", flat=True)
    return ids.first() or ""


def _earlier_ids(thread: Thread, message: Message) -> list[str]:
    """Message-IDs of the talk, oldest first: the first one and the latest. A note for guests names
    notes alone: they were never in the talk it stands beside."""
    if message.kind == MessageKind.NOTE:
        notes = Message.objects.filter(
            thread=thread, id__lt=message.pk, kind=MessageKind.NOTE, author_identity=None
        )
        ids = notes.exclude(external_id="").order_by("-id").values_list("external_id", flat=True)
        return list(reversed(ids[:MAX_REFERENCES]))
    rows = (
        Message.objects.filter(thread=thread, id__lt=message.pk, is_hidden=False)
        .exclude(external_id="")
        .exclude(kind="note")
        .order_by("-id")
        .values_list("external_id", flat=True)[: MAX_REFERENCES - 1]
    )
    latest = list(reversed(rows))
    first = (
        Message.objects.filter(thread=thread, is_hidden=False)
        .exclude(external_id="")
        .exclude(kind="note")
        .order_by("id")
        .values_list("external_id", flat=True)
        .first()
    )
    if first and first not in latest and first != message.external_id:
        latest.insert(0, first)
    return latest
