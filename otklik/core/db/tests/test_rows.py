"""Statements spelt once give the same rows as the ORM."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from otklik.core.db.rows import insert
from otklik.people.models import Identity
from otklik.people.tests.factories import make_customer

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
