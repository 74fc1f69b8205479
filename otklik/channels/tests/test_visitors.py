"""Forms on websites that write in our own name."""

from __future__ import annotations

import pytest

from otklik.channels.contract import Address
from otklik.channels.intake import take_in
from otklik.channels.tests.factories import make_inbound
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.tickets.models import Message, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]

OLGA = "olga@polden.example"


@pytest.fixture
def mailbox() -> Account:
    return make_mailbox("support@demo.example")


def test_a_form_begins_talks_and_answers_in_none(mailbox: Account) -> None:
    first = Ticket.objects.get(number=take_in(mailbox, make_inbound(OLGA)).ticket)
    asked = Message.objects.get(ticket=first)
    answer = make_inbound(
        "support@demo.example", reply_to=(Address(OLGA),), references=(asked.external_id,)
    )
    result = take_in(mailbox, answer)
    stored = Message.objects.get(pk=result.message)
    assert (result.ticket, stored.is_hidden) == (first.number, True)
    assert stored.author_identity is not None
    assert stored.author_identity.value == "support@demo.example"
