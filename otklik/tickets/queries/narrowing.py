"""Which tickets a list holds and a filter leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.vocabulary.matching import Clause
from otklik.tickets.models import Category, Follower, Tag, Ticket
from otklik.tickets.queries.filters import Filters
from otklik.tickets.querysets import TicketQuerySet

_UNFINISHED = ("mine", "unassigned", "team", "all")


def list_tickets(actor: Actor, filters: Filters, *, now: datetime | None = None) -> TicketQuerySet:
    """Lazy and unordered: what this one may see of what the filters ask for, search apart.

    A tag and a branch of categories are looked up at once: only of the ids themselves do databases
    know how many tickets have them.
    """
    rows = _list(actor, _one_of_each(actor, filters), filters)
    if filters.match is not None:
        rows = rows.filter(filters.match.q(actor=actor, now=now))
    if filters.within is not None:
        rows = rows.filter(filters.within.q(actor=actor, now=now))
    if filters.status and actor.is_staff:
        rows = rows.filter(status_kind__in=filters.status)
    elif filters.status:  # a customer's merged one stands where the other one stands
        own = Q(merged_into__isnull=True, status_kind__in=filters.status)
        rows = rows.filter(own | Q(merged_into__status_kind__in=filters.status))
    if filters.kind:
        rows = rows.filter(kind__in=filters.kind)
    if filters.priority:
        rows = rows.filter(priority__in=filters.priority)
    if filters.team:
        rows = rows.filter(team_id__in=filters.team)
    if filters.assignee:
        named = [agent for agent in filters.assignee if agent]
        nobody = Q(assignee__isnull=True) if 0 in filters.assignee else Q()
        rows = rows.filter(Q(assignee_id__in=named) | nobody if named else nobody)
    if filters.category is not None:
        branch = Category.objects.filter(path__contains=f"/{filters.category}/")
        rows = rows.filter(category_id__in=list(branch.values_list("pk", flat=True)))
    if filters.tag:
        tag = Tag.objects.filter(key=filters.tag).values_list("pk", flat=True).first()
        rows = rows.filter(tags=tag) if tag is not None else rows.none()
    plain = {
        "brand_id": filters.brand,
        "last_channel": filters.channel or None,
        "requester_id": filters.requester,
        "organisation_id": filters.organisation,
        "updated_at__gte": filters.updated_since,
        "created_at__gte": filters.created_since,
    }
    return rows.filter(**{name: value for name, value in plain.items() if value is not None})


def _one_of_each(actor: Actor, filters: Filters) -> TicketQuerySet:
    """Nothing twice: what was merged is found where it went. Whoever does not see that one keeps
    their own in sight."""
    rows = Ticket.objects.visible_to(actor)
    if actor.is_staff:
        # What was merged wants no work of its own (`columns`). Not asked for once more, a list of
        # what does is counted from its index alone, without a thousand tickets beside it.
        return rows if filters.list in _UNFINISHED else rows.standing()
    return rows.exclude(merged_into__in=rows.values("pk"))


def _list(actor: Actor, rows: TicketQuerySet, filters: Filters) -> TicketQuerySet:
    name = filters.list
    if name == "any":
        # Spam and trash are in no list, unless they are what is asked about.
        asked = {clause.condition.name for clause in _given_clauses(filters)}
        rows = rows if "ticket.trash" in asked else rows.alive()
        return rows if "ticket.spam" in asked else rows.filter(spam_at__isnull=True)
    if name == "mine":
        return rows.unfinished().filter(assignee__person_id=actor.person_id or 0)
    if name == "unassigned":
        return rows.unfinished().filter(assignee__isnull=True)
    if name == "team":
        return rows.unfinished().filter(team_id__in=actor.team_ids)
    if name == "all":
        return rows.unfinished()
    if name == "snoozed":
        return rows.alive().filter(snoozed_until__isnull=False, spam_at__isnull=True)
    if name == "followed":
        followed = Follower.objects.filter(person=actor.person_id or 0)
        return rows.alive().filter(pk__in=followed.values("ticket_id"))
    if name == "solved":
        since = timezone.now() - timedelta(days=30)
        return rows.alive().filter(
            solved_at__isnull=False, solved_at__gte=since, spam_at__isnull=True
        )
    if name == "trash":
        return rows.filter(trashed_at__isnull=False)
    return rows.alive().filter(spam_at__isnull=False)


def _given_clauses(filters: Filters) -> tuple[Clause, ...]:
    given = (filters.match, filters.within)
    return tuple(clause for match in given if match is not None for clause in match.clauses)
