"""Scripts: questions that lead from one to the next, and what the answers become."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.models.offered import Offered


class Script(Offered):
    """``steps``: [{"key": "q1", "question", "help", "kind": choice | text | number | yes_no,
    "options": [{"label", "next"}], "next", "goes"}]. ``next`` is a key, "" the end; ``goes`` is
    where the answer goes besides the text: "", tag, subject, kind, priority, category or
    field:<key>. ``result``: what becomes of the text, note or reply."""

    result = models.CharField(max_length=8, default="note")

    class Meta(Offered.Meta):
        verbose_name = "script"


class ScriptRun(models.Model):
    """One going through a script on a ticket: whoever opens the ticket goes on. ``steps`` is the
    script as it was when begun; ``answers``: [{"key", "value"}] in the order they were given."""

    script = models.ForeignKey(Script, models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    steps = models.JSONField(default=list)
    answers = models.JSONField(default=list)
    begun_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    changed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "run of a script"
        indexes = [
            models.Index(
                fields=["ticket", "-id"],
                name="workspace_open_runs",
                condition=models.Q(finished_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.script_id} on {self.ticket_id}"
