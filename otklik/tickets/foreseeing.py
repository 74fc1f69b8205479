"""What each effect would change on a ticket, in words. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Choices
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.fields.queries import list_fields, values_of
from otklik.core.vocabulary import Foreseen, Target, render
from otklik.kit.text import sort_key
from otklik.tickets.custom import is_held_to_rules
from otklik.tickets.models import FINISHED, Status, StatusKind, Ticket, TicketTag
from otklik.tickets.placeholders import context_of
from otklik.tickets.queries import propose_recipients
from otklik.tickets.solving import despite_of, find_hindrance
from otklik.tickets.steps import find_own

Params = Mapping[str, Any]
Told = Sequence[Foreseen]
_SHOWN = 600


def _language() -> str:
    return (get_language() or "").partition("-")[0]


def status_choices() -> Sequence[tuple[str, str]]:
    """Every active status by its code; the built-in ones are called as their kinds are."""
    rows = Status.objects.filter(is_active=True)
    own = [(row.code, row.label(_language())) for row in rows]
    known = {code for code, _label in own}
    kinds = [(value, str(label)) for value, label in StatusKind.choices if value not in known]
    return [*own, *kinds]


def foresee_status(actor: Actor, ticket: Ticket, params: Params) -> Told:
    names = dict(status_choices())
    told = _from_to(_("Status"), ticket.status.label(_language()), names.get(params["status"], ""))
    own = find_own(params["status"])
    kind = own.kind if own else params["status"]
    if not told or kind not in FINISHED or ticket.status.kind in FINISHED:
        return told
    if not is_held_to_rules(actor):
        return told
    refused = find_hindrance(ticket, despite_of(params))
    if refused is None:
        return told
    return [replace(one, problem=str(refused), code=refused.code) for one in told]


def foresee_field(name: str, label: str | Promise, choices: type[Choices] | None = None) -> Any:
    def told(actor: Actor, ticket: Ticket, params: Params) -> Told:
        return _from_to(
            str(label), _spell(choices, getattr(ticket, name)), _spell(choices, params[name])
        )

    return told


def foresee_category(actor: Actor, ticket: Ticket, params: Params) -> Told:
    old, new = ticket.category, params["category"]
    none = _("none")
    return _from_to(
        _("Category"),
        old.label(_language()) if old else none,
        new.label(_language()) if new else none,
    )


def custom_choices() -> Sequence[tuple[str, str]]:
    return [(field.key, field.label(_language())) for field in list_fields("ticket")]


def foresee_custom(actor: Actor, ticket: Ticket, params: Params) -> Told:
    key = str(params["field"])
    label = dict(custom_choices()).get(key, key)
    return _from_to(label, str(values_of(ticket).get(key) or ""), str(params["value"]))


def foresee_assignee(actor: Actor, ticket: Ticket, params: Params) -> Told:
    new = params["agent"].person.name if params["agent"] else _("Nobody")
    return _from_to(_("Assignee"), _assignee(ticket), new)


def foresee_take(actor: Actor, ticket: Ticket, params: Params) -> Told:
    return _from_to(_("Assignee"), _assignee(ticket), actor.name)


def foresee_team(actor: Actor, ticket: Ticket, params: Params) -> Told:
    none = _("No team")
    old = ticket.team.name if ticket.team else none
    return _from_to(_("Team"), old, params["team"].name if params["team"] else none)


def foresee_tag(actor: Actor, ticket: Ticket, params: Params) -> Told:
    return [] if _wears(ticket, params["tag"]) else [Foreseen(_("Add a tag"), new=params["tag"])]


def foresee_untag(actor: Actor, ticket: Ticket, params: Params) -> Told:
    if not _wears(ticket, params["tag"]):
        return []
    return [Foreseen(_("Take off a tag"), old=params["tag"])]


def foresee_snooze(actor: Actor, ticket: Ticket, params: Params) -> Told:
    words = {
        "hour": _("In an hour"),
        "tomorrow": _("Tomorrow morning"),
        "monday": _("On Monday"),
        "answer": _("Until the customer answers"),
    }
    return [Foreseen(_("Snooze"), new=words.get(params["until"], ""))]


def foresee_note(actor: Actor, ticket: Ticket, params: Params) -> Told:
    text = _filled(actor, ticket, params["text"])
    return [Foreseen(_("A note for staff"), text=text, is_reversible=False)]


def foresee_reply(actor: Actor, ticket: Ticket, params: Params) -> Told:
    usual = propose_recipients(ticket)
    names = ", ".join(str(one) for one in [*usual.to, *usual.cc][:5]) or _("Nobody")
    text = _filled(actor, ticket, params["text"])
    return [Foreseen(_("A reply"), new=names, text=text, is_reversible=False)]


def foresee_link(actor: Actor, ticket: Ticket, params: Params) -> Told:
    return [Foreseen(_("Link a ticket"), new=f"№ {params['other']}")]


def foresee_flag(words: str | Promise, *, is_reversible: bool = True) -> Any:
    return lambda actor, ticket, params: [Foreseen(str(words), is_reversible=is_reversible)]


def _from_to(label: str, old: str, new: str) -> Told:
    return [] if old == new else [Foreseen(label, old, new)]


def _assignee(ticket: Ticket) -> str:
    return ticket.assignee.person.name if ticket.assignee else _("Nobody")


def _spell(choices: type[Choices] | None, value: Any) -> str:
    if choices is None:
        return str(value)
    try:
        return str(choices(value).label)
    except ValueError:
        return str(value)


def _wears(ticket: Ticket, name: str) -> bool:
    return TicketTag.objects.filter(ticket=ticket, tag__key=sort_key(name, 60)).exists()


def _filled(actor: Actor, ticket: Ticket, text: str) -> str:
    context = context_of(ticket, actor, language=ticket.language or actor.language)
    shown = render(text, context, target=Target.TEXT)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1].rstrip() + "…"
