"""All checks over one reply, as the desk has switched them."""

from __future__ import annotations

from collections.abc import Iterable

from otklik.core.settings import get_many, register
from otklik.people.models import Identity
from otklik.tickets.models import Direction, Message, MessageKind, Participant, Ticket
from otklik.workspace.proofreading.attachments import find_missing_file
from otklik.workspace.proofreading.findings import CHECKS, Draft, Finding, Talk
from otklik.workspace.proofreading.gaps import find_gaps
from otklik.workspace.proofreading.greeting import find_wrong_name
from otklik.workspace.proofreading.harsh import find_harsh_words
from otklik.workspace.proofreading.links import find_dead_links, warm_links
from otklik.workspace.proofreading.questions import find_unanswered

PREFIX = "replies.check_"
MOST_FINDINGS = 12
_MOST_MESSAGES = 20
_READ = 8_000  # characters of each message


def declare() -> None:
    for code, label in CHECKS.items():
        register(f"{PREFIX}{code}", bool, True, label)


def switched_on() -> frozenset[str]:
    values = get_many(*(f"{PREFIX}{code}" for code in CHECKS))
    return frozenset(code for code in CHECKS if values[f"{PREFIX}{code}"])


def warm_up(html: str) -> None:
    """Begin what takes long while a draft is still being written."""
    if "http" in html and "link" in switched_on():
        warm_links(html)


def check_reply(
    ticket: Ticket,
    *,
    html: str,
    files: int = 0,
    addresses: Iterable[str] = (),
    aside: bool = False,
) -> list[Finding]:
    """What to point out in a reply, in the order one reads it. ``html`` is sanitised rich text,
    ``addresses`` whom it is written to; ``aside``: to a third party, who
    asked nothing. Takes at most a second and a half; reads only."""
    checks = switched_on() - ({"question", "name"} if aside else frozenset())
    draft = Draft.of_html(html, files=files)
    talk = read_talk(ticket, addresses) if checks & {"question", "name"} else Talk()
    found = find(draft, talk, checks)
    return sorted(found, key=lambda one: (one.start < 0, one.start))[:MOST_FINDINGS]


def find(draft: Draft, talk: Talk, checks: frozenset[str] = frozenset(CHECKS)) -> list[Finding]:
    """What the chosen checks find."""
    found: list[Finding] = []
    if "gap" in checks:
        found += find_gaps(draft)
    if "name" in checks:
        found += find_wrong_name(draft, talk)
    if "harsh" in checks:
        found += find_harsh_words(draft)
    if "attachment" in checks:
        found += find_missing_file(draft)
    if "question" in checks:
        found += find_unanswered(draft, talk)
    if "link" in checks and draft.links:
        found += find_dead_links(draft)
    return found


def read_talk(ticket: Ticket, addresses: Iterable[str] = ()) -> Talk:
    """The customer's side of a ticket, as far back as the checks look."""
    rows = (
        Message.objects.filter(ticket=ticket, kind=MessageKind.PUBLIC, is_automatic=False)
        .select_related("body", "author")
        .order_by("-id")[:_MOST_MESSAGES]
    )
    asked: list[str] = []
    said: list[str] = []
    names = [ticket.requester.name]
    is_answered = False
    for message in rows:
        if message.direction != Direction.IN:
            is_answered = True
            continue
        text = (message.body.reply_text or message.body.text)[:_READ]
        said.append(message.body.text[:_READ])
        if message.author is not None:
            names.append(message.author.name)
        sender = message.body.addresses.get("from") or {}
        names += [str(sender.get("name", "")), _local(str(sender.get("address", "")))]
        if not is_answered and message.automation in ("", "human"):
            asked.append(text)
    people = Participant.objects.filter(thread__ticket=ticket).select_related("identity__person")
    for one in people[:50]:
        names += [one.identity.person.name, _local(one.identity.value)]
    written_to = [address for address in addresses if address][:50]
    for identity in Identity.objects.filter(value__in=written_to).select_related("person"):
        names.append(identity.person.name)
    names += [_local(address) for address in written_to]
    kept = tuple(dict.fromkeys(name for name in names if name.strip()))
    return Talk(asked=tuple(reversed(asked)), names=kept, said="\n".join(said))


def _local(address: str) -> str:
    """The words before the @: o.nesterova, olga_n."""
    return address.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ")
