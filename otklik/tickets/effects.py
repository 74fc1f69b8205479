"""What can be done to a ticket by rules, macros and acts on many: each through its action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.fields.actions import change_fields
from otklik.core.vocabulary import Effect, Foreseen, Target, find_effect, render
from otklik.people.models import Agent, Person, Team
from otklik.tickets import actions
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.conditions import kinds, priorities
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.foreseeing import (
    custom_choices,
    foresee_assignee,
    foresee_category,
    foresee_custom,
    foresee_field,
    foresee_flag,
    foresee_link,
    foresee_note,
    foresee_reply,
    foresee_snooze,
    foresee_status,
    foresee_tag,
    foresee_take,
    foresee_team,
    foresee_untag,
    status_choices,
)
from otklik.tickets.models import Category, Kind, Priority, Tag, Ticket
from otklik.tickets.placeholders import context_of
from otklik.tickets.queries import propose_recipients
from otklik.tickets.snoozing import find_preset
from otklik.tickets.solving import Despite, despite_of
from otklik.tickets.steps import find_own

MOST_STEPS = 20
LONGEST = 20_000  # characters of a text
SET_STATUS = "ticket.set_status"

Steps = list[tuple[Effect, dict[str, Any]]]
Params = Mapping[str, Any]


def clean_steps(steps: Sequence[Mapping[str, Any]]) -> Steps:
    """Effects with their typed params. Raises Invalid whose ``fields`` name the step by number:
    an effect nobody brings, and whatever is named but is there no longer."""
    if not steps:
        raise Invalid(_("Choose what to change."))
    if len(steps) > MOST_STEPS:
        raise Invalid(_("At most %(count)d steps.") % {"count": MOST_STEPS})
    cleaned: Steps = []
    wrong: dict[str, str] = {}
    for place, step in enumerate(steps):
        effect = find_effect(str(step.get("effect", "")))
        if effect is None or effect.thing != "ticket":
            wrong[str(place)] = _("There is no such effect.")
            continue
        try:
            cleaned.append((effect, effect.clean(step.get("params"))))
        except Invalid as refused:
            told = " ".join(str(words) for words in refused.fields.values() if words)
            wrong[str(place)] = f"{effect.label}: {told or refused}"
    if wrong:
        raise Invalid(" ".join(wrong.values()), code="step", fields=wrong)
    return cleaned


def with_despite(steps: Sequence[Params], despite: Despite) -> list[dict[str, Any]]:
    """The same steps, those that set a status doing it ``despite`` what is not done."""
    told = {f"despite_{name}": True for name, value in despite._asdict().items() if value}
    return [
        {**step, "params": {**(step.get("params") or {}), **told}}
        if step.get("effect") == SET_STATUS
        else dict(step)
        for step in steps
    ]


class _StatusForm(forms.Form):
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=status_choices)
    despite_parts = forms.BooleanField(
        label=gettext_lazy("Also while its parts are open"), required=False
    )
    despite_checklists = forms.BooleanField(
        label=gettext_lazy("Also while its checklists are not done"), required=False
    )


class _PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), choices=priorities, coerce=int
    )


class _KindForm(forms.Form):
    kind = forms.ChoiceField(label=pgettext_lazy("property", "Kind"), choices=kinds)


class _CategoryForm(forms.Form):
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True), label=gettext_lazy("Category"), required=False
    )


class _SubjectForm(forms.Form):
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=300)


class _AgentForm(forms.Form):
    agent = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), label=gettext_lazy("Agent"), required=False
    )


class _TeamForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=gettext_lazy("Team"), required=False
    )


SNOOZES = (
    ("hour", gettext_lazy("In an hour")),
    ("tomorrow", gettext_lazy("Tomorrow morning")),
    ("monday", gettext_lazy("On Monday")),
    ("answer", gettext_lazy("Until the customer answers")),
)


class _SnoozeForm(forms.Form):
    until = forms.ChoiceField(label=gettext_lazy("Until"), choices=SNOOZES)


class _TagForm(forms.Form):
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60)


class _TextForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )


class _FieldForm(forms.Form):
    field = forms.ChoiceField(label=gettext_lazy("Field"), choices=custom_choices)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=1000, required=False)


class _LinkForm(forms.Form):
    other = forms.IntegerField(
        label=gettext_lazy("Number of the other ticket"), min_value=1, max_value=2**53
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What this ticket is"),
        choices=(
            ("related", gettext_lazy("related to")),
            ("duplicate", gettext_lazy("a duplicate of")),
            ("child", gettext_lazy("a part of")),
        ),
    )


def _set_status(actor: Actor, ticket: Ticket, params: Params) -> None:
    to = find_own(params["status"]) or params["status"]
    actions.change_status(actor, ticket, to, despite=despite_of(params))


def _set(name: str, column: str = "") -> Any:
    def apply(actor: Actor, ticket: Ticket, params: Params) -> None:
        value = params[name]
        value = value.pk if hasattr(value, "pk") else value
        actions.change_ticket(actor, ticket, {column or name: value})

    return apply


def _assign(actor: Actor, ticket: Ticket, params: Params) -> None:
    actions.assign_ticket(actor, ticket, params["agent"])


def _take(actor: Actor, ticket: Ticket, params: Params) -> None:
    me = Agent.objects.filter(person_id=actor.person_id or 0, is_active=True).first()
    if me is None:
        raise Forbidden(_("Only an agent takes tickets."))
    actions.assign_ticket(actor, ticket, me)


def _transfer(actor: Actor, ticket: Ticket, params: Params) -> None:
    actions.transfer_ticket(actor, ticket, params["team"])


def _snooze(actor: Actor, ticket: Ticket, params: Params) -> None:
    code = params["until"]
    at = None if code == "answer" else find_preset(code, ticket.brand.calendar)
    actions.snooze_ticket(actor, ticket, at)


def _tag(actor: Actor, ticket: Ticket, params: Params) -> None:
    actions.tag_ticket(actor, ticket, params["tag"])


def _untag(actor: Actor, ticket: Ticket, params: Params) -> None:
    from otklik.kit.text import sort_key

    tag = Tag.objects.filter(key=sort_key(params["tag"], 60)).first()
    if tag is not None:
        actions.untag_ticket(actor, ticket, tag)


def _follow(actor: Actor, ticket: Ticket, params: Params) -> None:
    person = Person.objects.filter(pk=actor.person_id or 0).first()
    if person is None:
        raise Forbidden(_("Only a person follows tickets."))
    actions.follow_ticket(actor, ticket, person)


def _note(actor: Actor, ticket: Ticket, params: Params) -> None:
    actions.add_note(actor, ticket, words=_filled(actor, ticket, params["text"]))


def _reply(actor: Actor, ticket: Ticket, params: Params) -> None:
    usual = propose_recipients(ticket)
    actions.reply_to_ticket(
        actor,
        ticket,
        words=_filled(actor, ticket, params["text"]),
        recipients=Recipients(to=usual.to, cc=usual.cc),
    )


def _filled(actor: Actor, ticket: Ticket, text: str) -> Words:
    language = ticket.language or actor.language
    context = context_of(ticket, actor, language=language)
    return written_by_hand(text=render(text, context, target=Target.TEXT))


def _set_field(actor: Actor, ticket: Ticket, params: Params) -> None:
    change_fields(actor, ticket, {params["field"]: params["value"] or None})


def _link(actor: Actor, ticket: Ticket, params: Params) -> None:
    other = Ticket.objects.visible_to(actor).filter(number=params["other"]).first()
    if other is None:
        words = _("There is no № %(number)d, or it is not yours to see.")
        raise Invalid(words % {"number": params["other"]})
    actions.link_tickets(actor, ticket, other, params["kind"])


def _without(act: Any) -> Any:
    return lambda actor, ticket, params: act(actor, ticket)


EFFECTS = (
    Effect(
        SET_STATUS,
        gettext_lazy("Set status"),
        _set_status,
        _StatusForm,
        foresee=foresee_status,
    ),
    Effect(
        "ticket.set_priority",
        gettext_lazy("Set priority"),
        _set("priority"),
        _PriorityForm,
        foresee=foresee_field("priority", gettext_lazy("Priority"), Priority),
    ),
    Effect(
        "ticket.set_kind",
        gettext_lazy("Set kind"),
        _set("kind"),
        _KindForm,
        foresee=foresee_field("kind", pgettext_lazy("property", "Kind"), Kind),
    ),
    Effect(
        "ticket.set_category",
        gettext_lazy("Set category"),
        _set("category", "category_id"),
        _CategoryForm,
        foresee=foresee_category,
    ),
    Effect(
        "ticket.set_subject",
        gettext_lazy("Set subject"),
        _set("subject"),
        _SubjectForm,
        foresee=foresee_field("subject", gettext_lazy("Subject")),
    ),
    Effect(
        "ticket.set_field",
        gettext_lazy("Fill in a field"),
        _set_field,
        _FieldForm,
        foresee=foresee_custom,
    ),
    Effect("ticket.take", gettext_lazy("Assign to me"), _take, foresee=foresee_take),
    Effect("ticket.assign", gettext_lazy("Assign"), _assign, _AgentForm, foresee=foresee_assignee),
    Effect("ticket.transfer", gettext_lazy("Transfer"), _transfer, _TeamForm, foresee=foresee_team),
    Effect("ticket.tag", gettext_lazy("Add a tag"), _tag, _TagForm, foresee=foresee_tag),
    Effect("ticket.untag", gettext_lazy("Take off a tag"), _untag, _TagForm, foresee=foresee_untag),
    Effect("ticket.snooze", gettext_lazy("Snooze"), _snooze, _SnoozeForm, foresee=foresee_snooze),
    Effect(
        "ticket.note",
        gettext_lazy("Write a note"),
        _note,
        _TextForm,
        is_reversible=False,
        foresee=foresee_note,
    ),
    Effect(
        "ticket.reply",
        gettext_lazy("Reply"),
        _reply,
        _TextForm,
        is_reversible=False,
        foresee=foresee_reply,
    ),
    Effect(
        "ticket.follow",
        gettext_lazy("Follow"),
        _follow,
        is_reversible=False,
        foresee=foresee_flag(gettext_lazy("You follow this ticket"), is_reversible=False),
    ),
    Effect("ticket.link", gettext_lazy("Link"), _link, _LinkForm, foresee=foresee_link),
    Effect(
        "ticket.mark_spam",
        gettext_lazy("It is spam"),
        _without(actions.mark_as_spam),
        foresee=foresee_flag(gettext_lazy("It goes to the list of spam")),
    ),
    Effect(
        "ticket.unmark_spam",
        gettext_lazy("It is no spam"),
        _without(actions.unmark_spam),
        foresee=foresee_flag(gettext_lazy("It leaves the list of spam")),
    ),
    Effect(
        "ticket.trash",
        gettext_lazy("Move to the trash"),
        _without(actions.trash_ticket),
        foresee=foresee_flag(gettext_lazy("It goes to the trash")),
    ),
    Effect(
        "ticket.restore",
        gettext_lazy("Restore"),
        _without(actions.restore_ticket),
        foresee=foresee_flag(gettext_lazy("It leaves the trash")),
    ),
)


def foresee(actor: Actor, ticket: Ticket, steps: Steps) -> list[Foreseen]:
    """What these steps would change on a ticket, in order. Reads only."""
    told: list[Foreseen] = []
    for effect, params in steps:
        if effect.foresee is None:
            told.append(Foreseen(str(effect.label), is_reversible=effect.is_reversible))
        else:
            told += effect.foresee(actor, ticket, params)
    return told
