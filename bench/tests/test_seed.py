"""The generator writes a desk that is right in itself."""

import pytest

from bench.clients import Figures, measure
from bench.seed import MESSAGES, TOKENS, seed
from otklik.core import search
from otklik.people.actors import actor_for_user
from otklik.people.models import User
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


def test_every_request_is_counted_and_an_error_is_no_figure() -> None:
    done: list[int] = []
    figures = measure(lambda _client: done.append, times=20, clients=4)
    assert len(figures.seconds) == 20
    assert sorted(at for at in done if at >= 0) == list(range(20))

    def fail(at: int) -> None:
        if at == 3:
            raise RuntimeError("refused")

    with pytest.raises(RuntimeError, match="refused"):
        measure(lambda _client: fail, times=5)


def test_the_ninety_fifth_percentile_is_near_the_top() -> None:
    figures = Figures(seconds=[at / 100 for at in range(100)], elapsed=2)
    assert (figures.p50, figures.p95, figures.per_second) == (0.495, 0.95, 50)
