"""The language of lists: what people type, what it means, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.core.access import SYSTEM, Invalid
from otklik.core.vocabulary import Match, list_conditions, read_match
from otklik.core.vocabulary.language import (
    Query,
    QueryProblem,
    complete,
    list_gone,
    read_query,
    spell_query,
)
from otklik.core.vocabulary.matching import canonical
from otklik.core.vocabulary.operators import Operator, ValueType
from otklik.people.actions import change_team
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
)
from otklik.tickets.actions import assign_ticket, change_ticket, tag_ticket, transfer_ticket
from otklik.tickets.actions.sorting import create_category
from otklik.tickets.models import Tag, Ticket
from otklik.tickets.tests.factories import identity_of, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def desk() -> SimpleNamespace:
    service = make_team("Service")
    twins = [make_team("Сервис"), make_team("Сервис"), make_team('The "me" team'), make_team("me")]
    marina = make_agent("Marina Kostina", teams=[service])
    ilya = make_agent("Ilya Vetrov")
    olga = make_customer("Olga Nesterova", organisation=make_organisation("Polden"))
    machines = create_category(SYSTEM, name="Machines")
    heating = create_category(SYSTEM, name="Heating", parent=machines, labels={"ru": "Нагрев"})
    return SimpleNamespace(**locals())


def about(text: str) -> dict[str, list[tuple[str, str, Any]]]:
    found = read_query("ticket", text).match.as_json()
    return {
        group: [(c["condition"].removeprefix("ticket."), c["operator"], c["value"]) for c in rows]
        for group, rows in found.items()
        if rows
    }


def test_what_is_typed_is_understood_in_both_languages(desk: SimpleNamespace) -> None:
    team, marina = desk.service.pk, desk.marina.pk
    english = 'status:open team:me priority>=high updated<2d "printer"'
    russian = 'статус:открыта команда:мне приоритет>=высокий изменена<2д "printer"'
    expected = {
        "all": [
            ("status", "in", ["open"]),
            ("team", "in", ["me"]),
            ("priority", "at_least", 30),
            ("updated", "newer_than", 2 * 24 * 60),
        ]
    }
    assert about(english) == about(russian) == expected
    assert read_query("ticket", english).words == '"printer"'
    assert about("assignee:none -team:service") == {
        "all": [("assignee", "is_empty", None), ("team", "not_in", [team])]
    }
    assert about("assignee:mar,none,me") == {"all": [("assignee", "in", [None, "me", marina])]}
    assert about("requester:anna@") == {"all": [("requester_address", "contains", "anna@")]}
    address = identity_of(desk.olga).value
    assert about(f"клиент:{address}") == {"all": [("requester", "in", [desk.olga.pk])]}
    assert about("org:polden org:pol") == {
        "all": [
            ("organisation", "in", [desk.olga.organisation_id]),
            ("organisation_name", "contains", "pol"),
        ]
    }
    branch = sorted([desk.machines.pk, desk.heating.pk])
    assert about("category:machines") == {"all": [("category", "in", branch)]}
    assert about("категория:нагрев") == {"all": [("category", "in", [desk.heating.pk])]}
    assert about("-priority:high,urgent") == {"all": [("priority", "not_in", [30, 40])]}
    assert about("(priority:urgent or tag:none) status:new") == {
        "all": [("status", "in", ["new"])],
        "any": [("priority", "is", 40), ("tags", "is_empty", None)],
    }
    assert about("priority:urgent или незавершена:да") == {
        "any": [("priority", "is", 40), ("unfinished", "is", True)]
    }
    assert about("due<now created:2026-03-01")["all"][0] == ("due", "sooner_than", 0)
    words = read_query("ticket", "Re: E-07: https://polden.example/a принтер, 12:30 «нет чека»")
    assert words.match.is_empty
    assert words.words == 'Re: E-07: https://polden.example/a принтер, 12:30 "нет чека"'


@pytest.mark.parametrize(
    ("text", "where", "suggestion"),
    [
        ("statis:open", "statis:open", "status:open"),
        ("status:opne", "opne", "open"),
        ("team:Servise", "Servise", "Service"),
        ("priority>=hihg", "hihg", "high"),
        ("status>open", "status>open", "status:open"),
        ("updated<soon", "updated<soon", "updated<2d"),
        ("spam:maybe", "maybe", "yes"),
        ("status:", "status:", ""),
        ('"printer', '"printer', ""),
        ("or status:open", "or", ""),
        ("(status:open", "(", ""),
        ("printer or status:open", "printer", ""),
        ("-printer", "-printer", "printer"),
        ("assignee:И,М", "И", ""),
        ("number>99999999999999999999999", "99999999999999999999999", ""),
        ("(tag:none or status:new) (spam:yes or trash:yes)", "(spam", ""),
    ],
)
def test_nonsense_is_named_with_its_place_and_what_was_meant_perhaps(
    desk: SimpleNamespace, text: str, where: str, suggestion: str
) -> None:
    with pytest.raises(QueryProblem) as refused:
        read_query("ticket", text)
    problem = refused.value
    assert text[problem.start : problem.end].startswith(where[:3]) or where in text
    assert problem.suggestion == suggestion
    assert str(problem)


AWKWARD = 'status:open,-()"«»#*<>=or me\\ \0'


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=80) | st.text(alphabet=AWKWARD, max_size=60))
def test_nothing_that_can_be_typed_breaks_anything(text: str) -> None:
    try:
        found = read_query("ticket", text)
    except QueryProblem:
        return
    again = read_query("ticket", spell_query("ticket", found, "en"))
    assert again == found


def _values(condition: Any, operator: Operator, ids: list[int]) -> st.SearchStrategy[Any]:
    kind = condition.value_type
    if not operator.takes_value:
        return st.none()
    if operator.is_relative:
        return st.integers(0 if operator.is_ahead else 1, 100_000)
    if operator.is_many:
        if kind in (ValueType.CHOICE, ValueType.CODES):
            one: Any = st.sampled_from([code for code, _label in condition.choices()] + ["gone"])
        elif kind is ValueType.NUMBER:
            one = st.integers(-5, 50)
        else:
            one = st.sampled_from(ids)
            if kind is ValueType.REFERENCE:
                one = one | st.none()
            if condition.me is not None:
                one = one | st.just("me")
        return st.lists(one, min_size=1, max_size=4)
    if kind is ValueType.NUMBER:
        return st.integers(-5, 50)
    if kind is ValueType.BOOLEAN:
        return st.booleans()
    if kind is ValueType.TEXT:
        return st.text(alphabet='aяЁ "\\*,:()#-me', min_size=1, max_size=8)
    days = st.integers(0, 3000).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n))
    return days | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@st.composite
def queries(draw: Any, ids: list[int]) -> Query:
    groups: dict[str, list[Any]] = {"all": [], "any": []}
    for group in draw(st.lists(st.sampled_from(["all", "all", "any"]), max_size=6)):
        condition = draw(st.sampled_from(list_conditions("ticket")))
        operator = draw(st.sampled_from(condition.operators))
        value = draw(_values(condition, operator, ids))
        try:
            condition.clean(operator.code, value)
        except Invalid:
            continue
        groups[group].append(
            {"condition": condition.name, "operator": operator.code, "value": value}
        )
    words = draw(st.sampled_from(["", "printer", '"no receipt" printer', "E-07: 12:30"]))
    return Query(canonical(read_match("ticket", groups)), words)


def test_what_is_spelt_means_the_same_again_in_either_language(desk: SimpleNamespace) -> None:
    things = [desk.service, *desk.twins, desk.marina, desk.olga, desk.machines, desk.heating]
    tags = [Tag.objects.create(name=name, key=name.lower()) for name in ("VIP", "none", 'a "b", c')]
    ids = sorted({thing.pk for thing in [*things, *tags]} | {desk.olga.organisation_id, 999_999})

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(query=queries(ids), language=st.sampled_from(["en", "ru"]))
    def check(query: Query, language: str) -> None:
        with translation.override(language):
            text = spell_query("ticket", query)
            if len(text) > 1000:
                return
            assert read_query("ticket", text) == query, text

    check()


def test_a_query_finds_what_it_says_and_me_is_whoever_asks(desk: SimpleNamespace) -> None:
    mine, other = (make_ticket(desk.olga, name) for name in ("Mine", "Other"))
    assign_ticket(SYSTEM, mine, desk.marina)
    transfer_ticket(SYSTEM, mine, desk.service)
    tag_ticket(SYSTEM, other, "VIP")
    change_ticket(SYSTEM, other, {"priority": 40})

    def found(text: str, agent: Any) -> list[str]:
        match = read_query("ticket", text).match
        rows = Ticket.objects.filter(match.q(actor=actor_of(agent)))
        in_sql = sorted(row.subject for row in rows)
        in_memory = sorted(
            row.subject for row in Ticket.objects.all() if match.test(row, actor=actor_of(agent))
        )
        assert in_sql == in_memory
        return in_sql

    assert found("assignee:me", desk.marina) == found("team:me", desk.marina) == ["Mine"]
    assert found("assignee:me", desk.ilya) == []
    assert found("assignee:me,none", desk.ilya) == ["Other"]
    assert found("-assignee:me", desk.marina) == ["Other"]
    assert found("tag:vip priority>=high", desk.ilya) == ["Other"]
    assert found("tag:vip or assignee:me", desk.marina) == ["Mine", "Other"]
    assert found("name:olga company:polden updated<1h", desk.ilya) == ["Mine", "Other"]
    assert found("-tag:vip", desk.ilya) == ["Mine"]


def test_what_is_gone_is_spelt_by_number_and_told(desk: SimpleNamespace) -> None:
    query = read_query("ticket", "team:service status:open")
    change_team(SYSTEM, desk.service, is_active=False)
    text = spell_query("ticket", query, "en")
    assert text == f"team:#{desk.service.pk} status:open"
    assert read_query("ticket", text) == query
    assert [(c.name, value) for c, value in list_gone("ticket", query)] == [
        ("ticket.team", desk.service.pk)
    ]
    assert read_query("ticket", "").match == Match()


def test_what_could_stand_at_the_caret_is_offered(desk: SimpleNamespace) -> None:
    def offered(text: str, language: str = "en") -> list[str]:
        with translation.override(language):
            return [one.text for one in complete("ticket", text, len(text))]

    assert offered("stat")[0] == "status:"
    assert offered("status:op") == ["open"]
    assert offered("стат", "ru")[0] == "статус:"
    assert offered("статус:реш", "ru") == ["решена"]
    assert offered("printer team:open,serv") == ["Service"]
    assert "me" in offered("assignee:")
    assert offered("updated<")[0] == "1h"
    assert offered("category:mach") == ["Machines"]
    assert offered("nothing like it") == []
