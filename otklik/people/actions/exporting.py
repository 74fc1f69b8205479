"""Asking for all that is known of a person, and taking it, once."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.files.models import Blob
from otklik.people import policy
from otklik.people.events import PersonExportAsked, PersonExportTaken
from otklik.people.looks import EXPORT, note_look
from otklik.people.models import ExportState, Person, PersonExport


@action
def ask_for_export(actor: Actor, person: Person) -> PersonExport:
    """A job puts it together; whoever asked, and nobody else, downloads it once within a day.

    One that is being put together for the same one already is returned. Raises Forbidden, and
    Conflict for a person who was erased.
    """
    from otklik.people.tasks import export_person

    if not policy.can_export_people(actor) or actor.person_id is None:
        raise Forbidden(_("You may not take out what is known of people."))
    if person.erased_at is not None:
        raise Conflict(_("This person is erased already."), code="erased")
    mine = PersonExport.objects.filter(person_id=person.pk, asked_by=actor.person_id)
    waiting = mine.filter(state=ExportState.WAITING).first()
    if waiting is not None:
        return waiting
    export = PersonExport.objects.create(person_id=person.pk, asked_by=actor.person_id)
    record(actor, PersonExportAsked(person_id=person.pk, export_id=export.pk))
    export_person.enqueue(export_id=export.pk, language=actor.language)
    return export


@action
def take_export(actor: Actor, export: PersonExport) -> Blob:
    """The archive, for whoever asked for it, once. Raises Missing for anybody else and when it is
    not there (any more)."""
    rows = PersonExport.objects.filter(pk=export.pk, asked_by=actor.person_id or 0)
    found = rows.select_related("blob").filter(state=ExportState.READY).first()
    if found is None or found.blob is None or not policy.can_export_people(actor):
        raise Missing(_("There is no such export, or it was downloaded before. Ask anew."))
    taken = rows.filter(state=ExportState.READY).update(
        state=ExportState.TAKEN, ended_at=timezone.now()
    )
    if not taken:
        raise Missing(_("There is no such export, or it was downloaded before. Ask anew."))
    record(actor, PersonExportTaken(person_id=found.person_id, export_id=found.pk))
    note_look(actor, found.person_id, EXPORT)
    return found.blob
