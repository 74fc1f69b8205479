"""Public holidays by country, from the `holidays` library, computed year by year and kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from otklik.desk.values import invalid


def check_country(country: str, region: str) -> None:
    """Raises Invalid for a country or region the library does not know."""
    if not country:
        if region:
            raise invalid("holiday_region", _("Choose a country first."))
        return
    known = list_countries().get(country)
    if known is None:
        raise invalid("holiday_country", _("The holidays of this country are not known."))
    if region and region not in known:
        raise invalid("holiday_region", _("This is no region of that country."))


@lru_cache(maxsize=1)
def list_countries() -> dict[str, tuple[str, ...]]:
    """ISO 3166 code → codes of its regions. Loads the library (some 100 ms, once)."""
    import holidays

    found = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(regions) for country, regions in sorted(found.items())}


def holidays_of(country: str, region: str) -> Callable[[date], bool]:
    """A test for one date; ``country`` is known (`check_country`)."""

    def is_holiday(day: date) -> bool:
        return day in holidays_in(country, region, day.year)

    return is_holiday


@lru_cache(maxsize=512)
def holidays_in(country: str, region: str, year: int, language: str = "") -> dict[date, str]:
    """Date → name, in ``language`` where the library has it. Empty for a country it has dropped."""
    import holidays

    try:
        found = holidays.country_holidays(
            country, subdiv=region or None, years=year, language=_tongue(country, language)
        )
    except NotImplementedError:
        return {}
    return dict(sorted(found.items()))


def _tongue(country: str, language: str) -> str | None:
    import holidays

    if not language:
        return None
    known: tuple[str, ...] = getattr(holidays.country_holidays(country), "supported_languages", ())
    return next((each for each in known if each.split("_")[0] == language), None)
