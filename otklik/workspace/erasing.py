"""What a person leaves among the things agents work with."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.core import files
from otklik.core.db import write
from otklik.kit.html import rich_text_to_plain
from otklik.people.erasing import Told, redact_rows, register_eraser
from otklik.people.models import Person
from otklik.people.traces import Traces
from otklik.tickets.actions.carrying import carried_from
from otklik.tickets.models import Ticket
from otklik.workspace.canned.writing import search_key
from otklik.workspace.models import CannedReply, CannedText, Macro, Scope, Script, ScriptRun, View


def wire() -> None:
    register_eraser("workspace.canned_replies", erase_canned_replies, tell=tell_canned_replies)
    register_eraser("workspace.views", erase_views, tell=tell_views)
    register_eraser("workspace.macros", erase_macros, tell=tell_macros)


def tell_canned_replies(person: Person) -> Iterable[Told]:
    own = CannedReply.objects.filter(scope=Scope.PERSONAL, owner=person)
    yield Told(_("Canned replies of their own"), own.count())


def erase_canned_replies(traces: Traces) -> None:
    """Their own go; what others wrote no longer names them."""
    own = CannedReply.objects.filter(scope=Scope.PERSONAL, owner_id=traces.person_id)
    for canned in own.filter(created_at__lte=traces.before).order_by("pk"):
        with write():
            for file in canned.files.select_related("blob"):
                files.release(file.blob)
            canned.delete()
    rows = CannedText.objects.filter(canned__created_at__lte=traces.before).order_by("pk")
    for row in rows.iterator(chunk_size=100):
        if traces.touches(row.html) or traces.touches(row.text):
            html = traces.redact(row.html)
            text = rich_text_to_plain(html)
            with write():
                CannedText.objects.filter(pk=row.pk).update(
                    html=html, text=text, search=search_key(text)
                )
    for canned in CannedReply.objects.filter(created_at__lte=traces.before).iterator():
        hints = list((canned.hints or {}).values())
        if any(map(traces.touches, (canned.name, canned.hint, *hints, " ".join(canned.tags)))):
            canned.name = traces.redact(canned.name)[:120]
            canned.hint = traces.redact(canned.hint)[:300]
            canned.hints = traces.redact_json(canned.hints)
            canned.tags = traces.redact_json(canned.tags)
            canned.tag_keys = traces.redact(canned.tag_keys)[:1000]
            with write():
                canned.save(update_fields=["name", "hint", "hints", "tags", "tag_keys"])


def tell_views(person: Person) -> Iterable[Told]:
    yield Told(_("Views of their own"), View.objects.filter(owner=person).count())


def erase_views(traces: Traces) -> None:
    """Their own go; what others look for no longer names them."""
    own = View.objects.filter(owner_id=traces.person_id, created_at__lte=traces.before)
    with write():
        own.delete()
    for view in View.objects.filter(created_at__lte=traces.before).iterator(chunk_size=100):
        if traces.touches(view.name) or traces.touches(json.dumps(view.query, ensure_ascii=False)):
            view.name = traces.redact(view.name)[:100]
            view.query = traces.redact_json(view.query)
            with write():
                view.save(update_fields=["name", "query"])


def tell_macros(person: Person) -> Iterable[Told]:
    for model, words in ((Macro, _("Macros of their own")), (Script, _("Scripts of their own"))):
        own = model.objects.filter(scope=Scope.PERSONAL, owner=person)
        yield Told(words, own.count())


def erase_macros(traces: Traces) -> None:
    """Their own go, with answers given on their tickets; what others wrote no longer names them."""
    asked = list(Ticket.objects.filter(requester_id=traces.person_id).values_list("pk", flat=True))
    carried = carried_from(asked, ScriptRun._meta.label)
    runs = ScriptRun.objects.filter(created_at__lte=traces.before)
    with write():
        runs.filter(Q(ticket_id__in=asked) | Q(pk__in=carried)).delete()
    redact_rows(traces, runs, "answers", "steps")
    for model in (Macro, Script):
        rows = model.objects.filter(created_at__lte=traces.before)
        with write():
            rows.filter(scope=Scope.PERSONAL, owner_id=traces.person_id).delete()
        redact_rows(traces, rows, "name", "sort_name", "labels", "hint", "hints", "steps")
