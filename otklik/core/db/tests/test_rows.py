"""Statements spelt once give the same rows as the ORM."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from otklik.core.db.rows import find_rows, insert
from otklik.people.models import Identity, Organisation, Person
from otklik.people.tests.factories import make_customer
from otklik.tickets.models import MessageBody
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def columns(row) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_that_is_found_is_the_one_the_orm_finds():
    olga = make_customer("Olga Nesterova")
    theirs = Identity.objects.select_related("person").get(person=olga)
    key = {"kind": theirs.kind, "scope": theirs.scope, "value": theirs.value}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        (found,) = find_rows(Identity, ("person",), key)
        assert columns(found) == columns(theirs)
        assert columns(found.person) == columns(olga.__class__.objects.get(pk=olga.pk))
    assert len(queries) == 2  # one of them asks the ORM
    assert not found._state.adding
    assert find_rows(Identity, ("person",), {**key, "value": "mallory@example.org"}) == []


def test_rows_further_along_come_too_and_what_is_missing_is_none():
    organisation = Organisation.objects.create(name="Polden")
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    Person.objects.filter(pk=olga.pk).update(organisation=organisation)
    related = ("person", "person__organisation")
    with CaptureQueriesContext(connection) as queries:
        (hers,) = find_rows(Identity, related, {"person": olga.pk})
        (his,) = find_rows(Identity, related, {"person": alexey.pk})
        assert hers.person.organisation == organisation
        assert his.person.organisation is None
    assert len(queries) == 2


def test_what_belongs_to_one_row_alone_is_known_from_both_sides():
    message = make_ticket(make_customer("Olga Nesterova")).messages.get()
    with CaptureQueriesContext(connection) as queries:
        (body,) = find_rows(MessageBody, ("message",), {"message": message.pk})
        assert body.message.body is body
    assert body.message == message
    assert len(queries) == 1


def test_rows_come_by_id_and_no_more_than_wanted():
    people = [make_customer(f"Olga {number}") for number in range(4)]
    Person.objects.update(language="ru")
    found = find_rows(Person, (), {"language": "ru"}, limit=3)
    assert [person.pk for person in found] == [person.pk for person in people[:3]]


def test_an_inserted_row_is_as_if_created_and_twins_are_refused():
    olga = make_customer("Olga Nesterova")
    made = insert(Identity(person=olga, kind="phone", value="+79990000001", display="+7 999"))
    assert columns(Identity.objects.get(pk=made.pk)) == columns(made)
    made.display = "changed"
    made.save(update_fields=["display"])
    assert Identity.objects.get(pk=made.pk).display == "changed"
    with pytest.raises(IntegrityError):
        insert(Identity(person=olga, kind="phone", value="+79990000001"))
