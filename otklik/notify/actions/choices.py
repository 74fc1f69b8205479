"""What one wants to be told of: one's own choice and the desk's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.settings import put
from otklik.notify.events import NotifyPreferencesChanged
from otklik.notify.hearers import actor_of_person, own_person
from otklik.notify.models import Pace, Preference
from otklik.notify.models.preference import Digest
from otklik.notify.settings import TOPICS
from otklik.notify.times import DAY
from otklik.notify.topics import Mail, Ways, find_topic, list_topics
from otklik.notify.wanting import read_defaults, read_table

MOST_TIMES = 6


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the day and weekdays, as `Pace` keeps them."""

    quiet_from: int | None = None
    quiet_until: int | None = None
    quiet_days: Collection[int] = field(default_factory=tuple)
    digest: str = Digest.DAILY
    digest_times: Collection[int] = (9 * 60,)
    push_shows_text: bool = False


@action
def choose_topics(actor: Actor, chosen: Mapping[str, Ways | None]) -> None:
    """One's own choice for some topics; None goes back to what the desk says. A choice that is
    what the desk says stays a choice. Raises Invalid for a topic there is not."""
    person_id = own_person(actor)
    _check_codes(chosen)
    for code, ways in chosen.items():
        rows = Preference.objects.filter(person_id=person_id, topic=code)
        if ways is None:
            rows.delete()
        else:
            Preference.objects.update_or_create(
                person_id=person_id, topic=code, defaults=_plain(ways)
            )
    record(actor, NotifyPreferencesChanged(person_id=person_id, topics=sorted(chosen)))


@action
def choose_hours(actor: Actor, hours: Hours) -> Pace:
    """Quiet hours, digests and what pushes show. Raises Invalid."""
    person_id = own_person(actor)
    _check_hours(hours)
    pace, _made = Pace.objects.update_or_create(
        person_id=person_id,
        defaults={
            "quiet_from": hours.quiet_from,
            "quiet_until": hours.quiet_until,
            "quiet_days": sorted(set(hours.quiet_days)),
            "digest": hours.digest,
            "digest_times": sorted(set(hours.digest_times)),
            "push_shows_text": hours.push_shows_text,
        },
    )
    record(actor, NotifyPreferencesChanged(person_id=person_id, topics=[]))
    return pace


@action
def stop_letters(person_id: int, topic: str) -> None:
    """What the link in a letter does, without signing in: no more letters of one topic, or of
    any for an empty one. Acts as that person."""
    actor = actor_of_person(person_id)
    if not actor.is_staff:
        return
    table = read_table()
    codes = [topic] if topic else [each.code for each in list_topics()]
    stopped = {}
    for code in codes:
        ways = table.ways(person_id, code)
        if find_topic(code) is not None and ways.mail is not Mail.OFF:
            stopped[code] = Ways(**{**ways.as_json(), "mail": Mail.OFF})
    if stopped:
        choose_topics(actor, stopped)


@action
def set_defaults(actor: Actor, ways: Mapping[str, Ways]) -> None:
    """How those are told who chose nothing. Raises Forbidden and Invalid."""
    _check_codes(ways)
    put(actor, TOPICS, {code: _plain(each) for code, each in {**read_defaults(), **ways}.items()})


def _plain(ways: Ways) -> dict[str, Any]:
    """As a column and JSON hold it."""
    return {**ways.as_json(), "mail": str(ways.mail)}


def _check_codes(chosen: Mapping[str, object]) -> None:
    unknown = [code for code in chosen if find_topic(code) is None]
    if unknown:
        raise Invalid(
            _("Some values make no sense."),
            fields={code[:40]: _("There is none.") for code in unknown},
        )


def _check_hours(hours: Hours) -> None:
    wrong = {}
    for name in ("quiet_from", "quiet_until"):
        value = getattr(hours, name)
        if value is not None and not 0 <= value < DAY:
            wrong[name] = _("A time of day such as 22:30.")
    if (hours.quiet_from is None) != (hours.quiet_until is None):
        wrong["quiet_until"] = _("Quiet hours have a beginning and an end.")
    if not all(0 <= day <= 6 for day in hours.quiet_days):
        wrong["quiet_days"] = _("This is no possible value.")
    if hours.digest not in Digest.values:
        wrong["digest"] = _("This is no possible value.")
    times = set(hours.digest_times)
    if not all(0 <= minute < DAY for minute in times) or len(times) > MOST_TIMES:
        wrong["digest_times"] = _("Up to six times of day such as 9:00, 13:30.")
    if hours.digest != Digest.HOURLY and not times:
        wrong["digest_times"] = _("At least one time of day such as 9:00.")
    if wrong:
        raise Invalid(_("Some values make no sense."), fields=wrong)
