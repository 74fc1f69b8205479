"""The desk's own words for its texts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk import policy, values
from otklik.desk.events import TextChanged
from otklik.desk.models import Brand, TextTemplate
from otklik.desk.placeholders import names_in
from otklik.desk.texts import get_text
from otklik.kit.text import clean_line, clean_text


@action
def write_text(
    actor: Actor, key: str, language: str, *, subject: str, body: str, brand: Brand | None = None
) -> TextTemplate:
    """Say it in other words, for one brand or for all. Raises Forbidden, LookupError for a key
    that does not exist, and Invalid for an unknown placeholder or one that must not be missing.
    """
    policy.demand_manage(actor)
    text = get_text(key)
    values.language(language)
    cleaned = clean_text(body).strip()
    if not cleaned or len(cleaned) > 20_000:
        raise values.invalid("body", _("Between 1 and %(count)d characters.") % {"count": 20_000})
    used = {*names_in(cleaned), *names_in(subject)}
    unknown = sorted(used - text.kinds.keys())
    if unknown:
        words = _("There is no placeholder “%(name)s” in this text.") % {"name": unknown[0]}
        raise values.invalid("body", words, "unknown_placeholder")
    missing = sorted(text.required - {*names_in(cleaned)})
    if missing:
        words = _("This text is of no use without {{ %(name)s }}.") % {"name": missing[0]}
        raise values.invalid("body", words, "missing_placeholder")
    row, _is_new = TextTemplate.objects.update_or_create(
        brand=brand,
        key=key,
        language=language,
        defaults={"subject": clean_line(subject, 200), "body": cleaned},
    )
    record(actor, TextChanged(key, language, brand.pk if brand else None))
    return row


@action
def forget_text(actor: Actor, key: str, language: str, *, brand: Brand | None = None) -> None:
    """Back to the words that stood before: the desk's for all brands, or the built-in ones."""
    policy.demand_manage(actor)
    rows = TextTemplate.objects.filter(key=key, language=language, brand=brand)
    count, _rows = rows.delete()
    if count:
        record(actor, TextChanged(key, language, brand.pk if brand else None))
