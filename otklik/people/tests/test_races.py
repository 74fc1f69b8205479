"""Two at once: the same new sender, the same link, the last two administrators."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from otklik.core.access import SYSTEM, ActionError
from otklik.people import roles
from otklik.people.actions import deactivate_agent, find_or_create_identity
from otklik.people.models import Agent, Identity, Person
from otklik.people.sign_in import Purpose, create_link, redeem
from otklik.people.tests.factories import make_administrator, make_customer
from tests.services import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own; results and refusals in order."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        barrier.wait(timeout=PATIENCE)
        try:
            results[number] = call()
        except ActionError as refusal:
            results[number] = refusal
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=2 * PATIENCE)
    return results


def test_two_mails_from_a_new_sender_make_one_person():
    found = at_once(*[lambda: find_or_create_identity("email", "olga@polden.example", "Olga")] * 4)
    assert len({identity.pk for identity in found}) == 1
    assert Identity.objects.count() == Person.objects.count() == 1


def test_a_link_pressed_twice_lets_in_once():
    token = create_link(Purpose.SIGN_IN, identity=make_customer().identities.get())
    results = at_once(lambda: redeem(token), lambda: redeem(token))
    assert sum(isinstance(result, ActionError) for result in results) == 1


def test_two_administrators_who_remove_each_other_leave_one():
    roles.sync_builtin_roles()
    dasha, egor = make_administrator("Dasha"), make_administrator("Egor")
    results = at_once(
        lambda: deactivate_agent(SYSTEM, dasha), lambda: deactivate_agent(SYSTEM, egor)
    )
    assert sum(isinstance(result, ActionError) for result in results) == 1
    assert Agent.objects.filter(is_active=True).count() == 1
