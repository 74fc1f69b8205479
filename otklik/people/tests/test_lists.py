"""Lists and search over people: paged by key, found by words, staff only."""

from __future__ import annotations

import pytest

from otklik.core import search
from otklik.core.access import NOBODY, SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.jobs.models import Job
from otklik.core.search.models import SearchDocument
from otklik.people import search as people_search
from otklik.people.actions import add_identity, change_organisation, change_person
from otklik.people.models import Person
from otklik.people.queries import (
    find_organisations,
    find_persons,
    get_person,
    list_agents,
    list_organisations,
    list_persons,
    list_teams,
)
from otklik.people.tasks import refresh_members
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_organisation,
    make_person,
    make_team,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina():
    return actor_of(make_agent("Яна Последняя"))


def test_a_list_is_walked_forth_and_back_without_gaps(marina):
    for name in ("Борис", "анна", "Ёлкин", "Егор", "Жанна", "Анна"):
        make_person(name)
    first = list_persons(marina, size=3)
    second = list_persons(marina, cursor=first.next, size=3)
    third = list_persons(marina, cursor=second.next, size=3)
    names = [row.name for page in (first, second, third) for row in page.rows]
    assert names == ["анна", "Анна", "Борис", "Егор", "Ёлкин", "Жанна", "Яна Последняя"]
    assert (first.previous, third.next) == ("", "")
    back = list_persons(marina, cursor=third.previous, size=3)
    assert back.rows == second.rows
    assert list_persons(marina, cursor=back.previous, size=3).rows == first.rows


def test_a_page_of_people_takes_three_queries(marina, django_assert_max_num_queries):
    polden = make_organisation()
    for number in range(5):
        make_customer(f"Customer {number}", organisation=polden)
    with django_assert_max_num_queries(3):
        list_persons(marina)
    with django_assert_max_num_queries(3):
        (row,) = list_organisations(marina).rows
    assert row.people == 5


def test_a_broken_cursor_is_refused(marina):
    with pytest.raises(ValueError, match="cursor"):
        list_persons(marina, cursor="nonsense")


def test_people_are_found_by_name_address_and_organisation(marina, monkeypatch):
    polden = make_organisation("Кофейня «Полдень»", ["polden.example"])
    olga = make_customer("Ольга Нестерова", "olga@polden.example")
    make_customer("Алексей Громов", "alexey@elsewhere.example")
    dispatch_pending()
    for query in ("нестеров", "olga@polden.example", "полдень", "Ольга"):
        assert [row.id for row in find_persons(marina, query)] == [olga.pk], query
    change_person(marina, olga, name="Ольга Зимина")
    add_identity(marina, olga, kind="email", value="second@elsewhere.example")
    change_organisation(marina, polden, name="Кофейня «Закат»")
    dispatch_pending()
    assert [row.name for row in find_persons(marina, "зимина")] == ["Ольга Зимина"]
    assert find_persons(marina, "нестерова") == []
    assert [row.id for row in find_persons(marina, "second")] == [olga.pk]
    assert [row.id for row in find_organisations(marina, "закат")] == [polden.pk]
    # Those who belong to it are as many as there are: a job finds them by the new name.
    monkeypatch.setattr(people_search, "_STEP", 1)
    zoya = make_customer("Зоя Сомова", organisation=polden)
    dispatch_pending()
    while job := Job.objects.filter(name="people.refresh_members").first():
        job.delete()
        refresh_members(**job.arguments)
    assert {row.id for row in find_persons(marina, "закат")} == {olga.pk, zoya.pk}
    assert find_persons(marina, "полдень") == []


def test_customers_and_strangers_find_nobody(marina):
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    dispatch_pending()
    assert find_persons(marina, "gromov")
    for actor in (actor_of(olga), NOBODY):
        assert find_persons(actor, "gromov") == []
        assert not list_agents(actor).exists()
        assert not list_teams(actor).exists()
        with pytest.raises(Person.DoesNotExist):
            get_person(actor, alexey.pk)
    assert [row.id for row in list_persons(actor_of(olga)).rows] == [olga.pk]


def test_the_index_is_rebuilt_to_the_same(marina):
    make_customer("Ольга Нестерова", organisation=make_organisation())
    fields = ("kind", "object_id", "keys", "title", "body")
    dispatch_pending()
    before = sorted(SearchDocument.objects.values_list(*fields))
    SearchDocument.objects.all().delete()
    search.rebuild("person")
    search.rebuild("organisation")
    assert sorted(SearchDocument.objects.values_list(*fields)) == before


def test_teams_count_those_who_work():
    make_team("Support", agents=[make_agent("Marina"), make_agent("Ilya")])
    (team,) = list_teams(SYSTEM)
    assert team.people == 2  # type: ignore[attr-defined]
