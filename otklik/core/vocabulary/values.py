"""From JSON or a form to the typed value an operator compares with, and the field that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.core.vocabulary.operators import Operator, ValueType
from otklik.kit.text import clean_line

MAX_TEXT = 200
MAX_VALUES = 200
MAX_MINUTES = 100 * 366 * 24 * 60
_BIGINT = 2**63 - 1
_CODES = (ValueType.CHOICE, ValueType.CODES)

Choices = Callable[[], Iterable[tuple[Any, str | Promise]]]


ME = "me"  # among ids: whoever asks


def clean_value(
    kind: ValueType,
    operator: Operator,
    value: Any,
    normalise: Callable[[str], str] = clean_line,
    *,
    knows_me: bool = False,
) -> Any:
    """The typed value. Raises Invalid with words for whoever wrote the condition.

    Ids may be joined by None, nothing at all, and with ``knows_me`` by ``ME``.
    """
    if not operator.takes_value:
        return None
    if operator.is_relative:
        minutes = _number(value)
        if minutes > MAX_MINUTES:
            words = _("That is too long. Say at most %(days)d days.")
            raise Invalid(words % {"days": MAX_MINUTES // 1440})
        if not (0 if operator.is_ahead else 1) <= minutes:
            raise Invalid(_("Say a number of minutes from one up."))
        return minutes
    if operator.is_many:
        return _several(kind, value, knows_me=knows_me)
    if kind is ValueType.TEXT:
        return _text(value, normalise)
    if kind is ValueType.NUMBER:
        return _number(value)
    if kind is ValueType.BOOLEAN:
        if isinstance(value, bool):
            return value
        raise Invalid(_("Say yes or no."))
    if kind is ValueType.MOMENT:
        return _moment(value)
    raise Invalid(_("This cannot be asked here."))


def form_field(kind: ValueType, operator: Operator, choices: Choices | None) -> forms.Field | None:
    """The field that asks for the value; None when the operator takes none."""
    if not operator.takes_value:
        return None
    if operator.is_relative:
        least = 0 if operator.is_ahead else 1
        return forms.IntegerField(label=_("Minutes"), min_value=least, max_value=MAX_MINUTES)
    if operator.is_many:
        return forms.TypedMultipleChoiceField(
            coerce=str if kind in _CODES else int, choices=choices or (lambda: ())
        )
    if kind is ValueType.TEXT:
        return forms.CharField(max_length=MAX_TEXT)
    if kind is ValueType.NUMBER:
        return forms.IntegerField(min_value=-_BIGINT, max_value=_BIGINT)
    if kind is ValueType.BOOLEAN:
        return forms.BooleanField(required=False)
    return forms.DateTimeField()


def value_as_json(value: Any) -> Any:
    """As it is stored in a view or rule; ``clean_value`` reads it again."""
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value, key=_order) if isinstance(value, frozenset) else value


def _order(value: Any) -> tuple[int, Any]:
    """None, then ``ME``, then ids or codes."""
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, str) else (2, value)


def _text(value: Any, normalise: Callable[[str], str]) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT * 4:
        raise Invalid(_("Say a text of at most 200 characters."))
    # Half of a surrogate pair is no text to a database.
    text = normalise(value.encode("utf-8", "ignore").decode())
    if not text or len(text) > MAX_TEXT:
        raise Invalid(_("Say a text of at most 200 characters."))
    return text


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _BIGINT:
        raise Invalid(_("Say a whole number."))
    return int(value)


def _moment(value: Any) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime):
        raise Invalid(_("Say a date and a time."))
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _several(kind: ValueType, value: Any, *, knows_me: bool) -> frozenset[Any]:
    given = value if isinstance(value, list | tuple | set | frozenset) else [value]
    if not 1 <= len(given) <= MAX_VALUES:
        raise Invalid(_("Choose at least one, and not more than 200."))
    if kind not in _CODES:
        return frozenset(_id(kind, each, knows_me=knows_me) for each in given)
    if not all(isinstance(each, str) and 0 < len(each) <= MAX_TEXT for each in given):
        raise Invalid(_("Choose from the list."))
    return frozenset(each.replace("\0", "").encode("utf-8", "ignore").decode() for each in given)


def _id(kind: ValueType, value: Any, *, knows_me: bool) -> Any:
    if value is None and kind is ValueType.REFERENCE:
        return None
    return ME if knows_me and value == ME else _number(value)
