"""Sizes and durations in words of the reader's language."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext


def human_size(size: int) -> str:
    """``0 B``, ``640 KB``, ``2.4 MB``: bytes as people read them, in powers of 1024."""
    if size < 1024:
        return gettext("%(size)s B") % {"size": size}
    value = size / 1024
    names = (gettext("%(size)s KB"), gettext("%(size)s MB"), gettext("%(size)s GB"))
    for name in names:
        if value < 999.5 or name is names[-1]:
            break
        value /= 1024
    decimals = 1 if value < 9.95 and round(value, 1) % 1 else 0
    return name % {"size": number_format(round(value, decimals), decimals)}


def human_duration(minutes: int) -> str:
    """Minutes as ``45 minutes``, ``2 hours 10 minutes``, ``3 days``: at most two units."""
    days, rest = divmod(max(minutes, 0), 1440)
    hours, left = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if (left or not parts) and not days:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", left) % {"count": left})
    return " ".join(parts)
