"""Who opened what is known of whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from otklik.core.access import SYSTEM, Invalid
from otklik.core.hooks.program import Part, list_services
from otklik.core.settings import put
from otklik.people import looks as module
from otklik.people.looks import KEPT_MONTHS, PERSON_PAGE, TICKET_PAGE, looks, prune_looks
from otklik.people.models import Look
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture(autouse=True)
def fresh_buffer() -> Iterator[None]:
    looks.forget()
    yield
    looks.forget()


def test_a_look_is_written_later_and_the_same_one_within_minutes_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marina, ilya = actor_of(make_agent("Marina")), actor_of(make_agent("Ilya"))
    olga = make_customer()
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    for _time in range(3):
        looks.note(marina, olga.pk, PERSON_PAGE)
    looks.note(ilya, olga.pk, PERSON_PAGE)
    looks.note(marina, olga.pk, TICKET_PAGE, 7)
    assert not Look.objects.exists()
    assert looks.flush() == 3
    now += timedelta(minutes=9)
    looks.note(marina, olga.pk, PERSON_PAGE)
    now += timedelta(minutes=2)
    looks.note(marina, olga.pk, PERSON_PAGE)
    assert looks.flush() == 1
    rows = list(Look.objects.order_by("id").values_list("viewer_id", "place", "ticket_id"))
    assert rows == [
        (marina.person_id, "person", None),
        (ilya.person_id, "person", None),
        (marina.person_id, "ticket", 7),
        (marina.person_id, "person", None),
    ]


def test_who_looks_at_themselves_the_desk_and_customers_leave_no_look() -> None:
    marina, olga = actor_of(make_agent("Marina")), make_customer()
    looks.note(marina, marina.person_id, PERSON_PAGE)
    looks.note(SYSTEM, olga.pk, PERSON_PAGE)
    looks.note(actor_of(olga), olga.pk, PERSON_PAGE)
    looks.note(marina, None, PERSON_PAGE)
    assert looks.flush() == 0


def test_what_cannot_be_written_now_is_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    marina, olga = actor_of(make_agent("Marina")), make_customer()
    looks.note(marina, olga.pk, PERSON_PAGE)

    def refuse(*args: object, **kwargs: object) -> None:
        raise DatabaseError("away")

    with monkeypatch.context() as broken:
        broken.setattr(Look.objects, "bulk_create", refuse)
        with pytest.raises(DatabaseError):
            looks.flush()
    assert looks.flush() == 1


def test_the_writer_of_a_process_that_ends_writes_what_is_left() -> None:
    marina, olga = actor_of(make_agent("Marina")), make_customer()
    looks.note(marina, olga.pk, PERSON_PAGE)
    stop = threading.Event()
    stop.set()
    module.write_looks(stop)
    assert Look.objects.count() == 1
    assert "people.looks" in [each.name for each in list_services(Part.WEB)]
    assert "people.looks" not in [each.name for each in list_services(Part.WORKER, Part.MAIL)]


def test_looks_go_after_their_months() -> None:
    marina, olga = actor_of(make_agent("Marina")), make_customer()
    dasha = actor_of(make_administrator())
    Look.objects.create(person_id=olga.pk, viewer_kind="agent", viewer_id=1, place="person")
    Look.objects.create(
        person_id=olga.pk,
        viewer_kind="agent",
        viewer_id=1,
        place="person",
        at=timezone.now() - timedelta(days=70),
    )
    assert prune_looks() == 0
    put(dasha, KEPT_MONTHS, 2)
    assert prune_looks() == 1
    assert Look.objects.count() == 1
    with pytest.raises(Invalid):
        put(dasha, KEPT_MONTHS, 0)
    assert marina.person_id is not None


def test_opening_a_person_counts_and_the_list_does_not() -> None:
    marina, olga = make_agent("Marina"), make_customer()
    browser = Client()
    browser.force_login(marina.person.user, backend="otklik.people.backends.EmailBackend")
    browser.get("/people/")
    assert looks.flush() == 0
    assert browser.get(f"/people/{olga.pk}/").status_code == 200
    assert looks.flush() == 1
