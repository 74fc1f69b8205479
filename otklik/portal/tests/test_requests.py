"""Own requests: Olga sees hers, Alexey and Mallory see nothing of them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.core import files
from otklik.core.access import SYSTEM
from otklik.core.outbox.models import Delivery
from otklik.people.tests.factories import make_agent, make_customer, user_of
from otklik.portal.limits import ANSWERS_OF_PERSON, take_answer
from otklik.portal.tests.factories import browser_of, browser_of_agent, filled
from otklik.tickets.actions import (
    add_note,
    close_ticket,
    pend_ticket,
    receive_message,
    reply_to_ticket,
    solve_ticket,
    trash_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.models import Attachment, Message, MessageBody, Ticket
from otklik.tickets.tests.factories import identity_of, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data, pytest.mark.usefixtures("desk")]


@pytest.fixture
def olga():
    return make_customer("Olga Nesterova")


@pytest.fixture
def ticket(olga):
    return make_ticket(olga)


def page_of(ticket: Ticket) -> str:
    return f"/portal/requests/{ticket.number}/"


def agent_replies(ticket: Ticket, text: str, *, html: str = "") -> Message:
    assert ticket.requester_identity is not None
    return reply_to_ticket(
        SYSTEM,
        ticket,
        words=written_by_hand(text=text, html=html),
        recipients=Recipients(to=[ticket.requester_identity]),
    )


def test_olga_reads_her_request_and_nobody_elses(olga, ticket):
    alexeys = make_ticket(make_customer("Alexey Gromov"), "The till does not print")
    client = browser_of(olga)
    shown = client.get(page_of(ticket))
    assert "Error E-07" in shown.content.decode()
    listed = client.get("/portal/requests/").content.decode()
    assert ticket.subject in listed
    assert alexeys.subject not in listed
    assert client.get(page_of(alexeys)).status_code == 404


def test_an_empty_letter_is_listed_and_said_to_be_empty(olga, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(subject="")
    MessageBody.objects.filter(message__ticket=ticket).update(text="", reply_text="", html="")
    client = browser_of(olga)
    assert ">No subject</a>" in client.get("/portal/requests/").content.decode()
    assert "There are no words in it." in client.get(page_of(ticket)).content.decode()


def test_foreign_missing_and_trashed_requests_are_the_same_404(olga, ticket):
    foreign = make_ticket(make_customer("Alexey Gromov"))
    trashed = make_ticket(olga)
    trash_ticket(SYSTEM, trashed)
    client = browser_of(olga)
    answers = [
        client.get(f"/portal/requests/{number}/")
        for number in (foreign.number, trashed.number, 999_999)
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    pages = {answer.content.decode().split("<main", 1)[1] for answer in answers}
    assert len(pages) == 1
    for number in (foreign.number, trashed.number, 999_999):
        for part in ("messages/", "solution/", "reopening/"):
            where = f"/portal/requests/{number}/{part}"
            assert client.post(where, {"text": "x"}).status_code == 404
    assert foreign.messages.count() == 1


def test_an_unproven_address_sees_nothing_until_it_is_proven(ticket):
    typed = make_customer("Mallory", is_verified=False)
    theirs = make_ticket(typed, "Sent in Mallory's name")
    agents = make_agent("Marina")
    # Signed in, but by an address that nobody has proven.
    client = browser_of_agent(user_of(agents))
    own = make_ticket(agents.person, "From the unproven address of an agent")
    assert client.get(page_of(own)).status_code == 404
    assert client.get(page_of(ticket)).status_code == 404
    assert browser_of(typed).get(page_of(theirs)).status_code == 200


def test_strangers_are_sent_to_sign_in_whatever_the_number(ticket):
    client = Client()
    for number in (ticket.number, 999_999):
        response = client.get(f"/portal/requests/{number}/")
        assert response.status_code == 302
        assert response["Location"] == f"/portal/sign-in/?next=%2Fportal%2Frequests%2F{number}%2F"
    assert client.post(f"{page_of(ticket)}messages/", {"text": "x"}).status_code == 302
    assert ticket.messages.count() == 1


def test_an_agent_sees_only_their_own_requests_in_the_portal(ticket):
    marina = make_agent("Marina")
    client = browser_of_agent(user_of(marina))
    home = client.get("/portal/").content.decode()
    assert "To the agents’ desk" in home
    assert ticket.subject not in client.get("/portal/requests/").content.decode()
    assert client.get(page_of(ticket)).status_code == 404


def test_notes_and_strangers_words_are_never_shown(olga, ticket):
    add_note(SYSTEM, ticket, words=written_by_hand(text="She is a difficult customer"))
    receive_message(
        SYSTEM,
        ticket.threads.get(),
        words=written_by_hand(text="Mallory was here"),
        author=None,
        identity=None,
        is_hidden=True,
    )
    agent_replies(ticket, "The engineer comes at four")
    text = browser_of(olga).get(page_of(ticket)).content.decode()
    assert "difficult" not in text
    assert "Mallory" not in text
    assert "The engineer comes at four" in text
    found = browser_of(olga).get("/portal/requests/?q=difficult").content.decode()
    assert ticket.subject not in found


def test_an_answer_is_written_once_however_often_it_is_sent(olga, ticket):
    pend_ticket(SYSTEM, ticket)
    client = browser_of(olga)
    said = {"text": "It works <b>again</b>", "client_key": "k1"}
    first = client.post(f"{page_of(ticket)}messages/", said)
    client.post(f"{page_of(ticket)}messages/", said)
    assert first.status_code == 302
    message = ticket.messages.order_by("id").last()
    assert ticket.messages.count() == 2
    assert (message.channel, message.author_id, message.is_hidden) == ("web", olga.pk, False)
    ticket.refresh_from_db()
    assert ticket.status_kind == "open"
    page = client.get(page_of(ticket)).content.decode()
    assert "&lt;b&gt;again&lt;/b&gt;" in page
    # The same key for another request writes there.
    other = make_ticket(olga)
    client.post(f"{page_of(other)}messages/", said)
    assert other.messages.count() == 2


def test_an_empty_answer_is_refused_in_words_and_a_file_alone_is_one(olga, ticket):
    client = browser_of(olga)
    refused = client.post(f"{page_of(ticket)}messages/", {"text": "  ", "client_key": "k"})
    assert refused.status_code == 422
    assert "Nothing is written yet." in refused.content.decode()
    photo = SimpleUploadedFile("pump.txt", b"pressure 9 bar")
    sent = client.post(f"{page_of(ticket)}messages/", {"text": "", "attachments": [photo]})
    assert sent.status_code == 302
    assert ticket.messages.count() == 2


def test_files_go_to_those_who_may_read_the_message_only(olga, ticket):
    client = browser_of(olga)
    script = SimpleUploadedFile("схема.html", b"<script>alert(1)</script>")
    client.post(f"{page_of(ticket)}messages/", {"text": "See", "attachments": [script]})
    attachment = Attachment.objects.get(message__ticket=ticket)
    where = f"/portal/files/{attachment.token}/"
    assert where in client.get(page_of(ticket)).content.decode()
    got = client.get(where)
    assert b"".join(got) == b"<script>alert(1)</script>"
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Type"] == "application/octet-stream"
    assert attachment.blob.sha256 not in where
    assert browser_of(make_customer("Alexey Gromov")).get(where).status_code == 404
    assert Client().get(where).status_code == 302
    # A file of a note has an address too; it is nobody's outside.
    Message.objects.filter(pk=attachment.message_id).update(kind="note")
    assert client.get(where).status_code == 404


def test_too_many_files_are_refused_and_nothing_is_stored(olga, ticket):
    client = browser_of(olga)
    many = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(11)]
    refused = client.post(f"{page_of(ticket)}messages/", {"text": "See", "attachments": many})
    assert refused.status_code == 422
    assert "At most 10 files" in refused.content.decode()
    assert not Attachment.objects.exists()


def test_solving_opening_again_and_answering_a_closed_request(olga, ticket):
    client = browser_of(olga)
    client.post(f"{page_of(ticket)}solution/", {"text": "The reset helped", "client_key": "k"})
    ticket.refresh_from_db()
    assert ticket.status_kind == "solved"
    assert ticket.messages.count() == 2
    assert "Open again" in client.get(page_of(ticket)).content.decode()
    client.post(f"{page_of(ticket)}reopening/")
    ticket.refresh_from_db()
    assert ticket.status_kind == "open"
    solve_ticket(SYSTEM, ticket)
    close_ticket(SYSTEM, ticket)
    response = client.post(f"{page_of(ticket)}messages/", {"text": "Cold again"})
    later = Ticket.objects.get(follow_up_of=ticket)
    assert response["Location"].startswith(page_of(later))
    assert later.requester_identity == identity_of(olga)
    ticket.refresh_from_db()
    assert ticket.status_kind == "closed"
    assert client.post(f"{page_of(ticket)}reopening/").status_code == 403


def test_a_reply_to_a_request_from_the_form_leaves_by_mail(desk, olga):
    client = browser_of(olga)
    client.post("/portal/new/", filled(desk))
    ticket = Ticket.objects.get()
    reply = agent_replies(ticket, "We are on our way")
    delivery = Delivery.objects.get(subject_id=reply.pk, kind="message")
    assert [row.address for row in delivery.recipients.all()] == [identity_of(olga).value]


def test_mail_is_shown_as_text_and_as_it_was_sent_in_a_frame_without_script(olga, ticket):
    body = ticket.messages.get().body
    body.html = '<p style="color:red">Cold</p><script>alert(1)</script><img src="https://spy.example/x.png">'
    body.save()
    client = browser_of(olga)
    page = client.get(page_of(ticket)).content.decode()
    where = f"{page_of(ticket)}messages/{body.message_id}/letter/"
    assert where in page
    assert "color:red" not in page
    letter = client.get(where)
    assert "color:red" in letter.content.decode().replace(" ", "")
    assert "<script" not in letter.content.decode()
    assert 'src="https://spy' not in letter.content.decode()
    policy = letter["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "frame-ancestors 'self'" in policy
    assert browser_of(make_customer("Alexey Gromov")).get(where).status_code == 404


def test_pictures_among_the_words_have_signed_addresses_and_forged_ones_are_none(olga, ticket):
    reply = agent_replies(ticket, "See the valve")
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
    Attachment.objects.create(
        message=reply,
        blob=files.store_blob(png),
        name="valve.png",
        content_type="image/png",
        size=len(png),
        content_id="valve",
        is_inline=True,
    )
    reply.body.html = '<p>See <img src="cid:valve" alt="the valve"></p>'
    reply.body.save()
    page = browser_of(olga).get(page_of(ticket)).content.decode()
    where = page.split('<img src="/portal/pictures/')[1].split('"')[0]
    assert "valve.png" not in page  # shown among the words, so no chip for it
    # The frame of a letter has no session to show.
    shown = Client().get(f"/portal/pictures/{where}")
    assert shown["Content-Type"] == "image/png"
    assert shown["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert b"".join(shown) == png
    token = Attachment.objects.get().token
    for forged in (token, where.strip("/")[:-1] + "x"):
        assert Client().get(f"/portal/pictures/{forged}/").status_code == 404


def test_search_finds_words_in_any_form_and_numbers(olga, ticket):
    make_ticket(olga, "Кофемашина не греет воду", "Выключали дважды.")
    client = browser_of(olga)
    for query, subject in (
        ("heating", ticket.subject),
        (str(ticket.number), ticket.subject),
        ("кофемашины", "Кофемашина не греет воду"),
        ("ДВАЖДЫ", "Кофемашина не греет воду"),
    ):
        assert subject in client.get("/portal/requests/", {"q": query}).content.decode(), query
    assert "Nothing holds “teapot”." in client.get("/portal/requests/?q=teapot").content.decode()


def test_lists_are_paged_by_key_and_a_damaged_address_is_refused(olga):
    for number in range(25):
        make_ticket(olga, f"Request {number:02}.")
    client = browser_of(olga)
    first = client.get("/portal/requests/").content.decode()
    assert "Request 24." in first
    assert "Request 04." not in first
    cursor = first.split('rel="next" href="?cursor=')[1].split('"')[0]
    second = client.get("/portal/requests/", {"cursor": cursor}).content.decode()
    assert "Request 04." in second
    assert "Request 24." not in second
    assert client.get("/portal/requests/?cursor=zzz").status_code == 422


def test_a_page_costs_few_queries_and_writes_nothing(olga, ticket, django_assert_max_num_queries):
    for number in range(5):
        agent_replies(ticket, f"Step {number}")
    client = browser_of(olga)
    client.get(page_of(ticket))
    with django_assert_max_num_queries(18) as seen:
        client.get(page_of(ticket))
    assert not [
        one["sql"]
        for one in seen.captured_queries
        if one["sql"].lstrip("(").split()[0] in ("INSERT", "UPDATE", "DELETE", "BEGIN")
    ]


def test_last_words_that_cannot_be_taken_are_not_lost(olga, ticket):
    client = browser_of(olga)
    solve_ticket(SYSTEM, ticket)
    close_ticket(SYSTEM, ticket)
    refused = client.post(f"{page_of(ticket)}solution/", {"text": "Thank you"})
    assert refused.status_code == 403
    assert "This request is closed." in refused.content.decode()
    assert "Thank you" in refused.content.decode()
    assert Ticket.objects.count() == 1
    for _ in range(ANSWERS_OF_PERSON.count - 1):
        client.post(f"{page_of(ticket)}messages/", {"text": ""})
        take_answer(olga.pk)
    refused = client.post(f"{page_of(ticket)}messages/", {"text": "A long story"})
    assert refused.status_code == 429
    assert "A long story" in refused.content.decode()


def test_what_a_letter_quotes_is_one_click_away(olga, ticket):
    def letter(text: str, reply_text: str) -> None:
        words = Words(text=text, reply_text=reply_text)
        receive_message(
            SYSTEM,
            ticket.threads.get(),
            words=words,
            author=olga,
            identity=identity_of(olga),
            channel="email",
        )

    letter("It works.\n\n> <b>Does it</b> work?", "It works.")
    letter("All of this is new.", "All of this is new.")

    page = browser_of(olga).get(page_of(ticket)).content.decode()

    assert page.count("The whole text") == 1
    assert "&lt;b&gt;Does it&lt;/b&gt; work?" in page
