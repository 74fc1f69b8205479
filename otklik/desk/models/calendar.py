"""Business calendars: when the desk works. The arithmetic is `kit.working_hours`."""

from __future__ import annotations

from django.db import models

from otklik.desk.querysets import StaffQuerySet


class Calendar(models.Model):
    """Working hours of a team or brand in one time zone, with a country's holidays."""

    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_always_open = models.BooleanField(default=False)
    # ISO 3166 codes as the `holidays` library knows them; empty means none.
    holiday_country = models.CharField(max_length=2, blank=True, default="")
    holiday_region = models.CharField(max_length=10, blank=True, default="")
    version = models.PositiveIntegerField(default=1)  # counts up with every change of hours
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        verbose_name = "calendar"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class CalendarSpan(models.Model):
    """One stretch of work on one weekday, in local minutes since midnight; ends at most at 1440."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                name="desk_span_in_day",
                condition=models.Q(weekday__lte=6, ends__lte=1440, starts__lt=models.F("ends")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.starts}-{self.ends}"


class CalendarException(models.Model):
    """One date that is not like its weekday: closed when ``spans`` is empty.

    ``spans`` is a list of [starts, ends] in minutes, as in `CalendarSpan`.
    """

    calendar = models.ForeignKey(
        Calendar, models.CASCADE, related_name="exceptions", db_index=False
    )
    date = models.DateField()
    name = models.CharField(max_length=100, blank=True, default="")
    spans = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="desk_exception_per_date")
        ]

    def __str__(self) -> str:
        return f"{self.date}"
