"""Browsers that take web push, and the key by which their services know this desk."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.people.models import Person


class Device(models.Model):
    """One browser of one person. Endpoint and keys are sealed: who holds them may send to it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    host = models.CharField(max_length=253)  # of its push service
    endpoint_hash = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()  # {"endpoint", "p256dh", "auth"} as JSON
    created_at = models.DateTimeField(default=timezone.now)
    reached_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "device"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class VapidKey(models.Model):
    """The desk's own key pair (RFC 8292), made once: another one would silence every device."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=120)  # base64url, uncompressed point
    sealed = models.TextField()  # the private scalar, base64url
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "push key"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="notify_one_key")]

    def __str__(self) -> str:
        return self.public
