"""That somebody is to be told of something: ids and codes, never texts or addresses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from otklik.people.models import Person


class Notification(models.Model):
    """One event for one person, once: what it says is read when it is shown.

    ``part_id`` is what of the thing it is about, such as a message. ``mail_at`` and ``push_at``
    are set exactly while a letter or a push waits; reading it makes both needless.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    topic = models.CharField(max_length=40)
    thing_kind = models.CharField(max_length=20)
    thing_id = models.BigIntegerField()
    part_id = models.BigIntegerField(null=True)
    event_id = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True)  # a person's id
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    is_shown = models.BooleanField(default=True)  # on screen
    has_sound = models.BooleanField(default=False)
    mail = models.CharField(max_length=8, blank=True, default="")  # now, digest
    mail_at = models.DateTimeField(null=True)
    push_at = models.DateTimeField(null=True)
    is_pushed = models.BooleanField(default=False)

    class Meta:
        verbose_name = "notification"
        constraints = [
            models.UniqueConstraint(fields=["person", "event_id"], name="notify_once"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notify_shown", condition=Q(is_shown=True)),
            models.Index(
                fields=["person", "thing_kind", "thing_id"],
                name="notify_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(
                fields=["mail_at"], name="notify_to_mail", condition=Q(mail_at__isnull=False)
            ),
            models.Index(
                fields=["push_at"], name="notify_to_push", condition=Q(push_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.event_id} for {self.person_id}"

    @property
    def thing(self) -> str:
        """``ticket:42``"""
        return f"{self.thing_kind}:{self.thing_id}"
