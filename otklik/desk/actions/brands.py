"""Brands: making them, changing them, choosing the default one."""

from __future__ import annotations

from typing import Any

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk import policy, values
from otklik.desk.events import BrandChanged, BrandCreated, BrandMadeDefault
from otklik.desk.models import Brand, Calendar

_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 100, is_required=True),
    "language": values.language,
    "languages": values.languages,
    "calendar": values.as_is,
    "color": values.color,
    "corner": values.corner,
    "logo_sha256": values.sha256,
    "host": values.host,
    "embed_domains": values.embed_domains,
    "first_reply_minutes": values.whole_number("first_reply_minutes", 1, 60_000),
    "close_after_days": values.whole_number("close_after_days", 0, 365),
    "files_kept_months": values.months("files_kept_months"),
    "texts_kept_months": values.months("texts_kept_months"),
    "tickets_kept_months": values.months("tickets_kept_months"),
}


@action
def create_brand(actor: Actor, *, name: str, calendar: Calendar, **details: Any) -> Brand:
    """``details``: as in `change_brand`. The first brand is the default one."""
    policy.demand_manage(actor)
    cleaned = values.clean_changes({"name": name, "calendar": calendar, **details}, _CLEANERS)
    brand = Brand(is_default=not Brand.objects.filter(is_default=True).exists())
    for field, value in cleaned.items():
        setattr(brand, field, value)
    brand.languages = _languages(brand)
    brand.save()
    record(actor, BrandCreated(brand_id=brand.pk))
    return brand


@action
def change_brand(actor: Actor, brand: Brand, **changes: Any) -> Brand:
    """Change name, language, languages, calendar, color, corner, logo_sha256, host,
    embed_domains, first_reply_minutes, close_after_days, or what is kept for how long:
    files_kept_months, texts_kept_months, tickets_kept_months (None: for ever). Raises Forbidden
    and Invalid.
    """
    policy.demand_manage(actor)
    cleaned = values.clean_changes(changes, _CLEANERS)
    current = Brand.objects.select_for_update().get(pk=brand.pk)
    if "language" in cleaned or "languages" in cleaned:
        for field in ("language", "languages"):
            setattr(brand, field, cleaned.get(field, getattr(current, field)))
        cleaned["languages"] = _languages(brand)
    changed = values.apply(current, cleaned)
    if changed:
        record(actor, BrandChanged(brand.pk, tuple(changed)))
    for field in cleaned:
        setattr(brand, field, getattr(current, field))
    return brand


@action
def make_default_brand(actor: Actor, brand: Brand) -> Brand:
    """What has no brand of its own goes to this one from now on."""
    policy.demand_manage(actor)
    # Every row is held, so two at once cannot each leave the other's brand the default.
    rows = {row.pk: row for row in Brand.objects.select_for_update().order_by("id")}
    if not rows[brand.pk].is_default:
        Brand.objects.filter(is_default=True).update(is_default=False)
        Brand.objects.filter(pk=brand.pk).update(is_default=True)
        record(actor, BrandMadeDefault(brand_id=brand.pk))
    brand.is_default = True
    return brand


def _languages(brand: Brand) -> list[str]:
    """What the portal offers, the brand's own first."""
    return [brand.language, *(code for code in brand.languages if code != brand.language)]
