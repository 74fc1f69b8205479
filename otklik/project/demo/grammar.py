"""Russian past tense has a gender: the talks are written once and bent to whoever speaks."""

from __future__ import annotations

import re

# Feminine first. Only what speakers say of themselves, never what they say of things.
_PAIRS = (
    "проверила/проверил", "посмотрела/посмотрел", "исправила/исправил", "отправила/отправил",
    "передала/передал", "добавила/добавил", "поставила/поставил", "записала/записал",
    "отложила/отложил", "положила/положил", "закрепила/закрепил", "послушала/послушал",
    "подготовила/подготовил", "заменила/заменил", "сама/сам", "закрыла/закрыл",
    "подключилась/подключился", "откатила/откатил", "перенесла/перенёс", "взяла/взял",
    "распечатала/распечатал", "повесила/повесил", "приложила/приложил", "купила/купил",
    "тянула/тянул", "выключала/выключал", "делала/делал", "получила/получил",
    "продублировала/продублировал", "предупредила/предупредил", "оставила/оставил",
    "согласна/согласен", "нашла/нашёл",
)  # fmt: skip
_SHE = {m.casefold(): f for f, m in (pair.split("/") for pair in _PAIRS)}
_HE = {f.casefold(): m for f, m in (pair.split("/") for pair in _PAIRS)}
_MEN_IN_A = frozenset({"Илья", "Никита", "Лука", "Фома", "Юра", "Даня", "Костя", "Гоша"})
_WORD = re.compile(r"[А-Яа-яё]+")


def is_woman(name: str) -> bool:
    first = name.split()[0]
    return first.endswith(("а", "я")) and first not in _MEN_IN_A


def bend(text: str, speaker: str) -> str:
    """The text as this person would write it."""
    forms = _SHE if is_woman(speaker) else _HE

    def replace(match: re.Match[str]) -> str:
        found = forms.get(match[0].casefold())
        if found is None:
            return match[0]
        return found.capitalize() if match[0][0].isupper() else found

    return _WORD.sub(replace, text)
