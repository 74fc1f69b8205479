"""Items of a checklist as lines of text: ``text | whose | within``, then what it is called in other
languages and what helps: ``| en: Check the pump | hint: With gloves | hint en: …``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.vocabulary.language.keywords import read_duration, spell_duration
from otklik.kit.text import normalise
from otklik.people.models import Agent, Team

_LABEL = re.compile(r"([a-z]{2,3}): *(.*)", re.DOTALL)
_HINT = re.compile(r"(?:hint|подсказка)(?: ([a-z]{2,3}))?: *(.*)", re.DOTALL | re.IGNORECASE)


def read_items(text: str) -> list[dict[str, Any]]:
    """As `save_template` takes them. Raises ValidationError naming the line."""
    lines = [line for line in text.splitlines() if line.strip()]
    people = _people()
    return [_read_line(number, line, people) for number, line in enumerate(lines, 1)]


def spell_items(items: list[dict[str, Any]]) -> str:
    spelled = {kept: name for name, kept in _people().items()}
    spelled |= {f"team:{team.pk}": team.name for team in Team.objects.all()}
    agents = Agent.objects.select_related("person")
    spelled |= {f"person:{agent.person_id}": agent.person.name for agent in agents}
    spelled["assignee"] = _("assignee")
    return "\n".join(_spell(each, spelled) for each in items)


def _people() -> dict[str, str]:
    """What may stand for whose an item is → how it is kept."""
    found = {normalise(_("assignee")): "assignee", "assignee": "assignee"}
    agents = Agent.objects.filter(is_active=True).values_list("person_id", "person__name")
    found |= {normalise(name): f"person:{pk}" for pk, name in agents}
    teams = Team.objects.active().values_list("pk", "name")
    return found | {normalise(name): f"team:{pk}" for pk, name in teams}


def _read_line(number: int, line: str, people: Mapping[str, str]) -> dict[str, Any]:
    parts = [part.strip() for part in line.split("|")]
    item: dict[str, Any] = {"labels": {}, "hint": "", "hints": {}}
    while len(parts) > 1 and _take_words(parts[-1], item):
        parts.pop()
    text, whose, within = (*parts, "", "")[:3]
    item |= {"text": text, "owner": "", "due_minutes": None}
    if whose:
        item["owner"] = people.get(normalise(whose), "")
        if not item["owner"]:
            words = _("Line %(number)d: there is no team or agent called “%(name)s”.")
            raise forms.ValidationError(words % {"number": number, "name": whose[:60]})
    if within:
        read = read_duration(within)
        if read is None or read[1] <= 0:
            words = _("Line %(number)d: say a time as 30m, 2h or 3d.")
            raise forms.ValidationError(words % {"number": number})
        item["due_minutes"] = read[1]
    return item


def _take_words(part: str, item: dict[str, Any]) -> bool:
    """Whether a part says something in a language, or helps; then it is in the item."""
    if hint := _HINT.fullmatch(part):
        if hint[1]:
            item["hints"][hint[1]] = hint[2]
        else:
            item["hint"] = hint[2]
        return True
    if label := _LABEL.fullmatch(part):
        item["labels"][label[1]] = label[2]
        return True
    return False


def _spell(item: dict[str, Any], spelled: Mapping[str, str]) -> str:
    parts = [item["text"]]
    minutes = item.get("due_minutes")
    if item.get("owner") or minutes:
        parts.append(spelled.get(item.get("owner") or "", ""))
    if minutes:
        parts.append(spell_duration(minutes, get_language() or "en"))
    parts += [f"{code}: {words}" for code, words in (item.get("labels") or {}).items()]
    hint = _("hint")
    if item.get("hint"):
        parts.append(f"{hint}: {item['hint']}")
    parts += [f"{hint} {code}: {words}" for code, words in (item.get("hints") or {}).items()]
    return " | ".join(parts)
