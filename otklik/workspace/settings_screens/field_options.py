"""Options of a custom field as lines of text: ``Scale | ru: Накипь``, and once they are there
``scale | Scale | ru: Накипь``."""

from __future__ import annotations

import re
from typing import Any

from otklik.core.fields.models import Field

_LANGUAGE = re.compile(r"([a-z]{2,3}): *(.*)", re.DOTALL)


def spell_options(field: Field) -> str:
    """Those that are offered, one a line."""
    lines = []
    for each in field.options:
        if each["is_active"]:
            words = each.get("labels") or {}
            labels = [f"{code}: {word}" for code, word in words.items()]
            lines.append(" | ".join([each["code"], each["name"], *labels]))
    return "\n".join(lines)


def read_options(text: str, field: Field | None) -> list[dict[str, Any]]:
    """As `core.fields` takes them. A name that was there, written anew without its code, is the
    same option and keeps its words."""
    known = {each["name"]: each for each in field.options} if field else {}
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        code, name, labels = _read(line)
        same = known.get(name) if not code else None
        if same is not None:
            code, labels = same["code"], labels or same.get("labels") or {}
        found.append({"code": code, "name": name, "labels": labels, "is_active": True})
    return found


def _read(line: str) -> tuple[str, str, dict[str, str]]:
    parts = [part.strip() for part in line.split("|")]
    labels: dict[str, str] = {}
    while len(parts) > 1 and (found := _LANGUAGE.fullmatch(parts[-1])):
        labels.setdefault(found[1], found[2])
        parts.pop()
    if len(parts) == 1:
        return "", parts[0], labels
    return parts[0], " | ".join(parts[1:]), labels
