"""A brand's own style sheet and picture, at addresses that change with them."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.urls import reverse

from otklik.desk.models import Brand
from otklik.ui.brand import brand_css

# Counts up when `ui.brand` derives other colours from the same choice.
_VERSION = 1


def sheet_stamp(brand: Brand) -> str:
    return _stamp(f"{_VERSION} {brand.color} {brand.corner}")


def logo_stamp(brand: Brand) -> str:
    """Tells one picture from another without telling its hash."""
    return _stamp(f"logo {brand.logo_sha256}")


def sheet_url(brand: Brand) -> str:
    return reverse("portal:brand_sheet", args=[brand.pk, sheet_stamp(brand)])


def logo_url(brand: Brand) -> str:
    if not brand.logo_sha256:
        return ""
    return reverse("portal:brand_logo", args=[brand.pk, logo_stamp(brand)])


@lru_cache(maxsize=64)
def sheet(color: str, corner: int) -> str:
    return brand_css(color, corner)


def _stamp(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
