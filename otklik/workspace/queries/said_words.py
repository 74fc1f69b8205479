"""What stands beside the author of a message: how it came, whom it went to, who sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.channels.contract import Automation
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.tickets.models import Direction, Message, MessageKind, Participant

BOUNCE = Automation.BOUNCE.value


def may_answer_alone(message: Message) -> bool:
    """Where the talk has several people."""
    is_theirs = message.kind == MessageKind.PUBLIC and message.direction == Direction.IN
    identity = message.author_identity
    return is_theirs and identity is not None and identity.kind == "email"


def has_several(ticket_id: int, messages: Sequence[Message]) -> bool:
    """Whether more than one takes part or wrote, so that a reply to one of them is another."""
    wrote = {message.author_identity_id for message in messages if may_answer_alone(message)}
    return bool(wrote) and len(wrote | set(_taking_part(ticket_id))) > 1


def ask_ahead(ahead: Ahead, talks: Iterable[tuple[int, Sequence[Message]]]) -> None:
    """For `has_several`, of tickets' ids and what is said there."""
    wrote = [pk for pk, said in talks if any(may_answer_alone(one) for one in said)]
    ahead.ask(_taking_part, [(pk,) for pk in wrote])


def about(message: Message) -> str:
    is_guests = message.author_identity is not None and message.author_kind == "customer"
    if message.kind == MessageKind.NOTE and is_guests:
        return _("note by mail, the customer does not see it")
    if message.kind == MessageKind.SIDE and message.direction == Direction.IN:
        return _("third party, the customer does not see it")
    if message.kind == MessageKind.NOTE:
        return _("note, the customer does not see it")
    if message.direction == Direction.OUT:
        words = _("automatic") if message.is_automatic else _("reply")
        if message.kind == MessageKind.SIDE:
            words = _("to a third party")
        to = message.body.addresses.get("to") or []
        cc = message.body.addresses.get("cc") or []
        bcc = message.body.addresses.get("bcc") or []
        everybody = [*to, *cc]
        names = ", ".join(one.get("name") or one.get("address", "") for one in everybody[:3])
        if len(everybody) > 3:
            more = len(everybody) - 3
            names += " " + ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
        if bcc:
            blind = ", ".join(one.get("name") or one.get("address", "") for one in bcc[:3])
            names += " · " + _("blind copy: %(names)s") % {"names": blind}
        return f"{words} · {names}" if names else words
    named = {
        "email": _("e-mail"),
        "web": _("website"),
        "phone": _("call"),
        "visit": _("visit"),
        "letter": _("letter"),
    }.get(message.channel, message.channel)
    if message.automation == BOUNCE:
        return _("delivery report, only staff sees it")
    if message.automation == Automation.AUTO_REPLY:
        return _("%(channel)s, an automatic answer") % {"channel": named}
    if message.automation not in ("", "human"):
        return _("%(channel)s, sent by a machine") % {"channel": named}
    return named


@spelt_once
def _taking_part(ticket_id: int) -> Iterable[int]:
    rows = Participant.objects.filter(thread__ticket=ticket_id, is_confirmed=True)
    rows = rows.exclude(thread__audience="staff").order_by("id")
    return rows.values_list("identity_id", flat=True)[:20]
