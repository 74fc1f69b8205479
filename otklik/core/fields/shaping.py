"""What a definition may be: every attribute checked as it comes in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.fields.kinds import clean_value
from otklik.core.fields.models import (
    FILLED,
    REFERENCES,
    WITH_OPTIONS,
    CustomerAccess,
    Field,
    FieldKind,
    Required,
)
from otklik.core.fields.owners import find_owner
from otklik.core.vocabulary import read_match
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line, slug

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_OPTIONS = 200
MOST_TEAMS = 50
MOST_OF_HINT = 300


def clean_definition(
    actor: Actor, field: Field, given: Mapping[str, Any], *, is_new: bool = False
) -> None:
    """Set the checked attributes on the field. Raises Invalid naming the first that is wrong."""
    if is_new:
        _check_identity(field)
    unknown = set(given) - set(_CLEANERS)
    if unknown:
        raise Invalid(_("There is no such property."), fields=dict.fromkeys(sorted(unknown), ""))
    for name in _CLEANERS:
        if name in given:
            setattr(field, name, _CLEANERS[name](actor, field, given[name]))
    if not field.name:
        _refuse("name", _("Between 1 and %(count)d characters.") % {"count": 100})
    if field.kind in WITH_OPTIONS and not any(each["is_active"] for each in field.options):
        _refuse("options", _("Give at least one option, each on a line of its own."))


def _check_identity(field: Field) -> None:
    if find_owner(field.thing) is None:
        _refuse("thing", _("There is nothing of this kind."))
    if field.kind not in FieldKind.values:
        _refuse("kind", _("There is no such kind of field."))
    if not _KEY.fullmatch(field.key):
        _refuse("key", _("Small Latin letters, digits and _, a letter first, at most 40."))


def _name(actor: Actor, field: Field, given: Any) -> str:
    name = clean_line(str(given))
    if not name or len(name) > 100:
        _refuse("name", _("Between 1 and %(count)d characters.") % {"count": 100})
    return name


def _words(name: str, length: int) -> Callable[[Actor, Field, Any], dict[str, str]]:
    return lambda actor, field, given: clean_words(given, length, name)


_option_labels = _words("options", 100)


def _options(actor: Actor, field: Field, given: Any) -> list[dict[str, Any]]:
    """``given``: [{"code"?, "name", "labels"?, "is_active"?}]. Those that were there and are not
    given stay, inactive: values may have them."""
    if field.kind not in WITH_OPTIONS:
        return []
    if not isinstance(given, list) or len(given) > MOST_OPTIONS:
        _refuse("options", _("At most %(count)d options.") % {"count": MOST_OPTIONS})
    found: dict[str, dict[str, Any]] = {}
    for each in given:
        if not isinstance(each, Mapping):
            _refuse("options", _("Give at least one option, each on a line of its own."))
        name = clean_line(str(each.get("name", "")))
        if not name or len(name) > 100:
            _refuse("options", _("Between 1 and %(count)d characters.") % {"count": 100})
        code = clean_line(str(each.get("code") or "")) or _code(name, found)
        if code in found or not re.fullmatch(r"[a-z0-9_-]{1,60}", code):
            _refuse("options", _("Two options have the same code: %(code)s") % {"code": code})
        found[code] = {
            "code": code,
            "name": name,
            "labels": _option_labels(actor, field, each.get("labels") or {}),
            "is_active": bool(each.get("is_active", True)),
        }
    gone = [each for each in field.options if each["code"] not in found]
    return [*found.values(), *({**each, "is_active": False} for each in gone)]


def _code(name: str, taken: Mapping[str, Any]) -> str:
    base = slug(name, 40) or "option"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code


def _decimals(actor: Actor, field: Field, given: Any) -> int:
    if given not in (0, 1, 2, 3) or isinstance(given, bool):
        _refuse("decimals", _("From 0 to 3."))
    return int(given)


def _default(actor: Actor, field: Field, given: Any) -> Any:
    try:
        return clean_value(actor, field, given)
    except Invalid as refused:
        _refuse("default", str(refused))


def _required(actor: Actor, field: Field, given: Any) -> str:
    if given not in Required.values:
        _refuse("required", _("Choose from the list."))
    return str(given)


def _conditions(name: str) -> Callable[[Actor, Field, Any], Any]:
    def clean(actor: Actor, field: Field, given: Any) -> Any:
        if not given:
            return None
        try:
            match = read_match(field.thing, given)
        except Invalid as refused:
            details = [str(words) for words in refused.fields.values()]
            _refuse(name, " ".join([str(refused), *details]))
        if any(each.condition.name == f"field.{field.key}" for each in match.clauses):
            _refuse(name, _("A field cannot depend on itself."))
        return None if match.is_empty else match.as_json()

    return clean


def _teams(name: str) -> Callable[[Actor, Field, Any], list[int]]:
    def clean(actor: Actor, field: Field, given: Any) -> list[int]:
        is_list = isinstance(given, list | tuple) and len(given) <= MOST_TEAMS
        if not is_list or not all(isinstance(pk, int) and 0 < pk < 2**63 for pk in given):
            _refuse(name, _("Choose from the list."))
        return sorted(set(given))

    return clean


def _customer_access(actor: Actor, field: Field, given: Any) -> str:
    if given not in CustomerAccess.values:
        _refuse("customer_access", _("Choose from the list."))
    owner = find_owner(field.thing)
    if given != CustomerAccess.HIDDEN and (owner is None or not owner.is_for_customers):
        _refuse("customer_access", _("Customers see fields of their requests only."))
    if given in FILLED and field.kind in REFERENCES:
        words = _("Customers cannot fill in such a field: they would learn whom you know.")
        _refuse("customer_access", words)
    return str(given)


def _refuse(name: str, words: str) -> Any:
    raise Invalid(words, fields={name: words})


_CLEANERS: dict[str, Callable[[Actor, Field, Any], Any]] = {
    "name": _name,
    "labels": _words("labels", 100),
    "hint": lambda actor, field, given: clean_line(str(given), MOST_OF_HINT),
    "hints": _words("hints", MOST_OF_HINT),
    "options": _options,
    "decimals": _decimals,
    "default": _default,
    "required": _required,
    "visible_when": _conditions("visible_when"),
    "required_when": _conditions("required_when"),
    "see_teams": _teams("see_teams"),
    "edit_teams": _teams("edit_teams"),
    "customer_access": _customer_access,
    "is_filterable": lambda actor, field, given: bool(given),
}
