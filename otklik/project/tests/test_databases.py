from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from otklik.core.settings.database import read_address
from otklik.people.models import Person
from otklik.people.tests.factories import make_customer
from otklik.project.databases import databases


@pytest.mark.data
@pytest.mark.django_db
def test_a_statement_asked_again_and_again_is_planned_once() -> None:
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    for person in (olga, alexey) * 4:
        assert Person.objects.get(pk=person.pk).name == person.name
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            planned = [row[0] for row in cursor.fetchall()]
        assert [sql for sql in planned if '"people_person"."id" = $1' in sql]


def test_a_pooler_that_carries_no_prepared_statements_is_asked_for_none() -> None:
    url = "postgres://desk:secret@db.example/otklik?sslmode=require"
    plain, pooled = (
        databases(read_address(address, Path("/srv")))["default"]["OPTIONS"]
        for address in (url, url + "&prepared=no")
    )
    assert (plain["server_side_binding"], plain["prepare_threshold"]) == (True, 5)
    assert (pooled["server_side_binding"], pooled["prepare_threshold"]) == (False, None)
    assert {each["sslmode"] for each in (plain, pooled)} == {"require"}
    assert "prepared" not in pooled
