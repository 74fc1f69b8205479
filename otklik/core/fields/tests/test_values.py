"""Values of custom fields: strict, found by every face alike, undone, told in codes."""

from __future__ import annotations

from typing import Any

import pytest

from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid, Missing
from otklik.core.events.models import EventRow
from otklik.core.fields.actions import (
    archive_field,
    change_field,
    change_fields,
    create_field,
    order_fields,
)
from otklik.core.fields.conditions import find
from otklik.core.fields.models import Field, IndexRow
from otklik.core.fields.queries import is_visible, list_fields, list_missing, list_shown
from otklik.core.fields.tasks import reindex_field
from otklik.core.fields.tests.factories import make_field
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.core.vocabulary import list_conditions, read_match
from otklik.core.vocabulary.language import read_query, spell_query
from otklik.core.vocabulary.proving import assert_faces_agree
from otklik.people.models import Agent, Organisation, Person
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
)
from otklik.tickets.actions import change_ticket, solve_ticket
from otklik.tickets.models import Ticket
from otklik.tickets.search import find_documents
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(make_customer())


def values(ticket: Ticket) -> dict[str, Any]:
    return Ticket.objects.get(pk=ticket.pk).custom or {}


def test_sql_memory_and_form_agree_on_every_kind_of_field() -> None:
    olga, coffee = make_customer(), make_organisation()
    given: dict[str, list[Any]] = {
        "serial": ["AB-17 ёлка", "ab-17", "100%_", None],
        "boilers": [0, 3, -2, None],
        "price": ["12,50", 12.5, "0.1", None],
        "colour": ["red", "green", None, "red"],
        "parts": [["red"], ["red", "blue"], [], None],
        "installed": ["2026-03-01", "1999-12-31", None, "2026-03-02"],
        "installer": [olga.pk, None, olga.pk, None],
        "owner": [coffee.pk, None, None, coffee.pk],
    }
    kinds = ("text", "number", "number", "choice", "multi", "date", "person", "organisation")
    for key, kind in zip(given, kinds, strict=True):
        make_field(key, kind, **({"decimals": 2} if key == "price" else {}))
    for row in range(4):
        made = make_ticket(olga, f"Ticket {row}")
        change_fields(SYSTEM, made, {key: several[row] for key, several in given.items()})
    conditions = {each.name: each for each in list_conditions("ticket")}
    asked = 0
    for key in given:
        condition = conditions[f"field.{key}"]
        assert find(condition.name) is not None
        asked += assert_faces_agree(condition, Ticket.objects.all())
    assert asked > 200
    match = read_match("ticket", {"all": [clause("price", "at_least", 12.5)]})
    assert read_match("ticket", match.as_json()).as_json() == match.as_json()
    assert Ticket.objects.filter(match.q()).count() == 2
    query = read_query("ticket", "colour:red boilers>=0 installed:2026-03-01")
    assert Ticket.objects.filter(query.match.q()).count() == 1
    assert "colour:red" in spell_query("ticket", query, "en").lower()


def clause(key: str, operator: str, value: Any) -> dict[str, Any]:
    return {"condition": f"field.{key}", "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("kind", "senseless"),
    [
        ("text", ["x" * 2001, 7, ["a"]]),
        ("number", ["many", "1e400", 10**13, True, "1.5", "NaN", ["1"]]),
        ("choice", ["purple", 7, ["red"]]),
        ("multi", ["purple", ["red", "purple"], 7, ["red"] * 9]),
        ("date", ["tomorrow", "2026-02-30", "0001-01-01", 7]),
        ("person", ["Olga", 10**20, 999999, True, -1]),
        ("organisation", ["Coffee", 999999]),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(
    kind: str, senseless: list[Any], ticket: Ticket, marina: Agent
) -> None:
    make_field("one", kind)
    for given in senseless:
        with pytest.raises(Invalid):
            change_fields(actor_of(marina), ticket, {"one": given})
    with pytest.raises(Missing):
        change_fields(actor_of(marina), ticket, {"unknown": "x"})
    assert values(ticket) == {}


def test_a_change_is_told_in_codes_undone_and_never_overwrites_a_crossing_one(
    ticket: Ticket, marina: Agent
) -> None:
    make_field("colour", "choice")
    make_field("serial")
    me = actor_of(marina)
    change_fields(me, ticket, {"colour": "red", "serial": " AB\u202e-17 "}, was={"colour": None})
    assert values(ticket) == {"colour": "red", "serial": "AB-17"}
    rows = {row.data["field_id"]: row.data for row in told()}
    assert [rows[pk]["new"] for pk in sorted(rows)] == ["red", None]
    with pytest.raises(Conflict) as crossing:
        change_fields(me, ticket, {"colour": "blue"}, was={"colour": None})
    assert crossing.value.fields == {"colour": "red"}
    change_fields(me, ticket, {"colour": "blue"}, was={"colour": "red"})
    undo_operation(me, find_last_operation(me))
    assert values(ticket)["colour"] == "red"
    assert IndexRow.objects.filter(owner_id=ticket.pk, text="red").count() == 1
    with pytest.raises((Forbidden, Missing)):
        change_fields(actor_of(ticket.requester), ticket, {"colour": "red"})
    assert "AB-17" in find_documents([ticket.pk])[ticket.pk]["body"]


def told() -> list[EventRow]:
    return list(EventRow.objects.filter(name="field.value_changed"))


def test_conditions_decide_what_is_shown_and_what_is_needed_before_solving(
    ticket: Ticket, marina: Agent
) -> None:
    incident = {"all": [{"condition": "ticket.kind", "operator": "in", "value": ["incident"]}]}
    serial = make_field("serial", required="solving", visible_when=incident)
    make_field(
        "reason",
        "choice",
        required="solving",
        required_when={"all": [{"condition": "field.serial", "operator": "is_filled"}]},
    )
    me = actor_of(marina)
    assert not is_visible(serial, ticket)
    assert [each.field.key for each in list_shown(me, ticket)] == ["reason"]
    assert list_missing(ticket, "solving") == []
    ticket = change_ticket(me, ticket, {"kind": "incident"})
    with pytest.raises(Invalid) as refused:
        solve_ticket(me, ticket)
    assert list(refused.value.fields) == ["field-serial"]
    ticket = change_fields(me, ticket, {"serial": "AB-17"})
    assert [field.key for field in list_missing(ticket, "solving")] == ["reason"]
    change_fields(me, ticket, {"reason": "green"})
    assert solve_ticket(me, ticket).is_finished
    other = make_ticket(ticket.requester)
    change_ticket(me, other, {"kind": "incident"})
    assert solve_ticket(actor_of(ticket.requester), other).is_finished  # customers cannot fill it


def test_a_team_keeps_a_field_to_itself(ticket: Ticket) -> None:
    service = make_team("Service")
    inside, outside = make_agent("Ilya", teams=[service]), make_agent("Marina")
    make_field("purchase", "number", see_teams=[service.pk])
    make_field("serial", edit_teams=[service.pk])
    change_fields(actor_of(inside), ticket, {"purchase": 12, "serial": "A"})
    shown = {each.field.key: each.may_edit for each in list_shown(actor_of(outside), ticket)}
    assert shown == {"serial": False}
    with pytest.raises(Missing):
        change_fields(actor_of(outside), ticket, {"purchase": 13})
    with pytest.raises(Forbidden):
        change_fields(actor_of(outside), ticket, {"serial": "B"})


def test_fields_are_defined_ordered_archived_and_come_back_by_administrators_alone(
    marina: Agent,
) -> None:
    colour, serial = make_field("colour", "choice", default="green"), make_field("serial")
    ticket = make_ticket(make_customer())
    assert values(ticket) == {"colour": "green"}
    assert find("field.colour").q("in", ["green"])
    with pytest.raises(Forbidden):
        archive_field(actor_of(marina), colour)
    order_fields(SYSTEM, "ticket", [serial.pk, colour.pk])
    assert [field.key for field in list_fields("ticket")] == ["serial", "colour"]
    archive_field(SYSTEM, colour)
    assert find("field.colour") is None
    assert [field.key for field in list_fields("ticket")] == ["serial"]
    assert values(ticket) == {"colour": "green"}
    for wrong in (
        {"key": "colour", "kind": "text"},
        {"key": "Ключ", "kind": "text"},
        {"key": "new", "kind": "picture"},
        {"key": "new", "kind": "choice", "options": []},
        {"key": "new", "kind": "number", "default": "many"},
        {"key": "new", "kind": "text", "visible_when": {"all": [clause("new", "is_filled", None)]}},
        {"key": "new", "kind": "text", "name": " "},
    ):
        with pytest.raises(Invalid):
            create_field(SYSTEM, thing="ticket", **({"name": "New"} | wrong))
    with pytest.raises(Conflict):
        change_field(SYSTEM, serial, version=7, name="Serial no.")
    kept = change_field(SYSTEM, Field.objects.get(pk=colour.pk), options=[{"name": "Pink"}])
    assert [each["is_active"] for each in kept.options] == [True, False, False, False]


def test_a_field_that_becomes_filterable_is_indexed_by_a_job(ticket: Ticket) -> None:
    serial = make_field("serial", is_filterable=False)
    change_fields(SYSTEM, ticket, {"serial": "AB-17"})
    assert not IndexRow.objects.exists()
    assert find("field.serial") is None
    change_field(SYSTEM, serial, is_filterable=True)
    reindex_field(field_id=serial.pk)
    reindex_field(field_id=serial.pk)
    assert IndexRow.objects.get().text == "ab-17"


def test_people_and_organisations_have_fields_of_their_own(marina: Agent) -> None:
    make_field("contract", thing="organisation")
    make_field("birthday", "date", thing="person")
    olga, coffee = make_customer(), make_organisation()
    me = actor_of(marina)
    change_fields(me, olga, {"birthday": "1990-05-14"})
    change_fields(me, coffee, {"contract": "№ 12/26"})
    assert Person.objects.get(pk=olga.pk).custom == {"birthday": "1990-05-14"}
    assert Organisation.objects.get(pk=coffee.pk).custom == {"contract": "№ 12/26"}
    with pytest.raises((Forbidden, Missing)):
        change_fields(actor_of(olga), olga, {"birthday": "1991-05-14"})
    with pytest.raises(Missing):
        change_fields(me, olga, {"contract": "another thing's"})
    undo_operation(me, find_last_operation(me))
    assert Organisation.objects.get(pk=coffee.pk).custom is None
