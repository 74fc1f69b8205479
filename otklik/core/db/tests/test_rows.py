"""Statements spelt once give the same rows as the ORM."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection, transaction

from otklik.core.db import unhurried, write
from otklik.core.db.rows import insert, insert_alone, insert_linked, update_alone
from otklik.core.rest.models import RememberedAnswer
from otklik.desk.brands import default_brand
from otklik.people.models import Identity
from otklik.people.tests.factories import make_customer
from otklik.tickets.models import Message, MessageBody, Status, Thread, Ticket

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def columns(row) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_an_inserted_row_is_as_if_created_and_twins_are_refused():
    olga = make_customer("Olga Nesterova")
    made = insert(Identity(person=olga, kind="phone", value="+79990000001", display="+7 999"))
    assert columns(Identity.objects.get(pk=made.pk)) == columns(made)
    made.display = "changed"
    made.save(update_fields=["display"])
    assert Identity.objects.get(pk=made.pk).display == "changed"
    with pytest.raises(IntegrityError):
        insert(Identity(person=olga, kind="phone", value="+79990000001"))


@pytest.mark.django_db(transaction=True)
def test_a_row_alone_is_stored_as_in_a_transaction_and_leaves_the_pace_as_it_was():
    def pace() -> str:
        if connection.vendor != "postgresql":
            return "as it was"
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    before = pace()
    made = []
    for key in ("a", "b"):
        row = RememberedAnswer(token_id=1, key_hash=key, request_hash="x")
        with unhurried() if key == "a" else nullcontext():
            made.append(insert_alone(row))
            row.status, row.body, row.request_hash = 201, b"\x00\xffbody", "not asked for"
            update_alone(row, ("status", "body"))
        with pytest.raises(IntegrityError):
            insert_alone(RememberedAnswer(token_id=1, key_hash=key, request_hash="y"))
    assert pace() == before
    with write():
        insert_alone(RememberedAnswer(token_id=1, key_hash="c", request_hash="x"))
        update_alone(made[0], ("request_hash",))
        transaction.set_rollback(True)
    stored = list(RememberedAnswer.objects.order_by("key_hash"))
    assert [row.pk for row in stored] == [row.pk for row in made]
    for row in stored:
        assert (row.status, bytes(row.body), row.request_hash) == (201, b"\x00\xffbody", "x")


def test_rows_that_point_at_one_another_are_as_if_stored_one_by_one():
    olga, thread = make_customer("Olga Nesterova"), Thread(channel="api")
    ticket = Ticket(
        number=7001,
        subject="Кофемашина не греет воду",
        status=Status.objects.order_by("pk")[0],
        brand=default_brand(),
        requester=olga,
        custom={"serial": "E-07"},
    )
    first = Message(direction="in", author_kind="customer", channel="api", author=olga)
    body = MessageBody(text="Ошибка\n«E-07»", html="<p>E-07</p>", addresses={"to": ["a@b.example"]})
    insert_linked(
        (ticket, {}),
        (thread, {"ticket": ticket}),
        (first, {"ticket": ticket, "thread": thread}),
        (body, {"message": first}),
    )
    for row in (ticket, thread, first, body):
        assert columns(type(row)._base_manager.get(pk=row.pk)) == columns(row)
    assert (first.thread_id, first.ticket_id, body.pk) == (thread.pk, ticket.pk, first.pk)
    twin = Ticket(number=7001, status=ticket.status, brand=ticket.brand, requester=olga)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_linked((twin, {}), (Thread(channel="api"), {"ticket": twin}))
    assert Thread.objects.count() == 1
