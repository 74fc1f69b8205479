"""The generator writes a desk that is right in itself."""

import json
import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from bench.plan import MESSAGES, Plan
from bench.running import write_home
from bench.seed import TOKENS, seed
from otklik.core import search
from otklik.core.search.documents import prepare_document
from otklik.core.search.models import SearchDocument
from otklik.people.actors import actor_for_user
from otklik.people.models import Identity, Person, User
from otklik.tickets.actions import add_note
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.columns import compute_columns
from otklik.tickets.doors import next_number
from otklik.tickets.models import Message, Ticket
from otklik.tickets.queries import Filters, count_lists, list_tickets


@pytest.mark.django_db
@pytest.mark.data
def test_a_seeded_desk_is_consistent_and_can_be_worked_with() -> None:
    tokens = seed(60)
    assert len(set(tokens)) == TOKENS
    assert Message.objects.count() == 60 * MESSAGES
    tickets = list(Ticket.objects.select_related("status"))
    for ticket in tickets:
        wrong = {
            name: (value, getattr(ticket, name))
            for name, value in compute_columns(ticket).items()
            if getattr(ticket, name) != value
        }
        assert wrong == {}, ticket.number
    actor = actor_for_user(User.objects.get(email="admin@bench.example"))
    assert count_lists(actor)["all"] == list_tickets(actor, Filters(list="all")).count() > 0
    first = tickets[0]
    found = search.find("ticket", first.subject, scopes=actor.scopes, limit=10)
    assert first.pk in {hit.object_id for hit in found}
    add_note(actor, first, words=written_by_hand(text="Ids go on behind the seeded ones."))
    assert next_number() == 61


@pytest.mark.django_db(transaction=True)
@pytest.mark.data
def test_bulk_leaves_the_indexes_as_it_found_them_and_what_was_written_is_found() -> None:
    def schema() -> set[str]:
        names = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
        if connection.vendor == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')"
        with connection.cursor() as cursor:
            cursor.execute(names)
            return {row[0] for row in cursor.fetchall()}

    before = schema()
    seed(30)
    assert schema() == before
    connection.check_constraints()
    message = Message.objects.get(ticket__number=7, direction="in", pk=7 * MESSAGES - 4)
    serial = message.body.text.rpartition(" ")[2]
    assert [hit.object_id for hit in search.find("ticket", serial, scopes=["staff"])] == [7]


@pytest.mark.django_db
@pytest.mark.data
def test_a_desk_whose_sequences_have_gone_on_is_filled_all_the_same() -> None:
    person = Person.objects.create(pk=1009, name="Ирина", sort_name="ирина")
    Identity.objects.create(pk=1010, person=person, kind="email", value="irina@cafe.example")
    assert len(seed(30)) == TOKENS


@pytest.mark.django_db
def test_words_stemmed_in_advance_are_the_words_of_the_index() -> None:
    seed(12)
    for ticket in Ticket.objects.all():
        bodies = ticket.messages.order_by("id").values_list("body__text", flat=True)
        made = prepare_document(
            "ticket",
            ticket.pk,
            title=ticket.subject,
            body="\n".join([str(ticket.number), *bodies]),
            scopes=["staff", f"team:{ticket.team_id}"],
            at=ticket.last_message_at,
        )
        written = SearchDocument.objects.get(kind="ticket", object_id=ticket.pk)
        for name in ("keys", "title", "body", "at"):
            assert getattr(written, name) == getattr(made, name), name


def test_tags_grow_rarer_and_texts_are_the_same_every_time() -> None:
    ground = {"tags": list(range(12))}
    worn = [row["tag_id"] for row in Plan(3000, ground).tags()]
    assert [worn.count(tag) for tag in range(3)] == [500, 250, 125]
    assert Plan(9, ground).text(4, 2) == Plan(5, ground).text(4, 2)


def test_a_home_is_seeded_from_nothing_as_a_desk_prepares_itself(tmp_path: Path) -> None:
    write_home(tmp_path / "home", 20)
    written = sqlite3.connect(tmp_path / "home" / "otklik.sqlite3")
    assert written.execute("SELECT count(*) FROM tickets_ticket").fetchone() == (20,)
    assert written.execute("PRAGMA quick_check").fetchone() == ("ok",)
    written.close()
    tokens = json.loads((tmp_path / "home" / "bench.json").read_text())["tokens"]
    assert len(tokens) == TOKENS
