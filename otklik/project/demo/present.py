"""What is under way at the demo desk when somebody first looks: lists of teams, what is put off, a
checklist half done, a script, a note about a customer, and what an agent is told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from otklik.core.access import Actor
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.vocabulary.language import read_query
from otklik.notify.models import Notification
from otklik.people.actions.notes import write_customer_note
from otklik.people.models import Person
from otklik.project.demo import company
from otklik.project.demo.furnishing import Desk
from otklik.project.demo.history import SHOWN_CUSTOMER
from otklik.project.demo.made import DEMO, remember
from otklik.project.demo.playing import Stage
from otklik.tickets.actions import change_status, follow_ticket, snooze_ticket
from otklik.tickets.actions.checklist_templates import save_template
from otklik.tickets.actions.checklists import add_checklist, tick_item
from otklik.tickets.actions.reminders import set_reminder
from otklik.tickets.models import ChecklistItem, Message, Status, StatusKind, Ticket
from otklik.workspace.actions import create_script, create_view
from otklik.workspace.models import Scope
from otklik.workspace.models.view import ViewScope

VISIT = (
    ("Согласовать время с клиентом", "Agree on the time with the customer"),
    ("Проверить, есть ли датчик в машине", "Look whether the sensor is in the van"),
    ("Заказать пропуск на въезд", "Order a pass for the gate"),
    ("Приложить подписанный акт", "Attach the signed report"),
)
# name, team, query, layout
VIEWS = (
    ("Приоритетные", "service", "незавершена:да приоритет>=высокий", ""),
    ("Ждём запчасть", "service", 'шаг:"ждём запчасть"', ""),
    ("Доска сервиса", "service", "незавершена:да команда:Сервис", "board"),
    ("Возвраты", "supply", "незавершена:да категория:Возвраты", ""),
)
DIAGNOSIS = (
    {
        "key": "code",
        "question": "Горит ли на экране код ошибки?",
        "kind": "choice",
        "options": [
            {"label": "Да, E-07", "next": "descaled"},
            {"label": "Да, другой", "next": "which"},
            {"label": "Нет", "next": "descaled"},
        ],
    },
    {"key": "which", "question": "Какой код и что было перед ним?", "kind": "text"},
    {
        "key": "descaled",
        "question": "Когда последний раз чистили от накипи?",
        "kind": "choice",
        "options": [
            {"label": "На этой неделе", "next": ""},
            {"label": "Больше месяца назад", "next": ""},
            {"label": "Не помнят", "next": ""},
        ],
    },
    {"key": "where", "question": "Когда мастера смогут принять?", "kind": "text"},
)


def make_present(desk: Desk, stage: Stage, now: datetime) -> None:
    """After half a year was played."""
    with write():
        for name, team, query, layout in VIEWS:
            given = read_query("ticket", query)
            view = create_view(
                DEMO,
                name=name,
                query=given,
                scope=ViewScope.TEAM,
                team=desk.teams[team],
                layout=layout,
            )
            remember(view)
        script = create_script(
            DEMO,
            name="Не греет: что спросить",
            labels={"en": "Does not heat: what to ask"},
            hint="По телефону, пока клиент у машины",
            hints={"en": "On the phone, while the customer is at the machine"},
            steps=DIAGNOSIS,
            scope=Scope.SHARED,
        )
        template = save_template(
            DEMO,
            None,
            name="Выезд мастера",
            items=[{"text": text, "labels": {"en": english}} for text, english in VISIT],
            labels={"en": "Visit of a mechanic"},
            hint="Когда решено ехать",
            hints={"en": "When a visit is agreed"},
        )
        remember(script, template)
    marina, dasha = (stage.actors[desk.agents[key].pk] for key in ("marina", "dasha"))
    shown = Ticket.objects.filter(requester__name=SHOWN_CUSTOMER, is_unfinished=True)
    ticket = shown.order_by("-last_message_at", "-pk").first()
    if ticket is not None:
        with write():
            checklist = add_checklist(dasha, ticket, template)
            first = ChecklistItem.objects.filter(checklist=checklist).order_by("position").first()
            if first is not None:
                tick_item(marina, first)
            about = Person.objects.get(pk=ticket.requester_id)
            text = "Въезд со двора, код 14. После 22:00 не звонить: кофейня закрыта."
            remember(write_customer_note(dasha, about, text, is_pinned=True))
            set_reminder(marina, ticket, now + timedelta(hours=3), note="Доехал ли мастер")
    _put_off(stage, now)
    _follow(marina, ticket)
    _tell(marina, now)
    _see()


def _put_off(stage: Stage, now: datetime) -> None:
    """Each who has tickets that wait snoozes one or two and wants to be reminded of one."""
    part = Status.objects.filter(labels__ru="Ждём запчасть").first()
    zone = ZoneInfo(company.TIME_ZONE)
    morning = datetime.combine(now.astimezone(zone).date(), time(9), tzinfo=zone)
    for place, actor in enumerate(stage.actors.values()):
        own = Ticket.objects.filter(assignee__person_id=actor.person_id or 0, is_unfinished=True)
        waiting = list(own.filter(status_kind=StatusKind.PENDING).order_by("last_message_at")[:4])
        held = list(own.filter(status_kind=StatusKind.ON_HOLD).order_by("-pk")[:2])
        with write():
            if len(waiting) > 1:
                snooze_ticket(actor, waiting[0], morning + timedelta(days=1 + place % 4))
            if len(waiting) > 3:
                snooze_ticket(actor, waiting[1], morning + timedelta(days=4))
            for ticket in waiting[-1:]:
                at = morning + timedelta(days=2 + place % 3, hours=2)
                set_reminder(actor, ticket, at, note="Спросить ещё раз")
            for ticket in held[:1] if part is not None else ():
                change_status(actor, ticket, part or "")


def _follow(actor: Actor, shown: Ticket | None) -> None:
    """Somebody else's hard tickets."""
    person = Person.objects.get(pk=actor.person_id or 0)
    others = Ticket.objects.filter(is_unfinished=True, priority__gte=30)
    if shown is not None:
        others = others.exclude(pk=shown.pk)
    with write():
        for ticket in others.exclude(assignee__person_id=person.pk).order_by("-pk")[:2]:
            follow_ticket(actor, ticket, person)


def _tell(actor: Actor, now: datetime) -> None:
    """What the bell would have said. Rows and no `notify`: the demo mails and pushes nothing."""
    own = Ticket.objects.filter(assignee__person_id=actor.person_id or 0, is_unfinished=True)
    heard = EventRow.objects.filter(
        name__in=("message.received", "ticket.assigned"), ticket_id__in=own.values("pk")
    ).exclude(actor_id=actor.person_id, actor_kind="agent")
    rows = list(heard.order_by("-occurred_at")[:6])
    with write():
        Notification.objects.bulk_create(_told(rows, actor, now), ignore_conflicts=True)


def _told(rows: Iterable[EventRow], actor: Actor, now: datetime) -> list[Notification]:
    topics = {"message.received": "ticket.answered", "ticket.assigned": "ticket.assigned"}
    return [
        Notification(
            person_id=actor.person_id or 0,
            topic=topics[row.name],
            thing_kind="ticket",
            thing_id=row.ticket_id or 0,
            event_id=row.pk,
            actor_id=row.actor_id if row.actor_kind in ("agent", "customer") else None,
            created_at=row.occurred_at,
            seen_at=row.occurred_at if place > 1 else None,
            read_at=row.occurred_at if place > 1 else None,
        )
        for place, row in reversed(list(enumerate(rows)))
        if row.occurred_at <= now
    ]


def _see() -> None:
    """Customers were last seen when they last wrote. No fact, hence no door."""
    written = Message.objects.filter(ticket__origin="demo", direction="in", author__isnull=False)
    last = dict(written.order_by().values_list("author_id").annotate(at=Max("created_at")))
    people = list(Person.objects.filter(pk__in=last))
    for person in people:
        person.last_seen_at = last[person.pk]
    for start in range(0, len(people), 200):
        with write():
            Person.objects.bulk_update(people[start : start + 200], ["last_seen_at"])
