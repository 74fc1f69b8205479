"""Run by `tests/test_plugins.py` in a process of its own: one talk by pigeon, told as JSON."""

from __future__ import annotations

import json
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "otklik.project.settings"
django.setup()

from channel_dummy.channel import FLOWN  # noqa: E402
from django.core.management import call_command  # noqa: E402

from otklik.channels.contract import Address, InboundMessage  # noqa: E402
from otklik.channels.intake import take_in  # noqa: E402
from otklik.channels.registry import find_channel  # noqa: E402
from otklik.core.access import SYSTEM  # noqa: E402
from otklik.core.events.dispatcher import dispatch_pending  # noqa: E402
from otklik.core.outbox.sending import send_pending  # noqa: E402
from otklik.desk.actions import create_account  # noqa: E402
from otklik.desk.brands import default_brand  # noqa: E402
from otklik.tickets.actions import reply_to_ticket  # noqa: E402
from otklik.tickets.bodies import written_by_hand  # noqa: E402
from otklik.tickets.contract import Recipients  # noqa: E402
from otklik.tickets.models import Message, Ticket  # noqa: E402

call_command("migrate", verbosity=0)
loft = create_account(SYSTEM, kind="pigeon", name="Loft", address="7", brand=default_brand())
pigeon = find_channel("pigeon")
assert pigeon is not None
message = InboundMessage(
    channel="pigeon",
    external_id="ring-1",
    sender=Address(pigeon.normalise("0042"), "Olga"),
    subject="Corn",
    text="Send corn",
    reply_text="Send corn",
    digest="1" * 64,
)
first = take_in(loft, message)
again = take_in(loft, message)
ticket = Ticket.objects.get(number=first.ticket)
dispatch_pending()
reply = reply_to_ticket(
    SYSTEM,
    ticket,
    words=written_by_hand(text="Corn is on its way"),
    recipients=Recipients(to=[ticket.requester_identity]),
)
send_pending()
reply.refresh_from_db()
print(
    json.dumps(
        {
            "dispositions": [first.disposition.value, again.disposition.value],
            "identity": [ticket.requester_identity.kind, ticket.requester_identity.value],
            "flown": [
                [flown.to[0].address, flown.in_reply_to, "Corn is on its way" in flown.text]
                for flown in FLOWN
            ],
            "state": reply.delivery_state,
            "messages": Message.objects.count(),
        }
    )
)
