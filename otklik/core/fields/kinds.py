"""A value by the kind of its field: from what was given to what is stored, indexed and shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.fields.models import REFERENCES, Field, FieldKind, IndexRow
from otklik.core.fields.owners import find_reference
from otklik.kit.text import clean_text, sort_key

MAX_TEXT = 2000
MAX_NUMBER = 10**12
MAX_ID = 2**63 - 1
# A date as a moment: within the same date almost everywhere on earth.
_HOUR_OF_DATES = time(10, tzinfo=UTC)


def clean_value(actor: Actor, field: Field, given: Any) -> Any:
    """As it is stored: a text, a number, a code, a list of codes, an ISO date, an id; None for
    nothing. Raises Invalid naming the field."""
    if given is None or given in ("", []):
        return None
    try:
        return _CLEANERS[FieldKind(field.kind)](actor, field, given)
    except Invalid as refused:
        words = f"{field.label(_language())}: {refused}"
        raise Invalid(words, fields={field.key: str(refused)}) from None


def index_rows(field: Field, owner_id: int, value: Any) -> list[IndexRow]:
    """What the database finds the value by. Not saved."""
    if value is None:
        return []
    kind = field.kind
    if kind == FieldKind.NUMBER:
        return [IndexRow(field=field, owner_id=owner_id, number=scaled(field, value))]
    if kind == FieldKind.DATE:
        return [IndexRow(field=field, owner_id=owner_id, moment=moment_of(value))]
    if kind in REFERENCES:
        return [IndexRow(field=field, owner_id=owner_id, reference=value)]
    if kind == FieldKind.TEXT:
        key = sort_key(value)
        return [IndexRow(field=field, owner_id=owner_id, text=key)] if key else []
    codes = value if kind == FieldKind.MULTI else [value]
    return [IndexRow(field=field, owner_id=owner_id, text=code) for code in codes]


def scaled(field: Field, value: float | Decimal) -> int:
    """A number as it is indexed: whole, in the smallest step of its field."""
    return int((Decimal(str(value)) * 10**field.decimals).to_integral_value())


def moment_of(value: str) -> datetime:
    return datetime.combine(date.fromisoformat(value), _HOUR_OF_DATES)


def is_told(field: Field) -> bool:
    """Whether an event says the value: codes and ids, no words of anybody."""
    return field.kind not in (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.DATE)


def words_of(field: Field, value: Any, names: dict[tuple[str, int], str] | None = None) -> str:
    """How a value is shown; ``names``: what references point at, read before (`read_names`)."""
    if value is None:
        return ""
    if field.kind in (FieldKind.CHOICE, FieldKind.MULTI):
        labels = dict(field.option_choices(_language(), inactive=True))
        codes = value if isinstance(value, list) else [value]
        return ", ".join(str(labels.get(code, code)) for code in codes)
    if field.kind in REFERENCES:
        known = names if names is not None else read_names([(field, value)])
        return known.get((field.kind, value), f"#{value}")
    return str(value)


def read_names(pairs: Iterable[tuple[Field, Any]]) -> dict[tuple[str, int], str]:
    """Names of everything these values point at, a query for each kind."""
    wanted: dict[str, set[int]] = {}
    for field, value in pairs:
        if field.kind in REFERENCES and isinstance(value, int):
            wanted.setdefault(field.kind, set()).add(value)
    found: dict[tuple[str, int], str] = {}
    for kind, ids in wanted.items():
        reference = find_reference(kind)
        names = reference.spell(ids) if reference is not None else {}
        found |= {(kind, pk): name for pk, name in names.items()}
    return found


def _text(actor: Actor, field: Field, given: Any) -> str | None:
    if not isinstance(given, str) or len(given) > MAX_TEXT * 4:
        raise Invalid(_("Between 1 and %(count)d characters.") % {"count": MAX_TEXT})
    text = clean_text(given.encode("utf-8", "ignore").decode()).strip()
    if len(text) > MAX_TEXT:
        raise Invalid(_("Between 1 and %(count)d characters.") % {"count": MAX_TEXT})
    return text or None


def _number(actor: Actor, field: Field, given: Any) -> int | float:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise Invalid(_("Say a number."))
    written = str(given).strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        number = Decimal(written[:40])
    except InvalidOperation:
        raise Invalid(_("Say a number.")) from None
    if not number.is_finite() or abs(number) > MAX_NUMBER:
        raise Invalid(_("This number is too large."))
    step = Decimal(1).scaleb(-field.decimals)
    if number != number.quantize(step):
        if field.decimals == 0:
            raise Invalid(_("Say a whole number."))
        words = _("At most %(count)d digits after the point.")
        raise Invalid(words % {"count": field.decimals})
    return int(number) if number == number.to_integral_value() else float(number)


def _choice(actor: Actor, field: Field, given: Any) -> str:
    if not isinstance(given, str) or given not in field.codes:
        raise Invalid(_("Choose from the list."))
    return given


def _multi(actor: Actor, field: Field, given: Any) -> list[str] | None:
    codes = [given] if isinstance(given, str) else given
    if not isinstance(codes, list | tuple) or len(codes) > len(field.options):
        raise Invalid(_("Choose from the list."))
    chosen = {_choice(actor, field, code) for code in codes if code != ""}
    return [each["code"] for each in field.options if each["code"] in chosen] or None


def _date(actor: Actor, field: Field, given: Any) -> str:
    try:
        found = given if isinstance(given, date) else date.fromisoformat(str(given).strip()[:40])
    except ValueError:
        raise Invalid(_("Say a date as 2026-03-01.")) from None
    if not 1900 <= found.year <= 2200:
        raise Invalid(_("Say a date as 2026-03-01."))
    return found.strftime("%Y-%m-%d")


def _reference(actor: Actor, field: Field, given: Any) -> int:
    reference = find_reference(field.kind)
    text = str(given).strip()
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    if isinstance(given, bool) or reference is None or not (0 < pk <= MAX_ID):
        raise Invalid(_("Choose from the list."))
    if not reference.find(actor, pk):
        raise Invalid(_("There is none, or it is not yours to see."))
    return pk


def _language() -> str:
    return (get_language() or "").partition("-")[0]


_CLEANERS = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI: _multi,
    FieldKind.DATE: _date,
    FieldKind.PERSON: _reference,
    FieldKind.ORGANISATION: _reference,
}
