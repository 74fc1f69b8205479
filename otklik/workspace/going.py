"""Going through a script: which question comes next, what an answer may be, what all of it says.

Steps lead forward only, so every way ends. A run keeps the steps as they were when it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from otklik.core.access import Invalid
from otklik.core.fields.queries import find_field
from otklik.kit.text import clean_line, sort_key
from otklik.tickets.models import Kind, Priority

KINDS = ("choice", "yes_no", "text", "number")
GOES = ("", "tag", "subject", "priority", "kind")
MOST_STEPS = 40
MOST_OPTIONS = 12
LONGEST_ANSWER = 4000

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """``step`` is the question to answer now, None at the end."""

    answered: list[tuple[Step, str]]
    step: Step | None


def clean_script(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps as they are stored. Raises Invalid whose ``fields`` name the step by number."""
    if not steps:
        raise Invalid(_("Add a question first."))
    if len(steps) > MOST_STEPS:
        raise Invalid(_("At most %(count)d steps.") % {"count": MOST_STEPS})
    places = {str(step.get("key", "")): place for place, step in enumerate(steps)}
    wrong: dict[str, str] = {}
    cleaned = []
    for place, step in enumerate(steps):
        try:
            cleaned.append(_clean_step(step, place, places))
        except Invalid as refused:
            wrong[str(place)] = str(refused)
    if len(places) != len(steps):
        wrong["0"] = _("Two questions have the same key.")
    if wrong:
        told = " ".join(f"{int(place) + 1}: {words}" for place, words in wrong.items())
        raise Invalid(told, code="step", fields=wrong)
    return cleaned


def _clean_step(step: Mapping[str, Any], place: int, places: Mapping[str, int]) -> dict[str, Any]:
    key = str(step.get("key", ""))[:20]
    question = clean_line(str(step.get("question", "")), 300)
    kind, goes = str(step.get("kind", "text")), str(step.get("goes", ""))
    if not key or not question:
        raise Invalid(_("Write the question."))
    if kind not in KINDS:
        raise Invalid(_("There is no such kind of answer."))
    if goes not in GOES and find_field(goes.removeprefix("field:")) is None:
        raise Invalid(_("What the answer goes to is there no longer."))
    options = [
        {
            "label": clean_line(str(option.get("label", "")), 120),
            "next": _next(option, place, places),
        }
        for option in list(step.get("options") or [])[:MOST_OPTIONS]
        if clean_line(str(option.get("label", "")), 120)
    ]
    if kind == "choice" and len(options) < 2:
        raise Invalid(_("Give at least two answers to choose from."))
    return {
        "key": key,
        "question": question,
        "help": clean_line(str(step.get("help", "")), 300),
        "kind": kind,
        "options": options if kind in ("choice", "yes_no") else [],
        "next": _next(step, place, places),
        "goes": goes,
    }


def _next(given: Mapping[str, Any], place: int, places: Mapping[str, int]) -> str:
    """ "" is the step after this one, "end" the end, else the key of a later one."""
    key = str(given.get("next") or "")
    if key in ("", "end"):
        return key
    if places.get(key, -1) <= place:
        raise Invalid(_("Answers lead to later questions only."))
    return key


def options_of(step: Step) -> list[dict[str, str]]:
    """What is offered: a yes or no has its two answers by itself."""
    if step["kind"] != "yes_no":
        return list(step["options"])
    leads = {str(one["label"]): str(one["next"]) for one in step["options"]}
    usual = str(step["next"])
    return [
        {"label": _("Yes"), "next": leads.get("yes", usual)},
        {"label": _("No"), "next": leads.get("no", usual)},
    ]


def way_of(steps: Sequence[Step], answers: Sequence[Mapping[str, Any]]) -> Way:
    """From the first question along the answers given."""
    by_key = {step["key"]: (place, step) for place, step in enumerate(steps)}
    at: Step | None = steps[0] if steps else None
    answered: list[tuple[Step, str]] = []
    for answer in answers:
        if at is None or answer["key"] != at["key"]:
            break
        answered.append((at, str(answer["value"])))
        key = _leads_to(at, str(answer["value"]))
        place = by_key[at["key"]][0]
        if key == "end":
            at = None
        elif key:
            at = by_key[key][1] if key in by_key else None
        else:
            at = steps[place + 1] if place + 1 < len(steps) else None
    return Way(answered, at)


def _leads_to(step: Step, value: str) -> str:
    for option in options_of(step):
        if option["label"] == value and option["next"]:
            return option["next"]
    if step["kind"] == "yes_no":
        # Kept in the words of whoever answered, perhaps in another language.
        for word, label in (("yes", _texts("Yes")), ("no", _texts("No"))):
            if value in label:
                leads = {one["label"]: one["next"] for one in step["options"]}
                return leads.get(word) or step["next"]
    return str(step["next"])


def _texts(word: str) -> set[str]:
    found = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(_(word))
    return found


def clean_answer(step: Step, value: str) -> str:
    """Raises Invalid in words for one that makes no sense."""
    text = value.strip()[:LONGEST_ANSWER]
    if not text:
        raise Invalid(_("Answer first."))
    if step["kind"] in ("choice", "yes_no"):
        if text not in [option["label"] for option in options_of(step)]:
            raise Invalid(_("Choose one of the answers."))
    elif step["kind"] == "number":
        number = text.replace(" ", "").replace(",", ".")
        try:
            float(number)
        except ValueError:
            raise Invalid(_("This is no number.")) from None
        if not number.isascii() or "n" in number.lower():
            raise Invalid(_("This is no number."))
        return number
    return text


def text_of(answered: Sequence[tuple[Step, str]]) -> str:
    return "\n".join(f"{step['question']}\n{value}\n" for step, value in answered).strip()


def effects_of(answered: Sequence[tuple[Step, str]]) -> list[dict[str, Any]]:
    """What the answers do to the ticket, as effects. Raises Invalid for an answer that the place it
    goes to does not know."""
    found = []
    for step, value in answered:
        goes = str(step.get("goes", ""))
        if goes == "tag":
            found.append({"effect": "ticket.tag", "params": {"tag": value[:60]}})
        elif goes == "subject":
            found.append({"effect": "ticket.set_subject", "params": {"subject": value[:300]}})
        elif goes in ("priority", "kind"):
            choices = Priority if goes == "priority" else Kind
            code = _code_of(choices, value)
            if code is None:
                words = _("“%(value)s” is none of the values of: %(question)s")
                raise Invalid(words % {"value": value, "question": step["question"]})
            found.append({"effect": f"ticket.set_{goes}", "params": {goes: code}})
        elif goes.startswith("field:"):
            key = goes.removeprefix("field:")
            params = {"field": key, "value": _option_of(key, value)}
            found.append({"effect": "ticket.set_field", "params": params})
    return found


def _code_of(choices: Any, value: str) -> Any:
    """By code or by label in any language."""
    wanted = sort_key(value)
    for one in choices:
        names = {sort_key(str(one.value)), sort_key(one.name)}
        for code, _name in settings.LANGUAGES:
            with override(code):
                names.add(sort_key(str(one.label)))
        if wanted in names:
            return one.value
    return None


def _option_of(key: str, value: str) -> str:
    """For a field of choice its option's code, for others the answer."""
    field = find_field(key)
    if field is None or field.kind not in ("choice", "multi"):
        return value
    wanted = sort_key(value)
    for language, _name in settings.LANGUAGES:
        for code, label in field.option_choices(language):
            if wanted in (sort_key(str(label)), sort_key(str(code))):
                return str(code)
    return value
