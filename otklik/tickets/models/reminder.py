"""What somebody wants to be reminded of, and when. Nobody else sees it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.core.access import Actor
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, actor: Actor) -> ReminderQuerySet:
        """One's own, of tickets that one may still see."""
        mine = self.filter(person_id=actor.person_id or 0, dropped_at__isnull=True)
        return mine.filter(ticket__in=Ticket.objects.visible_to(actor))

    def due(self) -> ReminderQuerySet:
        """Told and not yet seen."""
        return self.filter(told_at__isnull=False, seen_at__isnull=True)

    def coming(self) -> ReminderQuerySet:
        return self.filter(told_at__isnull=True)


class Reminder(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)  # when its time had come
    seen_at = models.DateTimeField(null=True)  # until then it stands on the screen
    dropped_at = models.DateTimeField(null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = "reminder"
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="tickets_reminders_due",
                condition=models.Q(told_at__isnull=True, dropped_at__isnull=True),
            ),
            models.Index(
                fields=["person", "due_at", "id"],
                name="tickets_reminders_of",
                condition=models.Q(seen_at__isnull=True, dropped_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"reminder {self.pk} of {self.person_id}"
