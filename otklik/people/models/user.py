"""Users: who can sign in. Roles: what they may."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from otklik.people.models.person import Person
from otklik.people.querysets import UserQuerySet


class Role(models.Model):
    """A named set of permissions. Built-in ones are kept in step with `people.roles` by code."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100, blank=True, default="")  # empty: the built-in name
    permissions = models.JSONField(default=list)
    is_builtin = models.BooleanField(default=False)
    is_staff = models.BooleanField(default=False)  # gives the scope "staff"

    class Meta:
        verbose_name = "role"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name or self.code


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        found: User = self.get(email=(username or "").strip().lower())
        return found


class User(AbstractBaseUser):
    """Somebody who can sign in. The e-mail here is the sign-in name, mirrored from an identity."""

    email = models.EmailField(max_length=254, unique=True)
    person = models.OneToOneField(Person, models.PROTECT, related_name="user")
    roles: models.ManyToManyField[Role, Any] = models.ManyToManyField(Role, related_name="+")
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="")
    theme = models.CharField(max_length=8, blank=True, default="")  # "", light, dark
    density = models.CharField(max_length=8, blank=True, default="")  # "", compact, roomy
    shortcuts_off = models.BooleanField(default=False)  # unused: a browser keeps it (`keyboard.ts`)
    has_toured = models.BooleanField(default=False, db_default=False)  # seen or left the tour
    session_epoch = models.PositiveIntegerField(default=0)  # counting up ends every session
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "user"

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        return salted_hmac(
            "otklik.people.User.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class SignInLink(models.Model):
    """A single-use, short-lived link sent to an address; only its hash is kept.

    ``purpose``: sign_in (customers), invitation and password (agents), setup (the first start).
    """

    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=12)
    identity = models.ForeignKey("people.Identity", models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    next_path = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "sign-in link"
        indexes = [models.Index(fields=["expires_at"], name="people_links_by_expiry")]

    def __str__(self) -> str:
        return f"{self.purpose} #{self.pk}"
