"""Raw bytes → ``InboundMessage``. Whatever is wrong with a mail becomes a note, not an error.

Only bytes in which no message can be found at all raise ``Unreadable``; the desk quarantines those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import compat32

from django.utils.translation import gettext_noop

from otklik.channels.contract import Address, Automation, InboundMessage
from otklik.kit.language import guess_language

from . import headers
from .addresses import find_address, parse_addresses
from .authentication import first_facts
from .bodies import Body, read_body
from .bounces import read_bounce
from .headers import Fields
from .protection.keys import DeskKeys
from .protection.opening import Opener
from .replies.separators import REPLY_SUBJECT
from .reply_text import split_letter
from .robots import recognise_automation
from .tokens import find_tokens
from .tree import Node, parse

MAX_SUBJECT = 990
_UNCHECKED = (Automation.OWN, Automation.BOUNCE)
MAX_SENDERS = 10
_HINT = re.compile(r"\[#(\d{1,12})\]")
_RETURNED_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^>\r\n]{1,998}>)", re.I | re.M)
UNKNOWN_SENDER = Address("unknown@sender.invalid")


class Unreadable(ValueError):
    """These bytes hold no message. The text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What the reader must know of the desk and of the account a mail came to."""

    own_addresses: frozenset[str] = frozenset()
    desk_ids: frozenset[str] = frozenset()
    trusted_hosts: tuple[str, ...] = ()
    own_lists: frozenset[str] = frozenset()
    keys: Callable[[], DeskKeys] = DeskKeys  # asked when a letter is signed or encrypted
    filter_hosts: tuple[str, ...] = ()  # spam filters that are believed
    is_checking: bool = False  # the desk looks at senders itself where no server has


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the transport said: the return path ("" null, None unknown) and the recipients."""

    sender: str | None = None
    recipients: tuple[str, ...] = ()
    client: Mapping[str, str] | None = None  # who connected: client_ip, helo


def read_message(
    raw: bytes, *, rules: ReadingRules = ReadingRules(), envelope: Envelope = Envelope()
) -> InboundMessage:
    """The message in ``raw``. Raises ``Unreadable`` and nothing else."""
    if not raw.strip():
        raise Unreadable(gettext_noop("empty message"))
    try:
        message = parse(raw)
        if not any(True for _ in message.fields.names()):
            raise Unreadable(gettext_noop("no header fields"))
        return _read(raw, message, rules, envelope)
    except Unreadable:
        raise
    except RecursionError as error:
        raise Unreadable(gettext_noop("parts nested too deeply")) from error
    except Exception as error:
        # A reader must not bring its caller down: what surprised it is kept for a newer reader.
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error


def _read(raw: bytes, message: Node, rules: ReadingRules, envelope: Envelope) -> InboundMessage:
    fields, kind = message.fields, message.kind
    body = read_body(message, opener=Opener(rules.keys, _claimed_sender(fields)))
    notes = [*body.notes]
    senders = _addresses(fields, "from") or _addresses(fields, "sender")
    sender = senders[0] if senders else _fallback_sender(fields, envelope)
    if not senders:
        notes.append("no readable From")
    elif len(senders) > 1:
        notes.append("several senders: the first counts, the others are copied")
    subject = fields.text("subject")[:MAX_SUBJECT]
    text = body.text
    digest = _digest(sender, fields, subject, body)
    external_id = headers.message_id(fields.raw("message-id"))
    if not external_id:
        external_id = f"{_made_up_id(fields, digest)}@missing.invalid"
        notes.append("no Message-ID")
    to, cc = _addresses(fields, "to"), (*_addresses(fields, "cc"), *senders[1:MAX_SENDERS])
    envelope_to = _envelope_to(fields, envelope)
    envelope_sender = _envelope_sender(fields, envelope)
    automation, reason = recognise_automation(
        fields,
        content_type=kind,
        report_type=message.parameters.text("report-type").lower(),
        sender=sender.address,
        envelope_sender=envelope_sender,
        desk_ids=rules.desk_ids,
        own_lists=rules.own_lists,
    )
    bounce = None
    if automation is Automation.BOUNCE:
        report = BytesParser(policy=compat32).parsebytes(message.whole)
        bounce = read_bounce(report, fields, text, own_addresses=rules.own_addresses)
    references = _references(fields, body, automation)
    reply_text = split_letter(
        body.segments,
        subject=subject,
        sender=sender.name,
        readers=_mailboxes(rules.own_addresses, envelope_to, (one.address for one in (*to, *cc))),
        is_first=not references and not REPLY_SUBJECT.match(subject),
    ).reply
    hint = _HINT.search(subject)
    return InboundMessage(
        channel="email",
        external_id=external_id,
        sender=sender,
        subject=subject,
        text=text,
        reply_text=reply_text,
        digest=digest,
        html=body.html,
        reply_to=_addresses(fields, "reply-to"),
        to=to,
        cc=cc,
        envelope_sender=envelope_sender,
        envelope_to=envelope_to,
        sent_at=headers.sent_at(fields),
        references=references,
        tokens=find_tokens(
            [*envelope_to, *(one.address for one in (*to, *cc))], own_addresses=rules.own_addresses
        ),
        ticket_hint=int(hint[1]) if hint else None,
        automation=automation,
        bounce=bounce,
        automation_reason=reason,
        language=guess_language(f"{subject}\n{reply_text}") or _claimed_language(fields),
        authentication=first_facts(
            fields,
            sender=sender.address,
            mail_from=envelope_sender,
            client=envelope.client,
            trusted_hosts=rules.trusted_hosts,
            filter_hosts=rules.filter_hosts,
            is_checking=rules.is_checking and automation not in _UNCHECKED,
        ),
        files=tuple(body.files),
        raw=raw,
        protection=dict(body.protection),
        invitation=dict(body.invitation),
        notes=tuple(dict.fromkeys(notes)),
    )


def _addresses(fields: Fields, name: str) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for raw in fields.raw_all(name):
        for address in parse_addresses(raw):
            found.setdefault(address.address, address)
    return tuple(found.values())


def _claimed_sender(fields: Fields) -> str:
    senders = _addresses(fields, "from")
    return senders[0].address if senders else ""


def _fallback_sender(fields: Fields, envelope: Envelope) -> Address:
    for field in ("reply-to", "resent-from", "x-original-from"):
        for found in _addresses(fields, field)[:1]:
            return found
    for value in (envelope.sender or "", fields.raw("return-path")):
        address = find_address(value)
        if address:
            return Address(address)
    name = fields.text("from")[:200]
    if not name:
        return UNKNOWN_SENDER
    # Of two who give a name and no address neither is taken for the other.
    mark = hashlib.sha256(name.casefold().encode("utf-8", "replace")).hexdigest()[:12]
    return Address(UNKNOWN_SENDER.address.replace("@", f"-{mark}@"), name)


def _envelope_sender(fields: Fields, envelope: Envelope) -> str | None:
    value = envelope.sender
    if value is None:
        if "return-path" not in fields:
            return None
        value = fields.raw("return-path")
    # An address we cannot read is not the null path of a machine: its mail is a person's.
    return (find_address(value) or None) if value.strip("<> \t") else ""


def _envelope_to(fields: Fields, envelope: Envelope) -> tuple[str, ...]:
    """What the transport named; an IMAP mailbox says nothing, its server's fields do."""
    values = list(envelope.recipients)
    if not values:
        for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"):
            values.extend(fields.raw_all(name))
    found = (find_address(value) for value in values)
    return tuple(dict.fromkeys(address for address in found if address))


def _references(fields: Fields, body: Body, automation: Automation) -> tuple[str, ...]:
    """A bounce seldom says what it answers; the letter it brings back does."""
    found = headers.references(fields)
    if automation is not Automation.BOUNCE:
        return found
    returned = [
        one
        for file in body.files
        if file.content_type in {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}
        for line in _RETURNED_ID.findall(file.content[:262_144])[:1]
        for one in headers.message_ids(line.decode("ascii", "replace"))
    ]
    return tuple(dict.fromkeys([*returned, *found]))


def _mailboxes(*addresses: Iterable[str]) -> frozenset[str]:
    """With their plus-addresses and without: a copied header may show either."""
    found = {one for several in addresses for one in several}
    return frozenset(found | {re.sub(r"\+[^@]*@", "@", one) for one in found})


def _claimed_language(fields: Fields) -> str:
    claim = fields.raw("content-language") or fields.raw("accept-language")
    found = re.match(r"\s*([a-z]{2,3})(?:[-_,;\s]|$)", claim.lower())
    return found[1] if found else ""


def _made_up_id(fields: Fields, digest: str) -> str:
    """Of copies of one letter the same. Devices that give neither id nor date say the same each
    time: what the first server wrote when it took the letter tells today's from yesterday's."""
    taken = [] if fields.raw("date") else fields.raw_all("received")
    if not taken:
        return digest[:40]
    words = f"{digest}\0{' '.join(taken[-1].split())}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:40]


def _digest(sender: Address, fields: Fields, subject: str, body: Body) -> str:
    """What makes two copies the same message, whichever way each of them travelled."""
    digest = hashlib.sha256()
    segments = "\x1e".join(f"{one.plain}\x1f{one.html}" for one in body.segments)
    for piece in (sender.address, fields.text("date"), subject, segments):
        digest.update(piece.strip().encode("utf-8", "replace") + b"\0")
    for file in body.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()
