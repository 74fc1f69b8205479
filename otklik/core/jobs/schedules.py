"""Repeating tasks: one row each, moved on by whichever worker comes first."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from otklik.core.db import write
from otklik.core.jobs.models import Schedule
from otklik.core.jobs.task import list_schedules


def sync_schedules(now: datetime | None = None) -> None:
    """Give every declared schedule its row; a changed rule starts anew from now."""
    now = now or timezone.now()
    declared = list_schedules()
    rules = dict(Schedule.objects.filter(name__in=declared).values_list("name", "rule"))
    fresh = {name: rule for name, (_, rule) in declared.items() if rules.get(name) != str(rule)}
    if not fresh:
        return
    with write():
        Schedule.objects.bulk_create(
            [
                Schedule(name=name, rule=str(rule), next_run_at=rule.next_after(now))
                for name, rule in fresh.items()
                if name not in rules
            ],
            ignore_conflicts=True,
        )
        for name, rule in fresh.items():
            if name in rules:
                Schedule.objects.filter(name=name, rule=rules[name]).update(
                    rule=str(rule), next_run_at=rule.next_after(now)
                )


def run_due_schedules(now: datetime | None = None) -> list[str]:
    """Enqueue what is due. Returns the names this call won; others may have won the rest."""
    now = now or timezone.now()
    declared = list_schedules()
    won = []
    for row in list(Schedule.objects.filter(next_run_at__lte=now, name__in=declared)):
        task, rule = declared[row.name]
        with write():
            moved = Schedule.objects.filter(pk=row.pk, next_run_at=row.next_run_at).update(
                last_run_at=now, next_run_at=rule.next_after(now)
            )
            if moved:
                task.using(unique_key=f"schedule:{row.name}").enqueue()
                won.append(row.name)
    return won
