"""What is asked ahead for many is what each would have been told, in one statement."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import asking_ahead
from otklik.people.models import Identity, Person
from otklik.people.tests.factories import make_customer, make_identity

pytestmark = [pytest.mark.data, pytest.mark.django_db]


@spelt_once
def newest(person: int, kind: str, language: str | None = None) -> QuerySet[Identity]:
    rows = Identity.objects.select_related("person__organisation").order_by("-id")
    rows = rows if language is None else rows.filter(person__language=language)
    return rows.filter(person=person, kind=kind)[:2]


@spelt_once
def counted(person: int) -> Iterable[tuple[str, int]]:
    rows = Person.objects.filter(pk=person, name__contains="%")
    return rows.annotate(many=Count("identities")).values_list("name", "many")


@spelt_once
def whole(person: int) -> QuerySet[Person]:
    return Person.objects.filter(pk=person).prefetch_related("identities")


@spelt_once
def among(ids: tuple[int, ...]) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=ids).order_by("id")


@pytest.fixture
def persons() -> list[Person]:
    made = [make_customer(f"Olga {number}%") for number in range(3)]
    for person in made[:2]:
        for number in range(2):
            other = make_identity(f"other{number}.{person.pk}@example.com")
            Identity.objects.filter(pk=other.pk).update(person=person, is_primary=False)
    return made


def test_each_is_told_what_a_question_of_its_own_would_tell(persons: list[Person]) -> None:
    asked = [(person.pk, "email") for person in (*persons, persons[0])] + [(0, "email' --")]
    alone = [[row.value for row in newest(*args)] for args in asked]
    assert [len(rows) for rows in alone] == [2, 2, 1, 2, 0]
    with asking_ahead() as ahead, CaptureQueriesContext(connection) as queries:
        told = ahead.ask(newest, asked)
        assert [[row.value for row in rows] for rows in told] == alone
        assert [row.person.name for rows in told for row in rows][:1] == ["Olga 0%"]
        many = [counted(person.pk) for person in persons]
        assert ahead.ask(counted, [(person.pk,) for person in persons]) == many
        found = [rows[0] for rows in ahead.ask(whole, [(person.pk,) for person in persons])]
        assert [len(person.identities.all()) for person in found] == [3, 3, 1]
        # Another statement, and what has no place in an array: asked apart, told alike.
        languages = ahead.ask(newest, [(persons[0].pk, "email", None), (1, "email", "xx")])
        assert [len(rows) for rows in languages] == [2, 0]
        assert ahead.ask(among, [((persons[0].pk,),), ((),)]) == [[persons[0]], []]
        assert ahead.ask(newest, []) == []
    if connection.vendor == "postgresql":
        assert len(queries) == 1 + 3 + 1 + 2 + 2 + 1


def test_an_answer_is_for_one_who_asks_in_this_thread_until_the_end(persons: list[Person]) -> None:
    first, second, _third = persons
    with asking_ahead() as ahead:
        ahead.ask(whole, [(first.pk,), (first.pk,), (second.pk,)])
        elsewhere: list[int] = []
        thread = threading.Thread(target=lambda: elsewhere.append(len(_waiting())))
        thread.start()
        thread.join()
        assert elsewhere == [0]
        with CaptureQueriesContext(connection) as queries:
            (one,), (other,) = whole(first.pk), whole(first.pk)
            one.name = "changed"
            assert other.name == "Olga 0%"
        assert not queries
        assert whole(first.pk)[0].name == "Olga 0%"  # a third time it is asked anew
        assert whole(person=second.pk) == [second]  # by name too
        ahead.keep(newest, (second.pk, "phone"), [])
        assert newest(second.pk, "phone") == []
        with asking_ahead():
            assert not _waiting()
        assert _waiting()
    assert not _waiting()
    Person.objects.filter(pk=second.pk).update(name="Olga, once more")
    assert whole(second.pk)[0].name == "Olga, once more"


def _waiting() -> dict[object, object]:
    from otklik.core.db.spelling import ahead

    return dict(ahead.answers)
