"""Taking the demo away, and leaving what somebody has made since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from otklik.channels.models import InboundRecord
from otklik.core import files, search, settings
from otklik.core.access import Origin
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.fields.models import Field
from otklik.core.hooks.program import Progress
from otklik.core.operations.models import Change, Operation
from otklik.core.outbox.models import Delivery
from otklik.desk import company as desk_company
from otklik.desk.actions import change_account, change_brand, deactivate_account
from otklik.desk.models import Account, Brand, Calendar
from otklik.notify.models import Notification
from otklik.people.actions import deactivate_agent
from otklik.people.models import Agent, CustomerNote, Organisation, Person, Team, User
from otklik.people.queries import has_administrator
from otklik.project.demo import company
from otklik.project.demo.furnishing import BRAND_BEFORE, COMPANY, WEB_BEFORE
from otklik.project.demo.made import DEMO, LOADED_AT, MADE, forget, recall
from otklik.tickets.models import (
    Attachment,
    Category,
    ChecklistTemplate,
    MessageBody,
    Status,
    Tag,
    Ticket,
    TicketTag,
)
from otklik.workspace.models import CannedReply, Macro, Script, View

STEP = 10

# Children before parents.
_ORDER: tuple[type[models.Model], ...] = (
    *(CannedReply, Macro, Script, View, ChecklistTemplate, Field, Person, Organisation, Account),
    *(Team, Category, Status, Brand, Calendar),
)


def remove(progress: Progress) -> Sequence[str]:
    """What stays, and why, in words for the operator. May be stopped and repeated."""
    tickets = list(
        Ticket.objects.filter(origin=Origin.DEMO).order_by("pk").values_list("pk", flat=True)
    )
    total = len(tickets) + sum(len(recall(model)) for model in (Person, Organisation))
    for start in range(0, len(tickets), STEP):
        _remove_tickets(tickets[start : start + STEP])
        progress(min(start + STEP, len(tickets)), total)
    _restore_brand()
    _remove_rows(CustomerNote)  # before those who wrote them
    staying = _remove_staff()
    done = len(tickets)
    for model in _ORDER:
        kept = _remove_rows(model)
        done += len(recall(model))
        progress(min(done, total), total)
        staying += [f"{model._meta.verbose_name}: {thing}" for thing in kept]
    with write():
        Tag.objects.exclude(pk__in=TicketTag.objects.values("tag_id")).delete()
    _remove_traces()
    with write():
        forget()
        settings.put(DEMO, LOADED_AT, "")
        if not has_administrator():
            # Nobody could look after the desk any more: the set-up is open again.
            settings.put(DEMO, desk_company.SET_UP_AT, "")
    progress(total, total)
    return staying


def _remove_tickets(ids: list[int]) -> None:
    with write():
        for attachment in Attachment.objects.filter(message__ticket__in=ids).select_related("blob"):
            files.release(attachment.blob)
        bodies = MessageBody.objects.filter(message__ticket__in=ids, raw__isnull=False)
        for body in bodies.select_related("raw"):
            if body.raw is not None:
                files.release(body.raw)
        operations = Change.objects.filter(model=Ticket._meta.label, object_id__in=ids)
        acts = set(operations.values_list("operation_id", flat=True))
        events = EventRow.objects.filter(ticket_id__in=ids, operation_id__isnull=False)
        acts |= {pk for pk in events.order_by().values_list("operation_id", flat=True) if pk}
        Operation.objects.filter(pk__in=acts).delete()
        Notification.objects.filter(thing_kind="ticket", thing_id__in=ids).delete()
        Delivery.objects.filter(ticket_id__in=ids).delete()
        InboundRecord.objects.filter(ticket_id__in=ids).update(ticket_id=None, message_id=None)
        EventRow.objects.filter(ticket_id__in=ids).delete()
        Ticket.objects.filter(follow_up_of__in=ids).update(follow_up_of=None)
        Ticket.objects.filter(pk__in=ids).delete()
        for pk in ids:
            search.remove("ticket", pk)


class _Held(Exception):
    """Something that stays needs this."""


def _remove_staff() -> list[str]:
    """Agents go with their user; one whose work stays is only let go."""
    staying = []
    for agent in Agent.objects.filter(pk__in=recall(Agent)).select_related("person"):
        user = User.objects.filter(person=agent.person).first()
        try:
            with write():
                _remove_agent(agent, user)
        except _Held:
            with write():
                if user is not None and user.is_active:
                    _let_go(agent)
            staying.append(f"agent: {agent.person.name}, {_('no longer active')}")
    return staying


def _remove_agent(agent: Agent, user: User | None) -> None:
    """Raises _Held, when nothing of this must have happened."""
    for each in (agent, user):
        if each is None:
            continue
        if _is_held(each):
            raise _Held
        type(each)._default_manager.filter(pk=each.pk).delete()
    if _is_held(agent.person):
        raise _Held


def _let_go(agent: Agent) -> None:
    from otklik.core.access import ActionError

    try:
        deactivate_agent(DEMO, agent)
    except ActionError:  # the only administrator: the set-up makes another one
        User.objects.filter(person_id=agent.person_id).update(is_active=False)
        Agent.objects.filter(pk=agent.pk).update(is_active=False)


def _remove_rows(model: type[models.Model]) -> list[models.Model]:
    """Remove this model's rows that nothing needs; the others. Children before parents."""
    staying: list[models.Model] = []
    ids = sorted(recall(model), reverse=True)
    kind = {Person: "person", Organisation: "organisation"}.get(model)
    for start in range(0, len(ids), STEP):
        with write():
            for thing in model._default_manager.filter(pk__in=ids[start : start + STEP]).order_by(
                "-pk"
            ):
                if _is_held(thing):
                    staying.append(thing)
                    if isinstance(thing, Account):
                        deactivate_account(DEMO, thing)
                    continue
                pk = thing.pk
                thing.delete()
                if kind is not None:
                    search.remove(kind, pk)
    return staying


def _is_held(thing: models.Model) -> bool:
    """Whether anything that would not go with it refers to it, by whatever foreign key."""
    collector = Collector(using=DEFAULT_DB_ALIAS)
    try:
        collector.collect([thing])
    except (ProtectedError, RestrictedError):
        return True
    emptied: Iterable[Any] = collector.field_updates.values()
    return any(len(rows) for groups in emptied for rows in groups)


def _restore_brand() -> None:
    """The default brand gets back what it was, where nobody has changed it since."""
    before = settings.get(MADE).get(BRAND_BEFORE)
    brand = Brand.objects.filter(is_default=True, name=company.BRAND).first()
    if not before or brand is None:
        return
    old = Calendar.objects.filter(pk=before["calendar"]).first()
    with write():
        change_brand(
            DEMO,
            brand,
            name=before["name"],
            language=before["language"],
            languages=before["languages"],
            color=before["color"],
            **({"calendar": old} if old is not None else {}),
        )
        for key, value in COMPANY.items():
            if settings.get(key) == value:
                settings.put(DEMO, key, before["settings"][key])
        web = Account.objects.filter(kind="web", brand=brand, name=company.WEB_FORM).first()
        if web is not None:
            change_account(DEMO, web, name=settings.get(MADE)[WEB_BEFORE])


def _remove_traces() -> None:
    """Operations and events of the demo that hang on no ticket."""
    orphans = EventRow.objects.filter(Q(origin=Origin.DEMO))
    while ids := list(orphans.values_list("pk", flat=True)[:500]):
        with write():
            EventRow.objects.filter(pk__in=ids).delete()
