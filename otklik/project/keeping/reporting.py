"""The last backup and the last restore, as the desk remembers and shows them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core import settings
from otklik.core.access import SYSTEM
from otklik.core.hooks.health import HealthItem, State
from otklik.core.settings import config
from otklik.project.keeping.aftermath import LAST_BACKUP, RESTORED
from otklik.project.stopping import Stop

if TYPE_CHECKING:
    from otklik.project.keeping.making import Made

LATE = timedelta(days=2)
_ANNOUNCED = timedelta(days=14)


@contextmanager
def only_one() -> Iterator[None]:
    """One backup at a time per home. Raises Stop."""
    with (config().run_dir / "backup.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop("another backup of this desk is being made.") from None
        yield


def note_backup(made: Made, size: int) -> None:
    settings.put(
        SYSTEM,
        LAST_BACKUP,
        {
            "at": made.made_at.isoformat(),
            "name": made.path.name,
            "rows": made.rows,
            "files": made.files,
            "size": size,
            "missing": made.missing,
        },
    )


def look_at_backups() -> list[HealthItem]:
    values = settings.get_many(LAST_BACKUP, RESTORED)
    return [_last_backup(values[LAST_BACKUP]), *_restored(values[RESTORED])]


def _last_backup(last: dict[str, object]) -> HealthItem:
    advice = _("Have the machine run otklik backup every night; the operators' pages tell how.")
    if not last:
        if config().is_demo:
            return HealthItem(State.OFF, _("A demo company is not backed up"))
        return HealthItem(State.WARNING, _("No backup has been made yet"), advice=advice)
    age = timezone.now() - datetime.fromisoformat(str(last["at"]))
    hours = max(0, round(age.total_seconds() / 3600))
    detail = ngettext(
        "The last one is %(count)d hour old: %(name)s.",
        "The last one is %(count)d hours old: %(name)s.",
        hours,
    ) % {"count": hours, "name": last["name"]}
    if last["missing"]:
        return HealthItem(
            State.WARNING,
            _("The last backup lacks files"),
            detail,
            _("The store has lost contents that messages name; the backup's manifest lists them."),
        )
    if age > LATE:
        return HealthItem(State.WARNING, _("The last backup is old"), detail, advice)
    return HealthItem(State.OK, _("The desk is backed up"), detail)


def _restored(restored: dict[str, object]) -> list[HealthItem]:
    if not restored:
        return []
    if timezone.now() - datetime.fromisoformat(str(restored["at"])) > _ANNOUNCED:
        return []
    held = int(str(restored["held"]))
    detail = _("The backup was made on %(time)s UTC; what came later is not here.") % {
        "time": f"{datetime.fromisoformat(str(restored['made_at'])):%Y-%m-%d %H:%M}"
    }
    if held:
        detail += " " + ngettext(
            "%(count)d delivery that waited then was not sent.",
            "%(count)d deliveries that waited then were not sent.",
            held,
        ) % {"count": held}
    return [
        HealthItem(
            State.WARNING,
            _("This desk was restored from a backup"),
            detail,
            _("Look at the messages marked as uncertain, and say whether to send them again."),
        )
    ]
