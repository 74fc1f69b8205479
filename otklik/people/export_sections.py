"""What this room and the core know of a person, for their export."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.events.models import EventRow
from otklik.core.fields.queries import words_of_values
from otklik.core.outbox.models import DeliveryRecipient
from otklik.people.exporting import Pack, register_export
from otklik.people.merging import ids_of_everybody_in
from otklik.people.models import Consent, CustomerNote, Look, Person, User
from otklik.people.segments import segments_of

_MOST = 100_000


def wire() -> None:
    register_export("people", write_person, order=10)
    register_export("people.traces", write_traces, order=900)


def write_person(person: Person, pack: Pack) -> None:
    pack.table(
        "person",
        _("Person"),
        [
            {
                "name": person.name,
                "organisation": person.organisation.name if person.organisation else "",
                "job_title": person.job_title,
                "language": person.language,
                "time_zone": person.time_zone,
                "notes": person.notes,
                "fields": "; ".join(words_of_values(person)),
                "is_blocked": person.is_blocked,
                "created_at": person.created_at,
            }
        ],
    )
    merged = Person.objects.filter(pk__in=ids_of_everybody_in(person.pk)).exclude(pk=person.pk)
    pack.table(
        "merged",
        _("People who turned out to be the same"),
        merged.order_by("id").values("name", "job_title", "notes", "created_at"),
    )
    pack.table(
        "addresses",
        _("Addresses"),
        person.identities.order_by("id").values(
            "kind", "value", "display", "is_primary", "verified_at", "verified_how", "created_at"
        ),
    )
    pack.table(
        "notes_about_them",
        _("Notes about them"),
        CustomerNote.objects.filter(person=person, removed_at=None)
        .order_by("id")
        .values("text", "created_at", "changed_at"),
    )
    pack.table(
        "consents",
        _("What they agreed to"),
        Consent.objects.filter(person=person)
        .order_by("id")
        .values("kind__name", "is_given", "is_current", "how", "evidence", "at", "recorded_at"),
    )
    pack.table(
        "segments",
        _("Segments they are in"),
        [{"name": segment.name} for segment in segments_of(person)],
    )
    pack.table(
        "account",
        _("Account to sign in with"),
        User.objects.filter(person__in=ids_of_everybody_in(person.pk)).values(
            "email", "language", "time_zone", "is_active", "created_at"
        ),
    )


def write_traces(person: Person, pack: Pack) -> None:
    ids = ids_of_everybody_in(person.pk)
    addresses = list(person.identities.values_list("value", flat=True))
    sent = DeliveryRecipient.objects.filter(address__in=addresses).order_by("id")
    pack.table(
        "deliveries",
        _("What was sent to them"),
        sent.values("address", "status", "delivery__kind", "delivery__sent_at")[:_MOST],
    )
    pack.table(
        "looks",
        _("Who looked"),
        [
            {"at": row.at, "who": f"{row.viewer_kind} {row.viewer_id}", "where": row.place}
            for row in Look.objects.filter(person_id__in=ids).order_by("id")[:_MOST]
        ],
    )
    pack.table(
        "events",
        _("What happened"),
        EventRow.objects.filter(person_id__in=ids)
        .order_by("id")
        .values("occurred_at", "name", "actor_kind", "ticket_id")[:_MOST],
    )
