"""Asking in words before what is not done is passed over: the same in every door that solves.

The answer is the same request again with the fields that the question names: ``parts`` for parts
that are open, ``checklists`` for a required checklist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import ActionError, Actor
from otklik.core.vocabulary import Foreseen
from otklik.tickets.permissions import OVERRIDE
from otklik.tickets.solving import ASKING, Despite, count_hindered
from otklik.workspace.queries.bulk import Selection
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of

_NAMES = {"open_items": "checklists", "open_parts": "parts"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be passed over on many tickets, in words; "" where nothing is to be."""

    parts: str = ""
    checklists: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """``names`` are the fields that pass it over, with those that did before."""

    code: str
    words: str
    names: tuple[str, ...]


def despite_in(given: Mapping[str, Any]) -> Despite:
    """What a form says to pass over."""
    return Despite(**{name: given.get(name) == "1" for name in Despite._fields})


def find_question(
    actor: Actor, code: str, words: str, despite: Despite = ASKING
) -> Question | None:
    """None for a refusal that this one cannot pass over."""
    if code not in _NAMES or (code == "open_items" and not actor.can(OVERRIDE)):
        return None
    wanted = despite._asdict() | {_NAMES[code]: True}
    return Question(code, words, tuple(name for name, value in wanted.items() if value))


def question_of(request: HttpRequest, refused: ActionError) -> Question | None:
    despite = despite_in(request.POST)
    return find_question(actor_of(request), refused.code, str(refused), despite)


def question_about(actor: Actor, foreseen: Sequence[Foreseen], despite: Despite) -> Question | None:
    """What is in the way of effects that were foreseen, asked at once; None for nothing, or for
    what this one cannot pass over."""
    found: Question | None = None
    for one in foreseen:
        if one.problem:
            known = Despite(**dict.fromkeys(found.names, True)) if found else despite
            found = find_question(actor, one.code, one.problem, known)
            if found is None:
                return None
    return found


def offer_for(actor: Actor, chosen: Selection) -> Offer:
    """Of ticked tickets it is known how many are in question; of a whole list it is offered."""
    may = actor.can(OVERRIDE)
    if chosen.is_whole:
        parts, items = _("Also those whose parts are open"), _("Also with checklists not done")
        return Offer(parts, items if may else "")
    counted = count_hindered(actor, chosen.ids)
    parts = ngettext(
        "Also the one whose parts are open", "Also the %(n)d whose parts are open", counted.parts
    )
    items = ngettext(
        "Also the one with a checklist not done",
        "Also the %(n)d with a checklist not done",
        counted.checklists,
    )
    return Offer(
        parts % {"n": counted.parts} if counted.parts else "",
        items % {"n": counted.checklists} if counted.checklists and may else "",
    )


def ask_on_page(
    request: HttpRequest, number: int, question: Question, *, back: str
) -> HttpResponse:
    """Without a script a page of its own asks; all that was sent goes along with the answer."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", *question.names)
    ]
    context: dict[str, Any] = {"question": question, "number": number, "back": back}
    context |= {"fields": fields} | shell_context(request)
    return render(request, "workspace/solve_anyway.html", context, status=422)
