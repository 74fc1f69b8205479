"""Letters full of tricks, in a real browser: no script runs, no request leaves, nobody poses.

Twice: as intake cleans them, and stored as they came, as if the cleaning had failed; then the
sandbox and the policy of the letter's frame stand alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Dialog, Page, Request, Route
from pytest_django.live_server_helper import LiveServer

from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import User
from otklik.people.tests.factories import make_agent, make_team, user_of
from otklik.plugins.channel_email.accepting import accept_mail
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.tickets.models import Message, MessageBody
from tests.faults import tricks

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def watched(page: Page, live_server: LiveServer) -> Iterator[SimpleNamespace]:
    """The page with every request that was tried and every dialog that was opened."""
    DIRECTORY.forget()
    make_mailbox("support@demo.example")
    marina = make_agent("Marina Kostina", teams=[make_team("Service", 2)])
    asked: list[str] = []
    dialogs: list[str] = []

    def pass_on(route: Route, request: Request) -> None:
        asked.append(request.url)
        if request.url.startswith((live_server.url, "data:", "about:")):
            route.continue_()
        else:
            route.abort()

    def heard(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.context.route("**/*", pass_on)
    page.on("dialog", heard)
    seen = SimpleNamespace(page=page, url=live_server.url, asked=asked, dialogs=dialogs)
    seen.sign_in = lambda user: _sign_in(seen, user)
    seen.sign_in(user_of(marina))
    yield seen
    DIRECTORY.forget()


def _sign_in(seen: SimpleNamespace, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    seen.page.context.clear_cookies()
    seen.page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": seen.url}]
    )


def _take_in() -> Message:
    made = EmailMessage()
    made["From"] = "Mallory <mallory@elsewhere.example>"
    made["To"] = "support@demo.example"
    made["Subject"] = "<script>top.ran=1</script> Invoice <img src=https://evil.example/subject>"
    made["Message-ID"] = "<tricks@elsewhere.example>"
    made.set_content(tricks.letter_html(), subtype="html")
    result = accept_mail(made.as_bytes(), ["support@demo.example"]).result
    return Message.objects.get(pk=result.message)


def _look_everywhere(seen: SimpleNamespace, message: Message) -> None:
    page: Page = seen.page
    number = message.ticket.number
    letter = f"{seen.url}/messages/{message.pk}/letter/"
    for address in (
        f"{seen.url}/tickets/?list=all",
        f"{seen.url}/tickets/{number}/",
        letter,
        f"{letter}?pictures=1",
        f"{seen.url}/messages/{message.pk}/raw/",
    ):
        page.goto(address, wait_until="load")
        # Long enough for a refresh of no seconds, an animation, an import of an import.
        page.wait_for_timeout(400)
        here = urlsplit(page.url)
        assert f"{here.scheme}://{here.netloc}{here.path}" == address.partition("?")[0], page.url
        assert page.evaluate("() => window.ran") is None, address
        for frame in page.frames:
            assert urlsplit(frame.url).netloc in ("", here.netloc), frame.url
        # A field that a letter puts in front of somebody takes no focus and no password.
        assert page.locator("input[name=password]").count() == 0
        for frame in page.frames[1:]:
            assert frame.locator("form, input, iframe, object, embed, script").count() == 0
    foreign = [one for one in seen.asked if not one.startswith((seen.url, "data:", "about:"))]
    assert foreign == []
    assert seen.dialogs == []


def test_a_letter_full_of_tricks_runs_nothing_and_asks_nobody(watched: SimpleNamespace) -> None:
    message = _take_in()
    _look_everywhere(watched, message)
    watched.page.goto(f"{watched.url}/messages/{message.pk}/letter/")
    assert "Words before." in watched.page.inner_text("body")


def test_the_frame_holds_by_itself_when_the_cleaning_fails(watched: SimpleNamespace) -> None:
    message = _take_in()
    # Past the cleaning, one after the other: some swallow what follows them.
    for trick in (*tricks.SCRIPTS, *tricks.CALLS):
        html = f"<p>x</p>{trick}".replace("\0", "")
        MessageBody.objects.filter(pk=message.pk).update(html=html)
        watched.asked.clear()
        watched.page.goto(f"{watched.url}/messages/{message.pk}/letter/", wait_until="load")
        watched.page.wait_for_timeout(60)
        assert watched.page.evaluate("() => window.ran") is None, trick
        foreign = [one for one in watched.asked if "evil.example" in urlsplit(one).netloc]
        assert foreign == [], trick
        assert urlsplit(watched.page.url).path == f"/messages/{message.pk}/letter/", trick
    assert watched.dialogs == []


def test_a_customers_page_is_as_closed_as_an_agents(watched: SimpleNamespace) -> None:
    message = _take_in()
    person = message.ticket.requester
    identity = person.identities.get()
    user = User.objects.create(email=identity.value, person=person)
    from otklik.core.access import SYSTEM
    from otklik.people.actions import verify_identity
    from otklik.people.models import VerifiedHow

    verify_identity(SYSTEM, identity, VerifiedHow.LINK)
    watched.sign_in(user)
    page: Page = watched.page
    answer = page.goto(f"{watched.url}/portal/requests/{message.ticket.number}/")
    assert answer is not None
    page.wait_for_timeout(500)
    assert page.evaluate("() => window.ran") is None
    foreign = [one for one in watched.asked if not one.startswith((watched.url, "data:", "about:"))]
    assert foreign == []
    assert watched.dialogs == []
