"""Merging, splitting and linking on screen and by REST."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.fields.actions import change_fields
from otklik.core.fields.tests.factories import make_field
from otklik.core.operations.models import Operation
from otklik.people.actions import create_role
from otklik.people.tests.factories import (
    make_administrator,
    make_agent,
    make_customer,
    make_team,
    user_of,
)
from otklik.tickets.actions import (
    change_status,
    link_tickets,
    merge_tickets,
    receive_message,
    solve_ticket,
    transfer_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Draft, Participant, Thread, Ticket, TicketLink
from otklik.tickets.solving import Despite
from otklik.tickets.tests.factories import customer_writes, make_ticket
from otklik.workspace.queries.ticket_page import get_composer
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]
PIECE = {"HX-Request": "true"}


def page(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("workspace:ticket", args=[ticket.number])).content.decode()


def test_two_tickets_are_merged_on_screen_and_the_old_number_leads_on(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    stays, goes = cast.ticket, make_ticket(cast.olga, "Second", "It leaks.")
    shown = at_desk.get(reverse("workspace:merge"), {"tickets": stays.pk}).content.decode()
    assert f"№&nbsp;{goes.number}" in shown  # offered: the same person's
    given = {"tickets": [stays.pk], "target": stays.pk, "numbers": f"№{goes.number}"}
    answer = at_desk.post(reverse("workspace:merge"), given)
    assert answer.headers["Location"] == reverse("workspace:ticket", args=[stays.number])
    old = at_desk.get(reverse("workspace:ticket", args=[goes.number]), follow=True)
    assert old.redirect_chain[-1][0].startswith(f"/tickets/{stays.number}/?")
    assert f"№ {goes.number} was merged into this ticket." in old.content.decode()
    piece = at_desk.get(
        reverse("workspace:ticket", args=[goes.number]), headers={"HX-Request": "true"}
    )
    assert piece.headers["HX-Redirect"].startswith(f"/tickets/{stays.number}/")
    assert "It leaks." in page(at_desk, stays)
    undo = Operation.objects.get(name="tickets.merge")
    assert reverse("workspace:undo", args=[undo.pk]) in page(at_desk, stays)
    undone = at_desk.post(reverse("workspace:undo", args=[undo.pk]), headers=PIECE)
    told = f"The merge is undone: №\N{NO-BREAK SPACE}{goes.number} stands for itself again"
    assert json.loads(undone.headers["HX-Trigger"])["toast"]["text"] == told
    assert "It leaks." not in page(at_desk, stays)
    assert "It leaks." in page(at_desk, goes)
    assert reverse("workspace:undo", args=[undo.pk]) not in page(at_desk, stays)


def test_who_may_not_see_where_their_ticket_went_is_told_and_the_other_value_is_shown(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    theirs, ours = make_team("Drivers"), make_team("Kitchen")
    make_field("model")
    goes, stays = make_ticket(cast.olga, "Second"), cast.ticket
    change_fields(SYSTEM, goes, {"model": "B-2"})
    change_fields(SYSTEM, stays, {"model": "A-1"})
    transfer_ticket(SYSTEM, goes, ours)
    transfer_ticket(SYSTEM, stays, theirs)
    role = create_role(SYSTEM, name="T", permissions=["tickets.view_team", "tickets.change"])
    anna = Client()
    anna.force_login(user_of(make_agent("Anna", roles_held=[role.code], teams=[ours])))
    given = {"tickets": [goes.pk], "target": goes.pk, "numbers": str(stays.number)}
    refused = anna.post(reverse("workspace:merge"), given)
    assert refused.status_code == 404
    assert f"There is no № {stays.number}, or it is not yours to see." in refused.content.decode()
    given = {"tickets": [stays.pk, goes.pk], "target": stays.pk}
    assert at_desk.post(reverse("workspace:merge"), given).status_code == 302
    assert f"№ {goes.number} says: B-2" in page(at_desk, stays)
    told = page(anna, goes)
    assert f"№ {goes.number} was merged into № {stays.number}" in told
    assert stays.subject not in told


def test_tickets_of_two_people_are_merged_only_by_who_knows_it(
    cast: SimpleNamespace, at_desk: Client, customer_client: Callable[[str], Client]
) -> None:
    his = make_ticket(cast.alexey, "His own", "Secret words.")
    given = {"tickets": [cast.ticket.pk, his.pk], "target": cast.ticket.pk}
    asked = {"headers": {"HX-Request": "true"}}
    nothing = at_desk.post(reverse("workspace:merge"), given | {"numbers": "999999"}, **asked)
    assert nothing.status_code == 422
    assert "merge-form" in nothing.content.decode()
    assert at_desk.post(reverse("workspace:merge"), given).status_code == 409
    merged = at_desk.post(reverse("workspace:merge"), given | {"across": "1"}, **asked)
    assert merged.headers["HX-Redirect"] == reverse("workspace:ticket", args=[cast.ticket.number])
    assert "otklik_toast" in merged.cookies
    olga, alexey = customer_client("olga"), customer_client("alexey")

    def portal(client: Client, ticket: Ticket) -> tuple[int, str]:
        answer = client.get(f"/portal/requests/{ticket.number}/")
        return answer.status_code, answer.content.decode()

    status, text = portal(olga, cast.ticket)
    assert status == 200
    assert "Secret words." not in text
    assert "stays cold" in text
    status, text = portal(alexey, his)
    assert status == 200
    assert "Secret words." in text
    assert "stays cold" not in text
    assert portal(olga, his)[0] == portal(alexey, cast.ticket)[0] == 404
    for client, seen, hidden in (
        (olga, cast.ticket.number, his.number),
        (alexey, his.number, cast.ticket.number),
    ):
        listed = client.get("/portal/requests/").content.decode()
        assert f"/portal/requests/{seen}/" in listed
        assert f"/portal/requests/{hidden}/" not in listed
        assert "Secret" not in listed or client is alexey
        found = client.get("/portal/requests/", {"q": "secret"}).content.decode()
        assert (f"/portal/requests/{his.number}/" in found) == (client is alexey)
    # He answers in his own request; it reaches those who work on both, and her not.
    key = "2b4c6d8e-0000-4000-8000-000000000001"
    sent = alexey.post(
        f"/portal/requests/{his.number}/messages/", {"text": "And now?", "client_key": key}
    )
    assert sent.status_code == 302
    assert "And now?" in page(at_desk, cast.ticket)
    assert "And now?" in portal(alexey, his)[1]
    assert "And now?" not in portal(olga, cast.ticket)[1]
    solve_ticket(cast.actor, cast.ticket)
    solved = alexey.get("/portal/requests/", {"state": "solved"}).content.decode()
    assert f"/portal/requests/{his.number}/" in solved


def test_one_persons_merged_request_leads_them_to_where_it_went(
    cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    goes = make_ticket(cast.olga, "Second", "It leaks.")
    merge_tickets(cast.actor, cast.ticket, [goes])
    olga = customer_client("olga")
    answer = olga.get(f"/portal/requests/{goes.number}/")
    assert answer.headers["Location"] == f"/portal/requests/{cast.ticket.number}/"
    shown = olga.get(f"/portal/requests/{cast.ticket.number}/").content.decode()
    assert "It leaks." in shown
    listed = olga.get("/portal/requests/").content.decode()
    assert f"/portal/requests/{goes.number}/" not in listed


def test_messages_are_split_off_on_screen(cast: SimpleNamespace, at_desk: Client) -> None:
    second = customer_writes(cast.ticket, "And an invoice is wrong.")
    address = reverse("workspace:split", args=[cast.ticket.number])
    assert "And an invoice is wrong." in at_desk.get(address).content.decode()
    refused = at_desk.post(address, {"messages": []})
    assert refused.status_code == 422
    answer = at_desk.post(address, {"messages": [second.pk], "subject": "Invoice"})
    new = Ticket.objects.get(subject="Invoice")
    assert answer.headers["Location"] == reverse("workspace:ticket", args=[new.number])
    assert f"№\N{NO-BREAK SPACE}{new.number}" in page(at_desk, cast.ticket)
    assert at_desk.get(reverse("workspace:split", args=[999_999])).status_code == 404
    split = Operation.objects.get(name="tickets.split")
    told = f"The split is undone: № {new.number} is a part of № {cast.ticket.number} again"
    undone = program_of(make_administrator()).post(f"/operations/{split.pk}/undo")
    assert undone.json()["words"] == told
    back = at_desk.get(reverse("workspace:ticket", args=[new.number]), follow=True)
    assert f"№ {new.number} was split off from this ticket; that is undone" in back.content.decode()
    assert "was merged into this ticket" not in back.content.decode()


def test_parts_show_their_progress_and_a_circle_is_refused(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    whole, parts = cast.ticket, [make_ticket(cast.alexey, f"Part {n}") for n in range(3)]
    address = reverse("workspace:links", args=[whole.number])
    for part in parts:
        at_desk.post(address, {"kind": "parent", "other": f"№{part.number}"})
    assert TicketLink.objects.filter(other=whole, kind="child").count() == 3
    solve_ticket(cast.actor, parts[0])
    assert "1 of 3 parts solved" in page(at_desk, whole)
    circle = at_desk.post(
        address, {"kind": "child", "other": parts[0].number}, headers={"HX-Request": "true"}
    )
    assert circle.status_code == 422
    assert "circle" in circle.content.decode()
    change_status(cast.actor, whole, "solved", despite=Despite(parts=True))
    assert "Solve 2 open parts" in page(at_desk, whole)
    at_desk.post(reverse("workspace:parts", args=[whole.number]))
    assert "3 of 3 parts solved" in page(at_desk, whole)
    at_desk.post(address, {"kind": "parent", "other": parts[0].number, "value": "off"})
    assert TicketLink.objects.filter(other=whole, kind="child").count() == 2


def test_a_duplicate_is_solved_with_its_original_and_one_undo_opens_both(
    cast: SimpleNamespace,
) -> None:
    from otklik.core.operations.actions import undo_operation

    copy = make_ticket(cast.alexey)
    link_tickets(cast.actor, copy, cast.ticket, "duplicate", is_followed=True)
    solve_ticket(cast.actor, cast.ticket)
    dispatch_pending()
    copy.refresh_from_db()
    assert copy.status_kind == "solved"
    undo_operation(cast.actor, Operation.objects.get(name="tickets.change_status"))
    copy.refresh_from_db()
    assert copy.status_kind == "new"


def test_a_whole_with_open_parts_is_solved_only_when_that_is_meant(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    part = make_ticket(cast.olga, "Part")
    link_tickets(cast.actor, part, cast.ticket, "child")
    url = f"/tickets/{cast.ticket.number}/status/"
    asked = at_desk.post(url, {"value": "solved"}, headers={"HX-Request": "true"})
    words = f"1 part of it is still open: №\u00a0{part.number}."
    assert (asked.status_code, words in asked.content.decode()) == (422, True)
    assert '<input type="hidden" name="parts" value="1">' in asked.content.decode()
    marina, there = program_of(cast.marina), f"/tickets/{cast.ticket.number}"
    refused = marina.patch(there, {"status": "solved"})
    assert (refused.status_code, refused.json()["code"]) == (422, "open_parts")
    assert refused.json()["fields"] == {"parts": [part.number]}
    assert at_desk.post(url, {"value": "solved", "parts": "1"}).status_code == 302
    assert Ticket.objects.get(pk=cast.ticket.pk).status_kind == "solved"
    marina.patch(there, {"status": "open"})
    assert marina.patch(there, {"status": "solved", "despite_parts": True}).status_code == 200


def test_the_composer_of_a_merged_ticket_writes_to_those_of_the_talk_written_in_last(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    stays, goes = cast.ticket, make_ticket(cast.olga, "Second", "It leaks.")
    merge_tickets(SYSTEM, stays, [goes])
    talk = Thread.objects.get(came_from=goes)  # the one that came along
    anton = make_customer("Anton", "anton@polden.example").identities.get()
    Participant.objects.create(thread=talk, identity=anton, role="cc", is_confirmed=True)
    receive_message(
        SYSTEM,
        talk,
        words=written_by_hand(text="And it still leaks."),
        author=cast.olga,
        identity=goes.requester_identity,
    )
    context = at_desk.get(reverse("workspace:ticket", args=[stays.number])).context
    asked_alone = get_composer(cast.actor, Ticket.objects.get(pk=stays.pk), 0)
    address = stays.requester_identity.value
    for composer in (asked_alone, context["composer"]):
        assert [one.value for one in composer.to] == [address]
        assert [one.value for one in composer.cc] == [anton.value]
    people = [row.identity.value for row in context["properties"].people]
    assert people.count(address) == 1  # once, though both talks have her


def test_what_is_typed_on_after_a_merge_is_kept_where_it_can_be_sent_from(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    stays, goes = cast.ticket, make_ticket(cast.olga, "Second", "It leaks.")
    there = reverse("workspace:draft", args=[goes.number])
    typed = {"kind": "public", "html": "<p>A mechanic</p>", "version": "0"}
    version = at_desk.post(there, typed).json()["version"]
    merge_tickets(SYSTEM, stays, [goes])
    more = {**typed, "html": "<p>A mechanic comes</p>", "version": str(version)}
    assert at_desk.post(there, more).status_code == 200
    kept = Draft.objects.get()
    assert (kept.ticket_id, kept.html) == (stays.pk, "<p>A mechanic comes</p>")
    send = reverse("workspace:messages", args=[goes.number])
    refused = at_desk.post(
        send, {**more, "rich": "1", "to": "o@x.example", "checked": "1"}, headers=PIECE
    )
    assert refused.status_code == 409
    assert f"/tickets/{stays.number}/?write=public#composer" in refused.content.decode()
    refused = program_of(cast.marina).post(f"/tickets/{goes.number}/messages", {"text": "Hello"})
    assert (refused.status_code, refused.json()["code"]) == (409, "merged")
    # Without script the page there has it.
    plain = at_desk.post(send, {**more, "to": "o@x.example"})
    assert plain.status_code == 302
    assert Draft.objects.get().ticket_id == stays.pk
