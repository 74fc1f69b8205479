"""What happens to the desk's furniture. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("brand.created")
@dataclass(frozen=True, slots=True)
class BrandCreated:
    brand_id: int


@event("brand.changed")
@dataclass(frozen=True, slots=True)
class BrandChanged:
    """``fields`` are the names of what changed, never the values."""

    brand_id: int
    fields: tuple[str, ...] = ()


@event("brand.made_default")
@dataclass(frozen=True, slots=True)
class BrandMadeDefault:
    brand_id: int


@event("calendar.created")
@dataclass(frozen=True, slots=True)
class CalendarCreated:
    calendar_id: int


@event("calendar.changed")
@dataclass(frozen=True, slots=True)
class CalendarChanged:
    calendar_id: int
    version: int


@event("account.created")
@dataclass(frozen=True, slots=True)
class AccountCreated:
    account_id: int
    brand_id: int
    kind: str


@event("account.changed")
@dataclass(frozen=True, slots=True)
class AccountChanged:
    account_id: int
    fields: tuple[str, ...] = ()


@event("account.deactivated")
@dataclass(frozen=True, slots=True)
class AccountDeactivated:
    account_id: int


@event("account.activated")
@dataclass(frozen=True, slots=True)
class AccountActivated:
    account_id: int


@event("account.failing")
@dataclass(frozen=True, slots=True)
class AccountFailing:
    """It stopped working; recorded once, until it works again."""

    account_id: int


@event("account.recovered")
@dataclass(frozen=True, slots=True)
class AccountRecovered:
    account_id: int


@event("text.changed")
@dataclass(frozen=True, slots=True)
class TextChanged:
    key: str
    language: str
    brand_id: int | None = None
