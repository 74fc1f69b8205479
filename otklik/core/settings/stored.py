"""Settings that administrators change on screens: declared by rooms, stored as rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.settings import secrets
from otklik.core.settings.events import SettingChanged


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting that exists. ``check`` raises ValueError with words for the person."""

    key: str
    type: type
    default: Any
    label: str | Promise
    help: str | Promise = ""
    choices: tuple[Any, ...] = ()
    is_secret: bool = False
    check: Callable[[Any], None] | None = None


_declared: dict[str, Declared] = {}


def register(
    key: str,
    type: type,
    default: Any,
    label: str | Promise,
    *,
    help: str | Promise = "",
    choices: tuple[Any, ...] = (),
    is_secret: bool = False,
    check: Callable[[Any], None] | None = None,
) -> None:
    """Declare a setting, from ``apps.ready()``. ``type``: bool, int, float, str, list or dict.

    A secret is a str that is stored sealed. Raises ValueError when the key is taken.
    """
    declared = Declared(key, type, default, label, help, choices, is_secret, check)
    known = _declared.get(key)
    if known is not None and (known.type, known.default) != (type, default):
        raise ValueError(f"setting {key!r} is declared twice")
    if is_secret and type is not str:
        raise ValueError(f"secret setting {key!r} must be a str")
    _declared[key] = declared


def list_declared() -> list[Declared]:
    return sorted(_declared.values(), key=lambda declared: declared.key)


def get(key: str) -> Any:
    """The stored value or the default. Raises LookupError for a key nobody declared."""
    return get_many(key)[key]


def get_many(*keys: str) -> dict[str, Any]:
    """Several values in one query."""
    from otklik.core.settings.models import Setting

    declared = {key: _declaration(key) for key in keys}
    rows = dict(Setting.objects.filter(key__in=keys).values_list("key", "value"))
    found = {}
    for key, each in declared.items():
        value = rows.get(key, each.default)
        found[key] = secrets.unseal(value) if each.is_secret and key in rows and value else value
    return found


@action
def put(actor: Actor, key: str, value: Any) -> None:
    """Store a value. Raises Forbidden, Invalid (field ``key``) and LookupError."""
    from otklik.core.events.record import record
    from otklik.core.settings.models import Setting

    declared = _declaration(key)
    if not actor.can("settings.change"):
        raise Forbidden(_("Only an administrator may change settings."))
    _check(declared, value)
    row = Setting.objects.filter(key=key).first()
    if row is not None and not declared.is_secret and row.value == value:
        return
    stored = secrets.seal(value) if declared.is_secret and value else value
    Setting.objects.update_or_create(
        key=key, defaults={"value": stored, "updated_at": timezone.now()}
    )
    record(actor, SettingChanged(key=key))


def _declaration(key: str) -> Declared:
    try:
        return _declared[key]
    except KeyError:
        raise LookupError(f"no room declares the setting {key!r}") from None


def _check(declared: Declared, value: Any) -> None:
    is_right_type = isinstance(value, declared.type) and (
        declared.type is bool or not isinstance(value, bool)
    )
    if not is_right_type or (declared.choices and value not in declared.choices):
        raise Invalid(
            _("This is no possible value."), fields={declared.key: _("This is no possible value.")}
        )
    if declared.check is not None:
        try:
            declared.check(value)
        except ValueError as error:
            raise Invalid(str(error), fields={declared.key: str(error)}) from None
