"""What agents and administrators see of robots and strangers."""

from __future__ import annotations

from types import SimpleNamespace

from django.test import Client

from otklik.channels.models import BlockedSender, SpamVerdict
from otklik.core.access import SYSTEM
from otklik.core.db.briefly import forget
from otklik.core.settings import get
from otklik.people.actions import note_trouble
from otklik.people.models import Trouble
from otklik.people.tests.factories import make_administrator
from otklik.tickets.actions import mark_as_spam, receive_message
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import MessageBody
from otklik.workspace.settings_screens.tests.cast import browser_of


def test_a_ticket_goes_to_the_spam_and_comes_back_from_its_page(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}/"
    assert at_desk.post(f"{url}spam/", {"value": "on"}).status_code == 302
    page = at_desk.get(url).content.decode()
    assert "Somebody here called it spam." in page
    assert cast.ticket.subject in at_desk.get("/tickets/?list=spam").content.decode()
    at_desk.post(f"{url}spam/", {"value": "off"})
    cast.ticket.refresh_from_db()
    assert cast.ticket.spam_at is None


def test_the_desk_says_why_it_takes_something_for_spam(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    mark_as_spam(SYSTEM, cast.ticket)
    SpamVerdict.objects.create(
        ticket=cast.ticket,
        is_spam=True,
        score=0.99,
        reasons=[
            {"kind": "words", "words": ["casino", "<b>"]},
            {"kind": "filter", "name": "rspamd", "score": "17.3"},
            {"kind": "list", "name": "zen.lists.example"},
        ],
    )
    page = at_desk.get(f"/tickets/{cast.ticket.number}/").content.decode()
    assert "“casino”, “&lt;b&gt;”" in page
    assert "rspamd calls it spam, score 17.3" in page
    assert "listed by zen.lists.example" in page


def test_who_vouches_for_a_letter_stands_below_it_in_words(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    thread = cast.ticket.threads.get(is_main=True)
    message = receive_message(
        SYSTEM,
        thread,
        words=written_by_hand(text="Hello"),
        author=cast.olga,
        identity=cast.olga.identities.get(),
        channel="email",
    )
    told = {
        "pass": "polden.example vouches for this letter",
        "fail": "polden.example says that it did not send this",
        "temperror": "the DNS gave no answer",
        "none": "Nobody vouches for the sender",
    }
    for result, words in told.items():
        MessageBody.objects.filter(pk=message.pk).update(
            authentication={"dmarc": result, "spf": "pass", "checks": "done"},
            addresses={"from": {"address": "olga@polden.example", "name": ""}},
        )
        page = at_desk.get(f"/tickets/{cast.ticket.number}/").content.decode()
        assert words in page
        assert "SPF pass" in page


def test_an_address_that_letters_do_not_reach_is_named_before_one_writes(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    identity = cast.olga.identities.get()
    note_trouble(SYSTEM, identity, Trouble.HARD, "550 5.1.1 User unknown")
    page = at_desk.get(f"/tickets/{cast.ticket.number}/?write=public").content.decode()
    assert f"Letters did not arrive lately: {identity.value}: there is no such address" in page
    card = f"/people/{cast.olga.pk}/"
    assert "550 5.1.1 User unknown" in at_desk.get(card).content.decode()
    at_desk.post(f"{card}addresses/{identity.pk}/trouble/")
    identity.refresh_from_db()
    assert identity.trouble == ""
    assert (
        "Letters did not arrive"
        not in at_desk.get(f"/tickets/{cast.ticket.number}/?write=public").content.decode()
    )


def test_administrators_say_what_is_asked_about_senders_and_who_is_kept_out(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    page = "/settings/screening/"
    assert at_desk.get(page).status_code == 403
    assert at_desk.post(f"{page}blocked/", {"pattern": "casino.example"}).status_code == 403
    dasha = browser_of(make_administrator())
    assert "Blocked senders" in dasha.get(page).content.decode()
    given = {"words": "on", "dns_lists": "Zen.Lists.example, @dbl.lists.example"}
    assert dasha.post(page, given).status_code == 302
    assert get("screening.dns_lists") == ["zen.lists.example", "@dbl.lists.example"]
    assert get("screening.check_senders") is False
    refused = dasha.post(page, {"dns_lists": "nonsense"})
    assert refused.status_code == 422
    assert "Names such as mx.example.com" in refused.content.decode()
    assert dasha.post(f"{page}blocked/", {"pattern": "casino.example"}).status_code == 302
    row = BlockedSender.objects.get()
    wrong = dasha.post(f"{page}blocked/", {"pattern": "what is this"})
    assert wrong.status_code == 422
    assert "casino.example" in wrong.content.decode()
    dasha.post(f"{page}blocked/{row.pk}/")
    assert not BlockedSender.objects.exists()
    forget()
