"""The account through which a brand's forms come in."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM
from otklik.desk.actions import create_account
from otklik.desk.models import Account, Brand

CHANNEL = "web"


def find_web_account(brand: Brand) -> Account | None:
    """None where an administrator has switched it off: the brand takes in no forms then."""
    return Account.objects.active().filter(kind=CHANNEL, brand=brand).order_by("id").first()


def ensure_web_account(brand: Brand) -> None:
    """Make the brand's web account when it never had one. Inside the caller's transaction."""
    if Account.objects.filter(kind=CHANNEL, brand=brand).exists():
        return
    with translation.override(brand.language):
        create_account(SYSTEM, kind=CHANNEL, name=_("Web form"), brand=brand)
