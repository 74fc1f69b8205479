"""A request under an Idempotency-Key is done once, whatever dies or comes at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections, transaction
from django.utils import timezone

from otklik.core.events.models import EventRow
from otklik.core.rest import along, idempotency
from otklik.core.rest.models import RememberedAnswer
from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import Identity
from otklik.people.tests.factories import make_agent
from otklik.tickets.models import Message, Ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

OPEN = {
    "subject": "Кофемашина не греет воду",
    "text": "Ошибка E-07",
    "requester": {"address": "olga@polden.example"},
    "tags": ["E-07"],
}


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def marina() -> Program:
    make_mailbox("support@demo.example")
    return program_of(make_agent("Marina"))


class Died(BaseException):
    """What ends a process asks nobody."""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> Iterator[None]:
    def die(*_args: object, **_kwargs: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(where, name, die)
        with pytest.raises(Died):
            yield


def rows() -> tuple[int, int, int, int]:
    counted = (Ticket, Message, Identity, EventRow)
    return tuple(model._base_manager.count() for model in counted)  # type: ignore[return-value]


def test_who_dies_before_the_commit_leaves_nothing_and_after_it_everything(
    marina: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows()
    # All is written, the answer too; the commit is not reached.
    with dying(monkeypatch, along, "HttpResponse"):
        marina.post("/tickets", OPEN, key="one")
    assert rows() == before
    assert not RememberedAnswer.objects.exists()
    # It is committed; the answer does not get out.
    with dying(monkeypatch, idempotency.Once, "end"):
        marina.post("/tickets", OPEN, key="one")
    ticket = Ticket.objects.get()
    after = rows()
    again = marina.post("/tickets", OPEN, key="one")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert rows() == after
    assert again.json() == marina.get(f"/tickets/{ticket.number}").json()
    assert again.json()["tags"] == ["E-07"]


def test_a_reply_whose_sender_died_after_the_commit_has_left_once(
    marina: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = marina.post("/tickets", OPEN).json()["number"]
    path, words = f"/tickets/{number}/messages", {"text": "Мастер приедет", "status": "pending"}
    before = rows()
    with dying(monkeypatch, along, "HttpResponse"):
        marina.post(path, words, key="r")
    assert rows() == before
    with dying(monkeypatch, idempotency.Once, "end"):
        marina.post(path, words, key="r")
    after = rows()
    again = marina.post(path, words, key="r")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert rows() == after
    assert again.json() == marina.get(f"/messages/{again.json()['id']}").json()


def at_once(times: int, do: Callable[[int], Any]) -> list[Any]:
    found: list[Any] = [None] * times
    begin = threading.Barrier(times)

    def work(at: int) -> None:
        begin.wait()
        try:
            found[at] = do(at)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(at,)) for at in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_the_same_request_several_times_at_once_is_done_once(marina: Program) -> None:
    programs = [marina] * 4
    answers = at_once(4, lambda at: programs[at].post("/tickets", OPEN, key="same"))
    assert Ticket.objects.count() == 1
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 3
    number = answers[0].json()["number"]
    path = f"/tickets/{number}/messages"
    replies = at_once(4, lambda _at: marina.post(path, {"text": "Мастер приедет"}, key="reply"))
    assert len({answer.content for answer in replies}) == 1
    assert Message.objects.filter(direction="out").count() == 1


def test_who_opens_and_may_not_see_has_opened_it_once() -> None:
    machine, body = program_of(make_agent("Machine"), ["tickets.open"]), {**OPEN, "tags": []}
    answers = at_once(2, lambda _at: machine.post("/tickets", body, key="blind"))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Idempotency-Replayed" in machine.post("/tickets", body, key="blind")
    assert Ticket.objects.count() == 1


def test_a_key_stands_for_one_request_alone(marina: Program) -> None:
    other = {**OPEN, "text": "Не та кофемашина"}
    answers = at_once(2, lambda at: marina.post("/tickets", (OPEN, other)[at], key="same"))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert Ticket.objects.count() == 1


def test_what_was_refused_is_refused_again_and_a_large_one_is_done_once_too(
    marina: Program,
) -> None:
    nobody = {**OPEN, "requester": {"address": "nobody"}}
    refused, again = (marina.post("/tickets", nobody, key="bad") for _ in range(2))
    assert refused.status_code == again.status_code == 422
    assert (refused.content, again["Idempotency-Replayed"]) == (again.content, "true")
    large = {**OPEN, "text": "Ошибка E-07. " * along.LARGEST}
    first, second = (marina.post("/tickets", large, key="large") for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
    assert (Ticket.objects.count(), Identity.objects.filter(value="nobody").count()) == (1, 0)


def test_a_request_that_an_older_process_took_and_died_over_is_done_in_the_end(
    marina: Program,
) -> None:
    marina.post("/tickets", OPEN, key="old")
    kept = RememberedAnswer.objects.all()
    Ticket.objects.update(client_key=None)
    kept.update(status=0, body=b"")
    assert marina.post("/tickets", OPEN, key="old").status_code == 409
    kept.update(created_at=timezone.now() - idempotency.AT_WORK - timedelta(seconds=1))
    assert marina.post("/tickets", OPEN, key="old").status_code == 201
    assert Ticket.objects.count() == 2
    kept.update(created_at=timezone.now() - idempotency.KEPT - timedelta(seconds=1))
    fresh = marina.post("/tickets", OPEN, key="old")
    # Too long ago to be answered the same; the ticket is known by its key all the same.
    assert (fresh.status_code, "Idempotency-Replayed" in fresh) == (201, False)
    assert (Ticket.objects.count(), kept.count()) == (2, 1)


def test_an_answer_goes_along_in_a_transaction_of_one_commit(marina: Program) -> None:
    connection, commits = transaction.get_connection(), 0
    usual = connection._commit

    def count() -> None:
        nonlocal commits
        commits += 1
        usual()

    connection._commit = count  # type: ignore[method-assign]
    try:
        assert marina.post("/tickets", {**OPEN, "tags": []}, key="n").status_code == 201
    finally:
        del connection._commit
    assert commits == 1
