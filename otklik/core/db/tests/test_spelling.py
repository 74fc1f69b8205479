"""Questions spelt once are answered as the ORM answers them, whatever is put in."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.utils import timezone

from otklik.core.access import SYSTEM, Actor, ActorKind
from otklik.core.db.making import Quick, quick
from otklik.core.db.spelling import spelt_once
from otklik.people.models import Identity, Organisation, Person
from otklik.people.tests.factories import make_customer

pytestmark = [pytest.mark.data, pytest.mark.django_db]


@spelt_once
def identities(kind: str, person: int) -> QuerySet[Identity]:
    rows = Identity.objects.select_related("person__organisation").order_by("-id")
    return rows.filter(kind=kind, person=person)


@spelt_once
def people(ids: tuple[int, ...], language: str | None = None) -> QuerySet[Person]:
    rows = Person.objects.filter(pk__in=ids).order_by("id").prefetch_related("identities")
    return rows if language is None else rows.filter(language=language)


@spelt_once
def names_since(since: datetime, is_blocked: bool) -> Iterable[tuple[str, int]]:
    rows = Person.objects.filter(created_at__gte=since, is_blocked=is_blocked)
    return rows.annotate(many=Count("identities")).order_by("name").values_list("name", "many")


@spelt_once
def loosely(name: str) -> QuerySet[Person]:
    return Person.objects.filter(name__icontains=name)


@spelt_once
def unused(person: int, name: str) -> QuerySet[Person]:
    return Person.objects.filter(pk=person)


@spelt_once
def seen_by(actor: Actor) -> QuerySet[Person]:
    rows = Person.objects.order_by("pk")
    return rows if actor.is_staff else rows.filter(pk=actor.person_id)


@spelt_once
def those_like(actor: Actor, person: int) -> QuerySet[Person]:
    rows = Person.objects.filter(pk=person)
    return rows if actor.is_staff else rows.exclude(pk=actor.id)


def columns(row) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_are_those_of_the_orm_with_what_comes_along():
    organisation = Organisation.objects.create(name="Polden")
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    Person.objects.filter(pk=olga.pk).update(organisation=organisation)
    for person in (olga, alexey, olga):
        wanted = list(Identity.objects.filter(person=person, kind="email").order_by("-id"))
        with CaptureQueriesContext(connection) as queries:
            found = identities("email", person.pk)
            assert [columns(row) for row in found] == [columns(row) for row in wanted]
            assert found[0].person == person
            theirs = organisation if person == olga else None
            assert found[0].person.organisation == theirs
        assert len(queries) == 1
        assert not found[0]._state.adding
    assert identities("email", 0) == identities("phone", olga.pk) == []
    assert identities("email' OR 1=1 --", olga.pk) == []


@spelt_once
def names_of(person: int) -> QuerySet[Identity]:
    rows = Identity.objects.select_related("person__organisation")
    return rows.only("value", "person__name", "person__organisation__name").filter(person=person)


def test_what_was_not_read_is_asked_for_when_it_is_wanted(django_assert_num_queries):
    olga = make_customer("Olga Nesterova")
    with django_assert_num_queries(1):
        (found,) = names_of(olga.pk)
        assert (found.person, found.person.name, found.person.organisation) == (
            olga,
            olga.name,
            None,
        )
        assert "kind" in found.get_deferred_fields()
    with django_assert_num_queries(2):
        assert (found.kind, found.person.language) == ("email", olga.language)
    found.person.name = "Olga"
    found.person.save()
    assert Person.objects.get(pk=olga.pk).name == "Olga"


@isolate_apps("otklik.people")  # what asks all models of the desk does not meet this one
def test_a_model_that_does_more_with_its_values_is_left_to_it():
    names = [field.attname for field in Person._meta.concrete_fields]
    assert isinstance(quick(Person, names), Quick)

    class Careful(Person):
        class Meta:
            proxy = True
            app_label = "people"

        @classmethod
        def from_db(cls, *args):
            return super().from_db(*args)

    assert quick(Careful, names) is Careful
    assert Careful not in apps.get_models()


def test_an_answer_may_be_changed_and_saved():
    olga = make_customer("Olga Nesterova")
    (found,) = identities("email", olga.pk)
    found.display = "changed"
    found.save(update_fields=["display"])
    assert identities(kind="email", person=olga.pk)[0].display == "changed"


def test_tuples_of_any_length_and_arguments_left_out_are_statements_of_their_own():
    made = [make_customer(f"Olga {number}") for number in range(4)]
    Person.objects.filter(pk=made[2].pk).update(language="ru")
    ids = tuple(person.pk for person in made)
    assert people(()) == []
    for end in (1, 4, 2):
        assert [person.pk for person in people(ids[:end])] == list(ids[:end])
    assert [person.pk for person in people(ids, "ru")] == [made[2].pk]
    assert [person.pk for person in people(ids, language=None)] == list(ids)
    with CaptureQueriesContext(connection) as queries:
        assert [len(person.identities.all()) for person in people(ids)] == [1] * 4
    assert len(queries) == 2  # the second one is the prefetched
    # Narrowed after that, they are still those of the one person.
    for person in people(ids):
        own, other = person.identities.get(), made[person == made[0]].identities.get()
        assert own.person == person
        assert list(person.identities.filter(value=own.value)) == [own]
        assert not person.identities.filter(value=other.value).exists()


def test_times_and_values_go_through_as_they_are():
    make_customer("Olga Nesterova")
    old = make_customer("Alexey Gromov")
    now = timezone.now()
    Person.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=9), is_blocked=True)
    assert names_since(now - timedelta(days=1), is_blocked=False) == [("Olga Nesterova", 1)]
    assert names_since(now - timedelta(days=99), is_blocked=True) == [("Alexey Gromov", 1)]
    assert names_since(now + timedelta(days=1), is_blocked=False) == []


def test_each_actor_has_a_statement_of_their_own():
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    for person in (olga, alexey, olga):
        own = Actor(ActorKind.CUSTOMER, person.pk, person_id=person.pk)
        assert seen_by(own) == [person]
    assert seen_by(SYSTEM) == [olga, alexey]


def test_actors_who_ask_the_same_share_a_statement():
    olga = make_customer("Olga Nesterova")
    anna, boris = (Actor(ActorKind.AGENT, pk, scopes=frozenset({"staff"})) for pk in (1, 2))
    stranger = Actor(ActorKind.CUSTOMER, olga.pk)
    assert those_like(anna, olga.pk) == those_like(boris, olga.pk) == [olga]
    assert those_like(stranger, olga.pk) == []
    spelt = [those_like.spell((who, 1), {}) for who in (anna, boris, stranger)]  # type: ignore[attr-defined]
    assert spelt[0] is spelt[1] is not spelt[2]


def test_what_cannot_be_spelt_once_is_refused_at_the_first_call():
    with pytest.raises(ValueError, match="changes an argument"):
        loosely("Olga")
    with pytest.raises(ValueError, match="reaches no statement"):
        unused(1, "Olga")
    with pytest.raises(TypeError, match="list"):
        people([1, 2])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Person"):
        identities("email", make_customer("Olga Nesterova"))  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_through_its_own_connection():
    person = make_customer("Olga Nesterova")
    found: list[int] = []

    def ask() -> None:
        found.extend(row.person_id for row in identities("email", person.pk))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [person.pk] * 4
