"""What one is told of and when, as forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from otklik.notify.actions import Hours
from otklik.notify.models import Pace
from otklik.notify.models.preference import Digest
from otklik.notify.settings import LONGEST_WAIT
from otklik.notify.topics import Mail, Topic, Ways, list_topics

MAILS = (
    (Mail.OFF.value, _("No letter")),
    (Mail.NOW.value, _("At once")),
    (Mail.DIGEST.value, _("In a digest")),
)
MAIL_LABEL = _("By e-mail")
DIGESTS = (
    (Digest.HOURLY.value, _("Every hour")),
    (Digest.DAILY.value, _("Once a day")),
    (Digest.TIMES.value, _("Several times a day")),
)
WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
_TICKED = (
    ("screen", _("On screen")),
    ("sound", _("Sound")),
    ("push", _("On devices")),
    ("in_quiet_hours", _("In quiet hours, too")),
)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """A topic of the table with its bound fields: (label, field) of each way."""

    topic: Topic
    cells: tuple[BoundField, ...]
    mail: BoundField
    is_own: bool


class TopicsForm(forms.Form):
    """A row for each topic, a column for each way; ``present`` is what holds now."""

    def __init__(self, data: Any, present: Mapping[str, Ways], chosen: frozenset[str]) -> None:
        super().__init__(data)
        self._present, self._chosen = present, chosen
        for topic in list_topics():
            ways = present[topic.code]
            for name, label in _TICKED:
                self.fields[f"{topic.code}.{name}"] = forms.BooleanField(
                    label=f"{topic.label}: {label}",
                    required=False,
                    initial=getattr(ways, name),
                    widget=forms.CheckboxInput(attrs={"class": "checkbox"}),
                )
            self.fields[f"{topic.code}.mail"] = forms.ChoiceField(
                label=f"{topic.label}: {MAIL_LABEL}",
                choices=MAILS,
                initial=ways.mail.value,
                widget=forms.Select(attrs={"class": "select"}),
            )

    @property
    def heads(self) -> list[Any]:
        return [label for _name, label in _TICKED]

    @property
    def lines(self) -> Iterator[Line]:
        for topic in list_topics():
            yield Line(
                topic,
                tuple(self[f"{topic.code}.{name}"] for name, _label in _TICKED),
                self[f"{topic.code}.mail"],
                topic.code in self._chosen,
            )

    def ways(self) -> dict[str, Ways]:
        """By topic, of a valid form."""
        given = self.cleaned_data
        return {
            topic.code: Ways(
                mail=Mail(given[f"{topic.code}.mail"]),
                **{name: given[f"{topic.code}.{name}"] for name, _label in _TICKED},
            )
            for topic in list_topics()
        }


class HoursForm(forms.Form):
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_days = forms.TypedMultipleChoiceField(
        label=_("Quiet all day"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    digest = forms.ChoiceField(label=_("Digest"), choices=DIGESTS)
    digest_times = forms.CharField(
        label=_("At what time"),
        help_text=_("For several times a day: 9:00, 13:30, 18:00."),
        required=False,
        max_length=100,
    )
    push_shows_text = forms.BooleanField(
        label=_("Devices show names, subjects and first words"),
        help_text=_("Otherwise only the ticket's number and what happened, also when locked."),
        required=False,
    )

    def __init__(self, data: Any, pace: Pace) -> None:
        initial = {
            "quiet_from": _time(pace.quiet_from),
            "quiet_until": _time(pace.quiet_until),
            "quiet_days": pace.quiet_days,
            "digest": pace.digest,
            "digest_times": ", ".join(spell_minutes(each) for each in pace.digest_times),
            "push_shows_text": pace.push_shows_text,
        }
        super().__init__(data, initial=initial)

    def clean_digest_times(self) -> list[int]:
        """Minutes of the day. Raises ValidationError for what is no time."""
        minutes = []
        for written in re.split(r"[,;\s]+", self.cleaned_data["digest_times"].strip()):
            found = _TIME.match(written) if written else None
            if written and found is None:
                raise forms.ValidationError(_("Up to six times of day such as 9:00, 13:30."))
            if found is not None:
                minutes.append(int(found[1]) * 60 + int(found[2]))
        return minutes

    def hours(self) -> Hours:
        given = self.cleaned_data
        return Hours(
            quiet_from=_minutes(given["quiet_from"]),
            quiet_until=_minutes(given["quiet_until"]),
            quiet_days=given["quiet_days"],
            digest=given["digest"],
            digest_times=given["digest_times"] or (9 * 60,),
            push_shows_text=given["push_shows_text"],
        )


class DeskForm(forms.Form):
    """What else administrators decide."""

    keep_days = forms.IntegerField(
        label=_("Days for which notifications are kept"), min_value=1, max_value=3650
    )
    letter_after = forms.IntegerField(
        label=_("Minutes for which a letter to an agent waits"),
        help_text=_("Who reads it on screen meanwhile gets none."),
        min_value=0,
        max_value=LONGEST_WAIT,
    )
    mail_shows_text = forms.BooleanField(
        label=_("Letters to agents show subjects and words of customers"),
        help_text=_("Otherwise they name the ticket's number and what happened only."),
        required=False,
    )


def spell_minutes(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _time(minutes: int | None) -> time | None:
    return None if minutes is None else time(*divmod(minutes, 60))


def _minutes(moment: time | None) -> int | None:
    return None if moment is None else moment.hour * 60 + moment.minute
