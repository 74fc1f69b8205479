"""Views: kept, shared, arranged, counted; and whatever becomes of what they name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.core.access import SYSTEM, Conflict, Forbidden
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.core.vocabulary.language import read_query
from otklik.people.actions import change_team
from otklik.people.models import Role
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, user_of
from otklik.tickets.actions import change_ticket, transfer_ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import (
    change_view,
    create_view,
    hide_view,
    order_views,
    remove_view,
)
from otklik.workspace.models import View
from otklik.workspace.queries.navigation import count_lists, list_navigation, view_name
from otklik.workspace.queries.views import find_view, list_views, open_view
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def named(actor: object) -> list[str]:
    return [view.name for view in list_views(actor)]


def test_a_view_is_had_by_whom_it_is_for(cast: SimpleNamespace) -> None:
    dasha, nino = actor_of(make_administrator("Dasha")), actor_of(make_agent("Nino"))
    ilya = actor_of(cast.ilya)
    query = read_query("ticket", "status:open")
    own = create_view(cast.actor, name="Mine alone", query=query)
    create_view(dasha, name="Service's", query=query, scope="team", team=cast.service)
    role = Role.objects.get(code="agent")
    create_view(dasha, name="Agents'", query=query, scope="role", role=role)
    assert named(cast.actor) == ["Mine alone", "Service's", "Agents'"]
    assert named(ilya) == ["Service's", "Agents'"]
    assert named(nino) == ["Agents'"]
    assert find_view(ilya, own.pk) is None
    assert find_view(dasha, own.pk) is None, "what is one's own is nobody else's"
    with pytest.raises(Forbidden):
        create_view(cast.actor, name="For all", query=query, scope="team", team=cast.service)
    shared = View.objects.get(name="Service's")
    with pytest.raises(Forbidden):
        change_view(cast.actor, shared, name="Ours")
    with pytest.raises(Forbidden):
        remove_view(cast.actor, shared)


def test_changes_cross_and_are_undone(cast: SimpleNamespace) -> None:
    query = read_query("ticket", "status:open")
    view = create_view(cast.actor, name="Open", query=query, columns=["number", "nothing"])
    assert view.columns == ["number"]
    change_view(cast.actor, view, name="Open ones", version=1)
    with pytest.raises(Conflict):
        change_view(cast.actor, view, name="Others", version=1)
    undo_operation(cast.actor, find_last_operation(cast.actor))
    view.refresh_from_db()
    assert view.name == "Open"
    remove_view(cast.actor, view)
    assert named(cast.actor) == []
    undo_operation(cast.actor, find_last_operation(cast.actor))
    assert named(cast.actor) == ["Open"]


def test_each_person_arranges_their_own_navigation(cast: SimpleNamespace) -> None:
    query = read_query("ticket", "")
    views = [create_view(cast.actor, name=name, query=query) for name in ("A", "B", "C")]
    order_views(cast.actor, [views[2], views[0], views[1]])
    hide_view(cast.actor, views[0], is_hidden=True)
    assert named(cast.actor) == ["C", "B"]
    assert [v.name for v in list_views(cast.actor, with_hidden=True)] == ["C", "A", "B"]


def test_all_counts_come_in_one_statement(cast: SimpleNamespace) -> None:
    urgent = make_ticket(cast.alexey, "Urgent")
    change_ticket(SYSTEM, urgent, {"priority": 40})
    transfer_ticket(SYSTEM, urgent, cast.service)
    texts = {"priority:urgent": "1", "unfinished:yes": "2", "team:me updated<1h": "1", "till": ""}
    views = {
        text: create_view(cast.actor, name=text, query=read_query("ticket", text)) for text in texts
    }
    with time_machine.travel(timezone.now(), tick=False):  # what is asked is spelt anew each minute
        count_lists(cast.actor, list(views.values()))
        with CaptureQueriesContext(connection) as queries:
            counts = count_lists(cast.actor, list(views.values()))
        assert len(queries) == 1
        with CaptureQueriesContext(connection) as queries:
            items = list_navigation(cast.actor, view_name(views["priority:urgent"]))
        assert len(queries) == 2
    assert {text: counts.get(view_name(view), "") for text, view in views.items()} == texts
    assert [item.label for item in items if item.is_current] == ["priority:urgent"]


def test_a_view_opens_is_changed_and_kept_anew(at_desk: Client, cast: SimpleNamespace) -> None:
    urgent = make_ticket(cast.alexey, "The till prints nothing")
    change_ticket(SYSTEM, urgent, {"priority": 40})
    kept = at_desk.post(
        "/tickets/views/new/?list=all&q=priority:urgent",
        {"name": "Urgent", "query": "unfinished:yes priority:urgent", "column": ["subject"]},
    )
    view = View.objects.get()
    assert kept.headers["Location"] == f"/tickets/?view={view.pk}"
    page = at_desk.get(f"/tickets/?view={view.pk}").content.decode()
    assert urgent.subject in page
    assert cast.ticket.subject not in page
    assert 'value="unfinished:yes priority:urgent"' in page
    assert "/adoption/" not in page
    changed = at_desk.get(f"/tickets/?view={view.pk}&q=unfinished:yes").content.decode()
    assert cast.ticket.subject in changed
    at_desk.post(f"/tickets/views/{view.pk}/adoption/?view={view.pk}&q=unfinished:yes&layout=table")
    view.refresh_from_db()
    assert (view.layout, len(open_view(view).query.match.all)) == ("table", 1)
    table = at_desk.get(f"/tickets/?view={view.pk}&group=priority").content.decode()
    assert '<tr class="row table-row' in table
    assert "Urgent <span" in table
    ticket = at_desk.get(f"/tickets/{urgent.number}/?view={view.pk}").content.decode()
    assert 'data-layout="full"' in ticket
    assert at_desk.get("/tickets/views/").status_code == 200
    assert at_desk.get(f"/tickets/views/{view.pk}/").status_code == 200
    bad = at_desk.post(f"/tickets/views/{view.pk}/", {"name": "", "query": "statuss:open"})
    assert bad.status_code == 422
    assert "status:open" in bad.content.decode()
    at_desk.post(f"/tickets/views/{view.pk}/copy/")
    assert View.objects.count() == 2
    at_desk.post(f"/tickets/views/{view.pk}/place/", {"move": "down"})
    at_desk.post(f"/tickets/views/{view.pk}/place/", {"hidden": "1"})
    assert [one.name for one in list_views(cast.actor)] == ["Urgent, copy"]
    at_desk.post(f"/tickets/views/{view.pk}/removal/")
    assert at_desk.get(f"/tickets/?view={view.pk}").status_code == 404
    assert at_desk.get(f"/tickets/{urgent.number}/?view={view.pk}").status_code == 200
    assert at_desk.get("/tickets/?view=99999999999999999999").status_code == 404


def test_lists_are_grouped_under_words_with_counts(at_desk: Client, cast: SimpleNamespace) -> None:
    transfer_ticket(SYSTEM, make_ticket(cast.alexey), cast.service)
    for by in ("status", "priority", "assignee", "team", "due", "customer"):
        page = at_desk.get(f"/tickets/?list=all&group={by}&layout=full").content.decode()
        assert '<h2 class="rows-heading">' in page
    teams = at_desk.get("/tickets/?list=all&group=team&layout=table").content.decode()
    assert teams.index("No team <span") < teams.index("Service <span")
    assert at_desk.get("/tickets/?list=all&group=nothing&layout=nothing").status_code == 200


def test_a_view_that_names_what_is_gone_says_so_and_opens(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    view = create_view(cast.actor, name="Theirs", query=read_query("ticket", "team:service"))
    change_team(SYSTEM, cast.service, is_active=False)
    page = at_desk.get(f"/tickets/?view={view.pk}")
    assert page.status_code == 200
    assert f"Team #{cast.service.pk}" in page.content.decode()
    broken = {"match": {"all": [{"condition": "ticket.gone", "operator": "is", "value": 1}]}}
    View.objects.filter(pk=view.pk).update(query=broken)
    page = at_desk.get(f"/tickets/?view={view.pk}")
    assert page.status_code == 200
    assert "ticket.gone" in page.content.decode()
    assert cast.ticket.subject not in page.content.decode()
    assert at_desk.get(f"/tickets/views/{view.pk}/").status_code == 200


def test_administrators_see_how_a_view_is_counted(cast: SimpleNamespace) -> None:
    dasha = make_administrator("Dasha")
    client = Client()
    client.force_login(user_of(dasha))
    query = read_query("ticket", "tag:none status:open")
    view = create_view(actor_of(dasha), name="Bare", query=query)
    page = client.get(f"/tickets/views/{view.pk}/").content.decode()
    assert "by newest" in page
    assert ("USING INDEX" in page) or ("Index" in page) or ("Limit" in page)


def test_programs_keep_views_with_the_same_rights(cast: SimpleNamespace) -> None:
    program, other = program_of(cast.marina), program_of(cast.ilya)
    made = program.post("/views", {"name": "Open", "query": "статус:открыта", "sort": "priority"})
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["query"] == "status:open"
    assert [one["name"] for one in program.get("/views").json()] == ["Open"]
    assert program.get(f"/views/{pk}").json()["count"] == "0"
    changed = program.patch(f"/views/{pk}", {"query": "unfinished:yes", "version": 1})
    assert changed.json()["version"] == 2
    assert program.patch(f"/views/{pk}", {"name": "x", "version": 1}).status_code == 409
    assert program.get(f"/views/{pk}/plan").json()["is_exact"] is True
    for refused in (other.get(f"/views/{pk}"), other.send("DELETE", f"/views/{pk}")):
        assert refused.status_code == 404
    shared = program.post("/views", {"name": "All", "scope": "team", "team": cast.service.pk})
    assert shared.status_code == 403
    assert program.post("/views", {"name": "x", "query": "statsu:open"}).status_code == 422
    assert program.post("/views", {"name": "x", "layout": "moon"}).status_code == 422
    copy = program.post(f"/views/{pk}/copy", {}).json()["id"]
    assert program.send("PUT", "/views/order", {"views": [copy, pk]}).status_code == 204
    assert program.send("PUT", f"/views/{copy}/place", {"is_hidden": True}).status_code == 204
    assert [one["id"] for one in program.get("/views").json()] == [copy, pk]
    assert program.send("DELETE", f"/views/{pk}").status_code == 204
