"""Letters: what waits and is still unread is written up, one letter for a thing or for a digest.

Each carries a signed address at which one asks for no more of its kind without signing in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core import outbox
from otklik.core.access import Actor
from otklik.core.db import write
from otklik.core.outbox.removing import remove_old
from otklik.core.settings import config, get, secrets
from otklik.desk.accounts import find_sending_account
from otklik.desk.brands import default_brand
from otklik.desk.company import company_language
from otklik.desk.models import Brand
from otklik.desk.placeholders import Rich
from otklik.desk.texts import Rendered, render_text
from otklik.kit.web_push import decode, encode
from otklik.notify import texts
from otklik.notify.hearers import actor_of_person, own_person
from otklik.notify.models import Notification
from otklik.notify.queries import Group, Notice, group_notices, show_notices
from otklik.notify.settings import MAIL_SHOWS_TEXT
from otklik.notify.topics import Mail, find_topic
from otklik.people.models import Identity, Trouble, User

_AT_ONCE = 500
_TOLD = 50  # of one letter; the rest is counted
_STOP = "notify.stop"
_KEY = "notify:"


@dataclass(frozen=True, slots=True)
class Letter:
    rendered: Rendered
    brand_id: int
    number: int | None  # of the ticket into which an answer goes
    stop: str
    ids: tuple[int, ...]


def send_due(now: datetime | None = None) -> int:
    """Write what is due, for each person. Returns how many letters were made. Without a mailbox
    that can send, all of it waits."""
    if find_sending_account() is None:
        return 0
    due = Notification.objects.filter(mail_at__lte=now or timezone.now())
    made = 0
    while rows := list(due.order_by("person_id", "pk")[:_AT_ONCE]):
        for person_id, own in groupby(rows, key=lambda row: row.person_id):
            made += _write_to(person_id, list(own))
    return made


def forget_old(before: datetime) -> int:
    """Deliveries of letters about what is forgotten itself. Returns how many."""
    return remove_old("letter", before=before, key=_KEY)


def stop_token(person_id: int, topic: str) -> str:
    """For ``notify:stop``; an empty topic is every letter."""
    words = f"{person_id}:{topic}"
    return f"{encode(words.encode())}.{secrets.sign(_STOP, words)}"


def read_stop_token(token: str) -> tuple[int, str] | None:
    """(person, topic), or None for what we did not sign."""
    written, _dot, signature = token.partition(".")
    try:
        words = decode(written).decode()
    except ValueError:
        return None
    if not secrets.verify(_STOP, words, signature):
        return None
    person_id, _colon, topic = words.partition(":")
    return int(person_id), topic


def _write_to(person_id: int, rows: Sequence[Notification]) -> int:
    actor, address = actor_of_person(person_id), _address(person_id)
    letters: list[Letter] = []
    if actor.is_staff and address:
        with translation.override(actor.language or company_language()):
            letters = _compose(actor, rows)
    with write():
        waiting = Notification.objects.filter(
            pk__in=[row.pk for row in rows], mail_at__isnull=False, read_at__isnull=True
        )
        still = set(waiting.values_list("pk", flat=True))
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mail_at=None)
        # Whoever reads it at this very moment gets no letter when all of it was read.
        sent = [letter for letter in letters if still & set(letter.ids)]
        for letter in sent:
            _enqueue(address, letter)
    return len(sent)


def _compose(actor: Actor, rows: Sequence[Notification]) -> list[Letter]:
    """One for each thing that is told at once, one for all that wait for a digest."""
    notices = {notice.id: notice for notice in show_notices(actor, rows)}
    at_once: list[Notice] = []
    digest: list[Notice] = []
    for row in rows:
        notice = notices.get(row.pk)
        if notice is not None:
            (at_once if row.mail == Mail.NOW else digest).append(notice)
    letters = [_one(actor, group) for group in group_notices(reversed(at_once))]
    groups = group_notices(reversed(digest))
    if len(groups) == 1:
        letters.append(_one(actor, groups[0]))
    elif groups:
        letters.append(_many(actor, groups))
    return letters


def _one(actor: Actor, group: Group) -> Letter:
    topics = {notice.topic for notice in group.notices}
    stop = _stop_url(actor, topics)
    shown = group.shown
    brand = Brand.objects.filter(pk=shown.brand_id or 0).first() or default_brand()
    found = [find_topic(code) for code in topics]
    may_answer = shown.number is not None and all(each and each.is_answerable for each in found)
    title = f"{shown.name} {shown.title}" if get(MAIL_SHOWS_TEXT) else shown.name
    context = {
        "title": f"{title}: {group.newest.line}",
        "news": _news([group], with_heads=False),
        "link": config().public_url + shown.url,
        "hint": _("What you answer to this letter goes to the customer.") if may_answer else "",
        "choice": config().public_url + "/notifications/settings/",
        "stop": stop,
    }
    return Letter(
        rendered=render_text(texts.NOTIFICATION, brand, translation.get_language(), context),
        brand_id=brand.pk,
        number=shown.number if may_answer else None,
        stop=stop,
        ids=tuple(notice.id for notice in group.notices),
    )


def _many(actor: Actor, groups: Sequence[Group]) -> Letter:
    count = sum(len(group.notices) for group in groups)
    topics = {notice.topic for group in groups for notice in group.notices}
    stop = _stop_url(actor, topics)
    brand = default_brand()
    title = ngettext("%(count)s new notification", "%(count)s new notifications", count)
    context = {
        "title": title % {"count": count},
        "news": _news(groups[:_TOLD], with_heads=True),
        "link": config().public_url + "/notifications/",
        "hint": "",
        "choice": config().public_url + "/notifications/settings/",
        "stop": stop,
    }
    ids = tuple(notice.id for group in groups for notice in group.notices)
    rendered = render_text(texts.DIGEST, brand, translation.get_language(), context)
    return Letter(rendered=rendered, brand_id=brand.pk, number=None, stop=stop, ids=ids)


def _news(groups: Sequence[Group], *, with_heads: bool) -> Rich:
    """The same as text and as HTML, every word escaped."""
    shows_text = get(MAIL_SHOWS_TEXT)
    text, html = [], []
    for group in groups:
        if with_heads:
            title = f"{group.shown.name} {group.shown.title}" if shows_text else group.shown.name
            url = config().public_url + group.shown.url
            text += [title, url]
            html.append(f'<p><a href="{escape(url)}">{escape(title)}</a>')
        else:
            html.append("<p>")
        lines = []
        for notice in group.notices[:_TOLD]:
            named = f"{notice.who}: {notice.line}" if notice.who and shows_text else notice.line
            lines.append(named)
            if shows_text and notice.shown.excerpt:
                lines.append(f"    {notice.shown.excerpt}")
        text += [*lines, ""]
        breaks = "<br>" if with_heads else ""
        html.append(breaks + "<br>".join(str(escape(line)) for line in lines) + "</p>")
    return Rich("\n".join(text).strip(), "".join(html))


def _stop_url(actor: Actor, topics: set[str]) -> str:
    token = stop_token(own_person(actor), next(iter(topics)) if len(topics) == 1 else "")
    return config().public_url + reverse("notify:stop", args=[token])


def _enqueue(address: str, letter: Letter) -> None:
    outbox.enqueue(
        kind="letter",
        key=f"{_KEY}{min(letter.ids)}:{max(letter.ids)}:{len(letter.ids)}",
        recipients=[address],
        payload={
            "to": address,
            "language": letter.rendered.language,
            "brand_id": letter.brand_id,
            "ticket": letter.number,
        },
        sealed={
            "subject": letter.rendered.subject,
            "text": letter.rendered.text,
            "html": letter.rendered.html,
            "unsubscribe": letter.stop,
        },
    )


def _address(person_id: int) -> str:
    """Where the agent signs in; "" when letters do not arrive there."""
    users = User.objects.filter(person_id=person_id, is_active=True)
    address = users.values_list("email", flat=True).first() or ""
    broken = Identity.objects.filter(kind="email", value=address, trouble=Trouble.HARD)
    return "" if address and broken.exists() else address
