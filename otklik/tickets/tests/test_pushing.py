"""Web push about tickets, to a real service over HTTPS that reads it with the browser's keys."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from otklik.core import outbox
from otklik.core.access import SYSTEM
from otklik.core.db import briefly
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.sending import send_pending
from otklik.core.realtime import wire
from otklik.core.settings import config, put
from otklik.desk.tests.factories import make_mailbox
from otklik.notify import letters, pushing
from otklik.notify.actions import Hours, add_device, choose_hours, ensure_key, read_all
from otklik.notify.models import Device, Notification
from otklik.notify.queries import count_unread
from otklik.notify.settings import LETTER_AFTER
from otklik.notify.tasks import prune
from otklik.people.tests.factories import actor_of, make_agent, make_customer, user_of
from otklik.tickets.actions import assign_ticket, mark_read, restore_ticket, trash_ticket
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.rest.client import program_of
from tests.services.push import Browser, PushService, check_sender, push_service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with push_service(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
        allowed = dataclasses.replace(config(), private_targets=(ip_network("127.0.0.0/8"),))
        monkeypatch.setattr(pushing, "config", lambda: allowed)
        yield running


@pytest.fixture
def desk(service: PushService) -> SimpleNamespace:
    ensure_key()
    marina = make_agent("Marina")
    browser = service.subscribe()
    device = add_device(actor_of(marina), browser.receiver, name="Phone")
    ticket = make_ticket(make_customer("Olga Nesterova"), "Cold water")
    assign_ticket(SYSTEM, ticket, marina)
    return SimpleNamespace(
        marina=marina, actor=actor_of(marina), browser=browser, device=device, ticket=ticket
    )


def push() -> None:
    dispatch_pending()
    pushing.send_due()
    send_pending()


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_a_push_names_nobody_until_one_allows_it(desk, service) -> None:
    push()
    number = f"№\u00a0{desk.ticket.number}"
    assert desk.browser.got == [
        {
            "unread": 1,
            "title": number,
            "body": "Assigned to you",
            "tag": f"ticket:{desk.ticket.pk}",
            "url": f"/tickets/{desk.ticket.number}/",
        }
    ]
    origin = f"https://127.0.0.1:{service.port}"
    headers = {name.lower(): value for name, value in desk.browser.headers[0].items()}
    assert check_sender(headers["authorization"], origin) == ensure_key()
    choose_hours(desk.actor, Hours(push_shows_text=True))
    customer_writes(desk.ticket, "Any news?")
    push()
    push()
    assert len(desk.browser.got) == 2
    told = desk.browser.got[1]
    assert told["title"] == f"{number} Cold water"
    assert told["body"] == "Olga Nesterova: New answer\nAny news?\nand 1 more"


def test_what_is_read_first_is_not_pushed_and_what_is_read_later_is_taken_back(desk) -> None:
    dispatch_pending()
    mark_read(desk.actor, desk.ticket)
    push()
    assert desk.browser.got == []
    customer_writes(desk.ticket, "Any news?")
    dispatch_pending()
    pushing.send_due()
    read_all(desk.actor, up_to=2**60)  # between the gathering and the sending
    send_pending()
    assert desk.browser.got == [{"gone": [f"ticket:{desk.ticket.pk}"], "unread": 0}]
    customer_writes(desk.ticket, "Hello?")
    push()
    assert len(desk.browser.got) == 2
    trash_ticket(SYSTEM, fresh(desk.ticket))
    other = make_ticket(make_customer("Alexey"), "Another")
    assign_ticket(SYSTEM, other, desk.marina)
    push()
    assert desk.browser.got[-1]["unread"] == 1


def test_many_things_at_once_are_one_push_and_quiet_hours_hold_it_back(desk) -> None:
    now = timezone.now()
    minute = (now.hour * 60 + now.minute) % 1440
    quiet = Hours(quiet_from=(minute - 5) % 1440, quiet_until=(minute + 60) % 1440)
    user = user_of(desk.marina)
    user.time_zone = "UTC"
    user.save()
    choose_hours(desk.actor, quiet)
    for number in range(4):
        ticket = make_ticket(make_customer(f"Customer {number}"), f"Number {number}")
        assign_ticket(SYSTEM, ticket, desk.marina)
    push()
    assert desk.browser.got == []
    assert not Notification.objects.filter(has_sound=True).exists()
    assert pushing.send_due(now + timedelta(minutes=62)) == 1
    send_pending()
    assert len(desk.browser.got) == 1
    assert desk.browser.got[0]["title"] == "5 new notifications"
    assert desk.browser.got[0]["url"] == "/notifications/"


def test_a_busy_service_is_asked_again_and_a_browser_that_is_gone_forgotten(desk) -> None:
    desk.browser.answers = [429, 503]
    push()
    for _again in range(2):
        delivery = Delivery.objects.get(kind="push")
        assert (delivery.status, desk.browser.got) == ("queued", [])
        Delivery.objects.update(next_attempt_at=timezone.now())
        send_pending()
    assert len(desk.browser.got) == 1
    desk.browser.answers = [410]
    customer_writes(desk.ticket, "Any news?")
    push()
    assert not Device.objects.exists()
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


def test_an_address_inside_and_a_redirect_lead_nowhere(
    desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.browser.answers = [307]
    push()
    delivery = Delivery.objects.get(kind="push")
    assert (delivery.status, delivery.error_kind) == ("failed", "permanent")
    monkeypatch.setattr(pushing, "config", config)  # private targets are not allowed
    customer_writes(desk.ticket, "Any news?")
    push()
    refused = Delivery.objects.filter(kind="push").latest("id")
    assert (refused.status, "may not be reached" in refused.error_text) == ("failed", True)
    assert desk.browser.got == []


def test_signing_out_takes_the_browser_away(desk, service: PushService) -> None:
    client = Client()
    client.force_login(user_of(desk.marina))
    tablet: Browser = service.subscribe("/tablet")
    told = dataclasses.asdict(tablet.receiver)
    assert client.post("/notifications/devices/", {**told, "name": "Tablet"}).status_code == 204
    assert client.post("/notifications/devices/", {"endpoint": "http://x"}).status_code == 422
    page = client.get("/notifications/settings/").content.decode()
    assert ("Tablet" in page, "Phone" in page) == (True, True)
    assert client.post("/notifications/test/").status_code == 302
    send_pending()
    assert tablet.got[0]["title"] == desk.browser.got[0]["title"] == "Notifications work"
    client.post("/sign-out/")
    assert list(Device.objects.values_list("name", flat=True)) == ["Phone"]


def test_a_mention_in_a_reply_reaches_the_bell_the_phone_and_the_mailbox(
    desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_mailbox("support@demo.example")
    briefly.forget()
    put(SYSTEM, LETTER_AFTER, 0)
    push()  # that it is hers is known
    desk.browser.got.clear()
    ilya = program_of(make_agent("Ilya"))
    name = f'<span data-ref="person:{desk.marina.person_id}">@Marina</span>'
    url = f"/tickets/{desk.ticket.number}/messages"
    sent = ilya.post(url, {"html": f"<p>Hello Olga, {name} comes on Monday.</p>"})
    assert sent.status_code == 201, sent.content
    push()
    # The bell: one entry, for the mention and not for the reply that holds it.
    (shown, *_older) = program_of(desk.marina).get("/me/notifications").json()["items"]
    assert (shown["topic"], shown["thing"]) == ("ticket.mentioned", f"ticket:{desk.ticket.pk}")
    assert [said["body"].splitlines()[0] for said in desk.browser.got] == ["You are mentioned"]
    assert letters.send_due(timezone.now() + timedelta(seconds=1)) == 1
    letter = Delivery.objects.filter(kind="letter", key__startswith="notify:").latest("pk")
    assert letter.payload["to"] == user_of(desk.marina).email
    assert "You are mentioned" in letter.unseal()["text"]
    # What goes to the trash rings no more: page, phone and count hear of it at once.
    assert count_unread(desk.actor) > 0
    heard: list[str] = []
    monkeypatch.setattr(wire, "send", lambda message: heard.append(message["topic"]))
    trash_ticket(SYSTEM, fresh(desk.ticket))
    dispatch_pending()
    assert f"person:{desk.marina.person_id}" in heard
    assert count_unread(desk.actor) == 0
    send_pending()
    assert desk.browser.got[-1] == {"gone": [f"ticket:{desk.ticket.pk}"], "unread": 0}
    restore_ticket(SYSTEM, fresh(desk.ticket))
    assert count_unread(desk.actor) > 0
    # Deliveries that are over go by the clock, those of others stay.
    outbox.enqueue(kind="letter", key="sign-in:1", recipients=["olga@u.example"], payload={})
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=90), status="sent")
    prune()
    assert list(Delivery.objects.exclude(kind="message").values_list("key", flat=True)) == [
        "sign-in:1"
    ]
