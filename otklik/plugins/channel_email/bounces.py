"""Delivery reports: RFC 3464, complaints (RFC 5965) and the free text that so many servers write.

Reads only; that a report is about a letter of ours is proven elsewhere (``channels.bouncing``), by
our Message-ID or signed address in what it brings back. Nothing here raises for what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32

from otklik.channels.contract import BouncedRecipient, BounceKind, BounceReport

from . import headers
from .addresses import find_address, parse_addresses
from .bounce_words import is_only_delayed, judge, read_status
from .charsets import decode
from .headers import Fields
from .tokens import find_tokens

MAX_RECIPIENTS = 100
MAX_DETAIL = 500
MAX_READ = 262_144  # of a part
_RETURNED = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",  # RFC 6533
}
_STATUS_PARTS = {"message/delivery-status", "message/global-delivery-status"}
# Where the words end and the letter that came back begins.
_COPY = re.compile(
    r"^[ >|*=~-]{0,40}(?:"
    r"below this line is a copy of the message|"
    r"this is a copy of (?:the|your) message|(?:the )?body of the (?:original )?message|"
    r"original message(?: headers)?|message header(?:s)? follow|message log follows|"
    r"included is a copy|your (?:original )?message (?:headers? )?(?:follows|is attached)|"
    r"header of (?:the )?original message|headers of (?:the )?(?:original|returned) message|"
    r"returned message|unsent message below|"
    r"исходное (?:письмо|сообщение)|заголовк\w+ исходного (?:письма|сообщения)|"
    r"копия (?:вашего )?(?:письма|сообщения)|текст (?:вашего )?письма|"
    r"ursprüngliche nachricht|kopfzeilen der (?:originalnachricht|nachricht)|"
    r"message original|en-têtes du message d'origine"
    r")\b.{0,80}$",
    re.IGNORECASE | re.MULTILINE,
)
_BARE_HEAD = re.compile(
    r"^(?:Return-Path|Received|DKIM-Signature|Message-ID): ", re.MULTILINE | re.I
)
_ADDRESS = re.compile(
    r"(?<![^\s<>\"'()\[\],;:|@])[^\s<>\"'()\[\],;:|@]{1,100}@"
    r"[^\s<>\"'()\[\],;:|@]{1,250}\.[^\s<>\"'()\[\],;:|.@]{1,60}"
)
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_DIALECTS = (
    ("qmail", re.compile(r"this is the qmail-send program|qmail-send", re.IGNORECASE)),
    ("exim", re.compile(r"created automatically by mail delivery software", re.IGNORECASE)),
    ("postfix", re.compile(r"this is the mail system at host", re.IGNORECASE)),
    ("sendmail", re.compile(r"the original message was received at", re.IGNORECASE)),
    ("mail.ru", re.compile(r"сервером mail\.ru|corp\.mail\.ru", re.IGNORECASE)),
    ("yandex", re.compile(r"mailer-daemon@yandex|mail system at host.*yandex", re.I | re.S)),
    ("rambler", re.compile(r"rambler", re.IGNORECASE)),
    ("yahoo", re.compile(r"unable to deliver your message to the following address", re.I)),
    ("domino", re.compile(r"your (?:document|message):?[\s\S]{0,200}was not delivered to", re.I)),
    ("communigate", re.compile(r"communigate", re.IGNORECASE)),
)


def read_bounce(
    message: Message,
    fields: Fields,
    text: str,
    *,
    own_addresses: frozenset[str] = frozenset(),
) -> BounceReport:
    """What a report says, as far as it can be understood. ``recipients`` may be empty."""
    parts = list(_walk(message))
    words, copied = _split_copy(text)
    returned = _returned_head(parts) or _head_in(copied)
    recipients: list[BouncedRecipient] = []
    dialect = ""
    for part in parts:
        kind = part.get_content_type()
        if kind in _STATUS_PARTS and not recipients:
            recipients, dialect = list(_by_status(part, words)), "rfc3464"
        elif kind == "message/feedback-report":
            recipients, dialect = list(_complaint(part, returned)), "rfc5965"
    if not recipients:
        named = fields.raw_all("x-failed-recipients")
        own = own_addresses | {one.address for one in parse_addresses(fields.raw("from"))}
        recipients = _by_words(words, fields.text("subject"), named, returned, own)
        dialect = _dialect(f"{fields.raw('from')}\n{text[:20_000]}")
    return BounceReport(
        recipients=tuple(recipients[:MAX_RECIPIENTS]),
        external_ids=_ids(returned, fields),
        tokens=_tokens(returned, own_addresses),
        dialect=dialect,
    )


def _walk(message: Message, depth: int = 0) -> Iterator[Message]:
    """The report's own parts: those of the letter it brings back are not walked into."""
    yield message
    if depth > 5 or message.get_content_type() in (_RETURNED | _STATUS_PARTS):
        return
    payload = message.get_payload()
    if isinstance(payload, list):
        for part in payload[:50]:
            if isinstance(part, Message):
                yield from _walk(part, depth + 1)


def _by_status(part: Message, words: str) -> Iterator[BouncedRecipient]:
    for block in _blocks(part):
        address = _typed(block.raw("final-recipient")) or _typed(block.raw("original-recipient"))
        original = _typed(block.raw("original-recipient"))
        action = block.word("action")
        if not (address or action):
            continue
        detail = block.text("diagnostic-code").partition(";")[2].strip()
        detail = _line(detail or block.text("diagnostic-code") or _near(words, address))
        status = read_status(block.raw("status")) or read_status(detail)
        yield BouncedRecipient(
            # What we wrote to, where the other side forwards elsewhere.
            address=original or address,
            kind=judge(detail, status=status, action=action),
            status=status,
            detail=detail,
        )


def _blocks(part: Message) -> list[Fields]:
    """A delivery-status part is groups of header fields with empty lines between them."""
    payload = part.get_payload()
    inner = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    if part.get_content_type() not in {"message/global-delivery-status"} and any(
        len(one.keys()) for one in inner
    ):
        return [Fields(one) for one in inner[:MAX_RECIPIENTS]]
    source = part
    if inner:
        source = inner[0]
        # An encoded part was parsed as fields: its transfer encoding stands on the part.
        source["Content-Transfer-Encoding"] = part.get("Content-Transfer-Encoding", "")
    text = _content(source)
    pieces = [piece for piece in re.split(r"\n[ \t]*\n", text) if piece.strip()]
    return [_head(piece) for piece in pieces[:MAX_RECIPIENTS]]


def _complaint(part: Message, returned: Fields) -> Iterator[BouncedRecipient]:
    """RFC 5965: a reader pressed "spam". Reports about authentication are none of that."""
    found = _blocks(part) or [_head(_content(part))]
    told = next((one for one in found if "feedback-type" in one), None)
    if told is None or told.word("feedback-type") not in {"abuse", "fraud", "other"}:
        return
    named = [find_address(one) for one in told.raw_all("original-rcpt-to")]
    if not any(named):
        # Providers take the address out of the report (RFC 6590); the letter still has it.
        named = [one.address for one in parse_addresses(returned.raw("to"))][:1]
    for address in named or [""]:
        yield BouncedRecipient(address, BounceKind.COMPLAINT, detail=told.word("feedback-type"))


def _by_words(
    words: str, subject: str, named: list[str], returned: Fields, own: frozenset[str]
) -> list[BouncedRecipient]:
    """Addresses in the text before the returned letter, each with the words that follow it."""
    written_to = [
        one.address for name in ("to", "cc") for one in parse_addresses(returned.raw(name))
    ]
    found: dict[str, int] = {}
    for hit in _ADDRESS.finditer(words):
        address = find_address(hit[0].strip(".*=/"))
        if address and address not in own and not address.startswith(("postmaster@", "mailer-da")):
            found.setdefault(address, hit.end())
    told = [one.address for value in named for one in parse_addresses(value)]
    wanted = told or [one for one in found if one in written_to] or list(found)[:5] or written_to
    is_delayed = is_only_delayed(f"{subject}\n{words}")
    recipients = []
    for address in dict.fromkeys(wanted):
        detail = _line(_after(words, found[address], found.values()) if address in found else "")
        status = read_status(detail) or read_status(words)
        about = words
        if _says_something(detail):
            # «Получатель olga@polden.example не найден»: the sentence began before the address.
            line = words[words.rfind("\n", 0, found[address]) + 1 : found[address]]
            about = f"{line.lower().replace(address, '')} {detail}"
        kind = BounceKind.DELAYED if is_delayed else judge(f"{about}\n{subject}", status=status)
        recipients.append(BouncedRecipient(address, kind, status, detail or _line(words)))
    if not recipients and words.strip():
        kind = BounceKind.DELAYED if is_delayed else judge(f"{words}\n{subject}")
        recipients.append(BouncedRecipient("", kind, read_status(words), _line(words)))
    return recipients


def _says_something(detail: str) -> bool:
    return len(detail) > 8


def _after(words: str, start: int, starts: Iterable[int]) -> str:
    """What stands between one address and the next, or the end."""
    later = [at for at in starts if at > start]
    end = min([start + 2000, *later])
    piece = words[start:end].lstrip(">)]*: \t")
    # The next address' own beginning belongs to it.
    return piece.rpartition("\n")[0] or piece if later else piece


def _near(words: str, address: str) -> str:
    at = words.lower().find(address) if address else -1
    return words[at + len(address) : at + len(address) + 600].lstrip(">): \t") if at >= 0 else ""


def _split_copy(text: str) -> tuple[str, str]:
    """(the report's own words, what of our letter follows them)."""
    found = _COPY.search(text)
    if found is not None:
        return text[: found.start()], text[found.end() :]
    found = _BARE_HEAD.search(text)
    if found is not None:
        return text[: found.start()], text[found.start() :]
    return text, ""


def _returned_head(parts: list[Message]) -> Fields | None:
    for part in parts:
        if part.get_content_type() not in _RETURNED:
            continue
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if isinstance(inner, Message) and len(inner.keys()):
            return Fields(inner)
        return _head(_content(part))
    return None


def _head_in(copied: str) -> Fields:
    """The header of a letter quoted in plain text, whatever stands before it and in its margin."""
    lines = [re.sub(r"^[>| ]{0,4}(?=[A-Za-z-]+:)", "", one) for one in copied.split("\n")[:400]]
    start = next((n for n, one in enumerate(lines) if re.match(r"[A-Za-z-]+: ?\S", one)), None)
    if start is None:
        return _head("")
    return _head("\n".join(lines[start:]))


def _head(text: str) -> Fields:
    return Fields(HeaderParser(policy=compat32).parsestr(text.lstrip("\r\n")[:MAX_READ]))


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        inner = part.get_payload()
        return str(inner) if isinstance(inner, str) else ""
    return decode(payload[:MAX_READ], part.get_content_charset() or "")[0].replace("\r\n", "\n")


def _ids(returned: Fields, fields: Fields) -> tuple[str, ...]:
    """Our letter's Message-ID: from what came back, then from what the report says it answers."""
    own = [headers.message_id(returned.raw("message-id"))]
    return tuple(dict.fromkeys(one for one in [*own, *headers.references(fields)] if one))[:20]


def _tokens(returned: Fields, own_addresses: frozenset[str]) -> tuple[str, ...]:
    addresses = [
        one.address
        for name in ("reply-to", "from", "return-path", "sender")
        for one in parse_addresses(returned.raw(name))
    ]
    return find_tokens(addresses, own_addresses=own_addresses)


def _typed(value: str) -> str:
    """``rfc822; olga@polden.example`` without its type."""
    value = value.rpartition(";")[2].strip().strip("<>")
    # RFC 6533 §3: letters beyond ASCII, where the report itself must do without them.
    return find_address(_ESCAPED.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), value))


def _dialect(text: str) -> str:
    return next((name for name, pattern in _DIALECTS if pattern.search(text)), "text")


def _line(text: str) -> str:
    return " ".join(text.split())[:MAX_DETAIL]
