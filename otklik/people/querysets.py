"""Objects reached only through the one who looks."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from otklik.core.access import Actor
from otklik.people.permissions import MANAGE_AGENTS, VIEW


class PersonQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Staff who may see people: everybody; a customer: themselves."""
        if may_see_people(actor):
            return self
        return self.filter(pk=actor.person_id) if actor.person_id else self.none()

    def present(self) -> Self:
        """Without those who are erased or merged into another one."""
        return self.filter(erased_at=None, merged_into=None)

    def with_details(self) -> Self:
        return self.select_related("organisation").prefetch_related("identities")


class OrganisationQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Staff who may see people: all; a customer: the one they provenly belong to."""
        if may_see_people(actor):
            return self
        ids = [int(scope[4:]) for scope in actor.scopes if scope.startswith("org:")]
        return self.filter(pk__in=ids) if ids else self.none()


class IdentityQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        if may_see_people(actor):
            return self
        return self.proving_for(actor.person_id) if actor.person_id else self.none()

    def verified(self) -> Self:
        return self.filter(verified_at__isnull=False, is_automated=False)

    def proving_for(self, person_id: int) -> Self:
        """Those by which this person signs in: theirs, without what others brought in a merge."""
        own = models.Q(person_id=person_id, portal_person=None)
        return self.filter(own | models.Q(portal_person_id=person_id))


class TeamQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self if actor.is_staff else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)


class AgentQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Colleagues see one another; customers see agents only through what those wrote."""
        return self if actor.is_staff else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_person(self) -> Self:
        return self.select_related("person")


class UserQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Who manages agents sees every user; anybody else only the own one."""
        if actor.can(MANAGE_AGENTS):
            return self
        return self.filter(pk=actor.user_id) if actor.user_id else self.none()


def may_see_people(actor: Actor) -> bool:
    return actor.is_staff and actor.can(VIEW)
