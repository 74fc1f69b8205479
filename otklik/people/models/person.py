"""Persons, their identities and their organisations."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from otklik.core.db.models import SortKeyField
from otklik.kit.text import sort_key
from otklik.people.models.sorting import with_sort_name
from otklik.people.querysets import IdentityQuerySet, OrganisationQuerySet, PersonQuerySet


class Organisation(models.Model):
    name = models.CharField(max_length=200)
    sort_name = SortKeyField()
    notes = models.TextField(max_length=10_000, blank=True, default="")
    custom = models.JSONField(null=True, blank=True)  # custom fields by key: `core.fields`
    # Who of us looks after them; people of the organisation have theirs from here.
    account_manager = models.ForeignKey(
        "people.Agent", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    is_vip = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        indexes = [models.Index(fields=["sort_name", "id"], name="people_org_by_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **with_sort_name(kwargs))


class OrganisationDomain(models.Model):
    """Persons with a proven address at this domain join the organisation by themselves."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)  # lower case, IDNA

    class Meta:
        verbose_name = "domain"
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain


class Person(models.Model):
    """A human, known by identities. A user is 0..1 per person, an agent a row on a person."""

    name = models.CharField(max_length=200, blank=True, default="")
    sort_name = SortKeyField()
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    job_title = models.CharField(max_length=120, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="")
    notes = models.TextField(max_length=10_000, blank=True, default="")
    account_manager = models.ForeignKey(
        "people.Agent", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    is_vip = models.BooleanField(default=False, db_default=False)
    is_blocked = models.BooleanField(default=False)
    custom = models.JSONField(null=True, blank=True)  # custom fields by key: `core.fields`
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    # A court or a dispute wants it kept: neither erased nor forgotten by the clock meanwhile.
    legal_hold_since = models.DateTimeField(null=True, blank=True)
    # What was known of them is gone; the row stays, so that their tickets still count.
    erased_at = models.DateTimeField(null=True, blank=True)
    # When they last wrote or signed in.
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # Found to be the same human as that one: nobody of their own until that is taken back.
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "person"
        indexes = [
            models.Index(fields=["sort_name", "id"], name="people_by_name"),
            models.Index(fields=["organisation", "sort_name", "id"], name="people_by_org"),
            models.Index(
                fields=["merged_into"],
                name="people_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
            models.Index(
                fields=["account_manager", "-id"],
                name="people_looked_after",
                condition=models.Q(account_manager__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at is not None:
            return gettext("Erased person")
        return self.name or f"#{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.name)
        super().save(*args, **with_sort_name(kwargs))


class VerifiedHow(models.TextChoices):
    """How an identity was proven to be the person's. A From: line proves nothing."""

    LINK = "link", "opened a link sent there"
    MAIL_AUTH = "mail_auth", "aligned DMARC pass"
    STAFF = "staff", "an administrator vouches"
    IMPORT = "import", "imported as proven"
    CHANNEL = "channel", "the channel itself proves it"


class Trouble(models.TextChoices):
    """Why letters to an address do not arrive; empty while they do."""

    NONE = "", _("none")
    HARD = "hard", _("there is no such address")
    SOFT = "soft", _("full or out of reach")
    REFUSED = "refused", _("its server refuses our letters")
    COMPLAINT = "complaint", _("its reader called a letter spam")


class Identity(models.Model):
    """One address of a person on one channel. The only truth for addresses.

    ``value`` is normalised by the channel (`Channel.normalise`); ``scope`` tells apart values that
    are only unique within something, such as one bot's chats; empty for e-mail.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="identities")
    # Who signs in by it, when staff merged that one into ``person``: what staff says of two people
    # shows nobody the requests of the other. None: the person themselves.
    portal_person = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="+", db_index=False
    )
    # What likely twins have in common, from `people.twins`; None: not computed yet.
    twin_key = models.CharField(max_length=100, null=True)
    kind = models.CharField(max_length=30)
    scope = models.CharField(max_length=100, blank=True, default="")
    value = models.CharField(max_length=320)
    display = models.CharField(max_length=320, blank=True, default="")
    is_primary = models.BooleanField(default=False)
    is_automated = models.BooleanField(default=False)  # nobody can prove to be a machine
    verified_at = models.DateTimeField(null=True)
    verified_how = models.CharField(max_length=12, choices=VerifiedHow, blank=True, default="")
    # What the last delivery report said; forgotten when they write or a letter arrives.
    trouble = models.CharField(
        max_length=10, choices=Trouble, blank=True, default="", db_default=""
    )
    trouble_at = models.DateTimeField(null=True)
    trouble_detail = models.CharField(max_length=300, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name = "identity"
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope", "value"], name="people_identity_once"),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=models.Q(is_primary=True),
                name="people_one_primary",
            ),
        ]
        indexes = [
            models.Index(fields=["twin_key"], name="people_twins"),
            models.Index(
                fields=["portal_person"],
                name="people_proving_for",
                condition=models.Q(portal_person__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.display or self.value

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None and not self.is_automated

    @property
    def proves_for(self) -> int:
        """The id of the person who signs in by it."""
        return self.portal_person_id or self.person_id
