"""Names and hints in the languages of the desk, as fields of a form: ``label-ru``, ``hint-en``."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from otklik.desk.texts import list_languages

_LABELS = {
    "label": gettext_lazy("Name, %(language)s"),
    "hint": gettext_lazy("When to use it, %(language)s"),
}


def add_words(
    form: forms.Form,
    kind: str,
    most: int,
    known: Mapping[str, str] | None,
    *,
    called: str | Promise = "",
) -> list[str]:
    """A field for each language, "label" or "hint", ``called`` with %(language)s; returns their
    names."""
    names = []
    for code, language in list_languages():
        names.append(f"{kind}-{code}")
        form.fields[names[-1]] = forms.CharField(
            label=(called or _LABELS[kind]) % {"language": language},
            max_length=most,
            required=False,
            initial=(known or {}).get(code, ""),
        )
    return names


def read_words(form: forms.Form, kind: str) -> dict[str, str]:
    """What was written, by language, as the actions take it."""
    return {code: form.cleaned_data[f"{kind}-{code}"] for code, _language in list_languages()}


class ByLanguage:
    """For a form whose words in other languages stand in a fold: templates show ``main_fields``
    and include "workspace/settings/languages.html"."""

    def main_fields(self) -> list[BoundField]:
        return [bound for bound in self if not _is_word(bound)]  # type: ignore[attr-defined]

    def word_fields(self) -> list[BoundField]:
        return [bound for bound in self if _is_word(bound)]  # type: ignore[attr-defined]

    def has_words(self) -> bool:
        """Whether any is there, or wrong: the fold is open then."""
        return any(bound.value() or bound.errors for bound in self.word_fields())


def _is_word(bound: BoundField) -> bool:
    return bound.name.partition("-")[0] in _LABELS and "-" in bound.name
