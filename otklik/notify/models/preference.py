"""What one wants to be told of, how and when. No row: as the desk says."""

from __future__ import annotations

from django.db import models

from otklik.notify import times
from otklik.notify.topics import Mail, Ways
from otklik.people.models import Person


class Preference(models.Model):
    """One's own choice for one topic."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    topic = models.CharField(max_length=40)
    screen = models.BooleanField()
    sound = models.BooleanField()
    push = models.BooleanField()
    mail = models.CharField(max_length=8)
    in_quiet_hours = models.BooleanField()

    class Meta:
        verbose_name = "choice of notifications"
        constraints = [
            models.UniqueConstraint(fields=["person", "topic"], name="notify_chosen_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.topic}"

    @property
    def ways(self) -> Ways:
        return Ways(self.screen, self.sound, self.push, Mail(self.mail), self.in_quiet_hours)


class Digest(models.TextChoices):
    HOURLY = times.HOURLY
    DAILY = times.DAILY
    TIMES = times.TIMES


class Pace(models.Model):
    """When one wants to be reached, on one's own clock: minutes of the day, 0 is midnight.

    ``quiet_days`` and ``digest_times`` are lists of numbers: weekdays (0 is Monday), minutes.
    """

    person = models.OneToOneField(Person, models.CASCADE, related_name="+")
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_until = models.PositiveSmallIntegerField(null=True)
    quiet_days = models.JSONField(default=list)
    digest = models.CharField(max_length=8, choices=Digest, default=Digest.DAILY)
    digest_times = models.JSONField(default=list)
    push_shows_text = models.BooleanField(default=False)

    class Meta:
        verbose_name = "pace of notifications"

    def __str__(self) -> str:
        return f"pace of {self.person_id}"

    @property
    def quiet(self) -> times.Quiet:
        return times.Quiet(self.quiet_from, self.quiet_until, frozenset(self.quiet_days))
