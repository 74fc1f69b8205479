"""What becomes of letters by what is known of their senders: answers of agents, checks that come
after the letter is safe, filters in front of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.utils import timezone

from otklik.channels.models import Quarantined
from otklik.core.access import SYSTEM
from otklik.core.db.briefly import forget
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.jobs.models import Job
from otklik.core.jobs.running import run_job
from otklik.core.outbox.models import Delivery
from otklik.core.settings import config, put
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import Agent, Identity
from otklik.people.tests.factories import make_agent
from otklik.plugins.channel_email import authentication
from otklik.plugins.channel_email.accepting import accept_mail
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.plugins.channel_email.screening import FILTERS
from otklik.plugins.channel_email.sender_checks import lookups
from otklik.tickets.models import Message, Participant, StatusKind, Ticket
from otklik.tickets.queries import list_messages
from tests.services.dns import DnsServer, dns_server

pytestmark = [pytest.mark.django_db, pytest.mark.data]

DESK, OLGA = "support@demo.example", "olga@polden.example"
HERE = {"client_ip": "192.0.2.7", "helo": "mx.polden.example"}
ELSEWHERE = {"client_ip": "203.0.113.9", "helo": "mx.evil.example"}


@pytest.fixture(autouse=True)
def desk() -> Iterator[Account]:
    mailbox = make_mailbox(DESK, config={"trusted_hosts": ["mx.demo.example"]})
    DIRECTORY.forget()
    forget()
    yield mailbox
    DIRECTORY.forget()
    forget()


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    """A name server that knows Olga's domain and the company's own."""
    zone = {
        name: {"TXT": ["v=spf1 ip4:192.0.2.7 -all"]} for name in ("polden.example", "demo.example")
    }
    zone |= {f"_dmarc.{name}": {"TXT": ["v=DMARC1; p=reject"]} for name in tuple(zone)}
    lookups.forget_answers()
    with dns_server(zone) as server:
        changed = replace(config(), dns_servers=(f"{server.host}:{server.port}",))
        for module in (authentication, lookups):
            monkeypatch.setattr(module, "config", lambda: changed)
        yield server
    lookups.forget_answers()


def post(
    sender: str,
    text: str = "The machine is cold.",
    *head: str,
    client: dict[str, str] | None = None,
) -> Message | None:
    number = Message.objects.count()
    fields = [
        f"From: <{sender}>",
        f"To: {DESK}",
        f"Message-ID: <{number}.{abs(hash((sender, text)))}@client.example>",
        "Subject: No hot water",
        *head,
    ]
    raw = "\r\n".join([*fields, "", text, ""]).encode()
    result = accept_mail(raw, [DESK], sender=sender, client=client).result
    return Message.objects.filter(pk=result.message).first()


def work() -> None:
    """Everything that follows, until nothing does."""
    while dispatch_pending() or Job.objects.exists():
        for job in Job.objects.order_by("id"):
            outcome = run_job(job)
            assert outcome.error == "", outcome
            job.delete()


def vouched(result: str) -> str:
    return f"Authentication-Results: mx.demo.example; dmarc={result}"


def acknowledged(address: str) -> int:
    return Delivery.objects.filter(kind="message", recipients__address=address).count()


def test_an_agents_answer_by_mail_goes_out_when_it_is_proven_and_is_a_note_when_it_is_not() -> None:
    marina: Agent = make_agent("Marina", "marina@demo.example")
    first = post(OLGA)
    assert first is not None
    answer = f"In-Reply-To: <{first.external_id}>"
    said = post(marina.person.identities.get().value, "Switch it off.", answer, vouched("pass"))
    assert said is not None
    assert (said.kind, said.direction, said.author) == ("public", "out", marina.person)
    assert said.ticket == first.ticket
    assert acknowledged(OLGA) == 1
    for proof in ("", vouched("none"), vouched("fail"), "Authentication-Results: x; dmarc=pass"):
        extra = [answer, proof] if proof else [answer]
        claimed = post("marina@demo.example", f"Pay me {proof}", *extra)
        assert claimed is not None
        assert (claimed.kind, claimed.direction) == ("note", "internal")
        assert claimed.body.authentication["agent"] == "not proven"
    assert acknowledged(OLGA) == 1
    assert all(one.kind == "public" for one in list_messages(_as_customer(first), first.ticket))


def _as_customer(message: Message):  # type: ignore[no-untyped-def]
    from otklik.people.actors import actor_for_customer

    assert message.author is not None
    proven = Identity.objects.filter(pk=message.author_identity_id)
    proven.update(verified_at=timezone.now(), verified_how="link")
    return actor_for_customer(message.author)


def test_the_desk_proves_an_agent_itself_before_their_words_go_out(dns: DnsServer) -> None:
    make_agent("Marina", "marina@demo.example")
    first = post(OLGA, client=HERE)
    assert first is not None
    answer = f"In-Reply-To: <{first.external_id}>"
    said = post("marina@demo.example", "Switch it off.", answer, client=HERE)
    forged = post("marina@demo.example", "Pay me", answer, client=ELSEWHERE)
    assert said is not None
    assert forged is not None
    assert (said.kind, forged.kind) == ("public", "note")


def test_an_agent_who_asks_for_something_is_a_customer_there() -> None:
    make_agent("Marina", "marina@demo.example")
    first = post("marina@demo.example", "My chair is broken")
    assert first is not None
    assert first.direction == "in"
    more = post(
        "marina@demo.example",
        "And the table",
        f"In-Reply-To: <{first.external_id}>",
        vouched("pass"),
    )
    assert more is not None
    assert (more.direction, more.kind) == ("in", "public")


def test_a_proven_agent_is_let_in_by_the_number_alone_and_an_unproven_one_opens_a_ticket() -> None:
    make_agent("Marina", "marina@demo.example")
    first = post(OLGA)
    assert first is not None
    number = first.ticket.number
    subject = f"Subject: Re: [#{number}] No hot water"
    raw = [
        f"From: marina@demo.example\r\nTo: {DESK}\r\n{subject}",
        vouched("pass"),
        "",
        "Ready",
        "",
    ]
    accept_mail("\r\n".join(raw).encode(), [DESK], sender="marina@demo.example")
    assert Ticket.objects.count() == 1
    raw[1] = "X-Nothing: here"
    raw[3] = "Not ready"
    accept_mail("\r\n".join(raw).encode(), [DESK], sender="marina@demo.example")
    assert Ticket.objects.count() == 2


def test_a_letter_is_checked_after_it_is_safe_and_answered_when_that_is_done(
    dns: DnsServer,
) -> None:
    first = post(OLGA, client=HERE)
    assert first is not None
    assert first.body.authentication["checks"] == "pending"
    asked = len(dns.asked)
    assert asked == 0  # nobody was asked while the mail server waited
    dispatch_pending()
    assert acknowledged(OLGA) == 0
    work()
    first.body.refresh_from_db()
    assert first.body.authentication["dmarc"] == "pass"
    assert acknowledged(OLGA) == 1


def test_whom_a_letter_copies_is_let_in_when_its_sender_turns_out_to_be_proven(
    dns: DnsServer,
) -> None:
    copy = "Cc: petr@polden.example"
    for client, is_confirmed in ((ELSEWHERE, False), (HERE, True)):
        letter = post(OLGA, f"The machine is cold, {is_confirmed}.", copy, client=client)
        assert letter is not None
        rows = Participant.objects.filter(thread=letter.thread, identity__value__startswith="petr")
        assert rows.get().is_confirmed is False
        work()
        assert rows.get().is_confirmed is is_confirmed


def test_older_mail_is_imported_unchecked(dns: DnsServer) -> None:
    from otklik.core.access import Origin

    raw = f"From: {OLGA}\r\nTo: {DESK}\r\nSubject: Old\r\n\r\nHello\r\n".encode()
    accept_mail(raw, [DESK], sender=OLGA, origin=Origin.IMPORT)
    work()
    assert "checks" not in Message.objects.get().body.authentication
    assert dns.asked == []


def test_whom_a_disowned_letter_names_is_not_written_to(dns: DnsServer) -> None:
    post(OLGA, client=ELSEWHERE)
    work()
    assert acknowledged(OLGA) == 0


def test_a_form_in_our_name_names_a_visitor_when_our_own_domain_does_not_disown_it(
    dns: DnsServer,
) -> None:
    forged = post(DESK, "I am a form", f"Reply-To: <{OLGA}>", client=ELSEWHERE)
    work()
    assert forged is not None
    assert forged.author_identity is not None
    assert (forged.author_identity.value, acknowledged(OLGA)) == (DESK, 0)
    form = post(DESK, "I am a form, too", f"Reply-To: <{OLGA}>", client=HERE)
    work()
    assert form is not None
    assert form.author_identity is not None
    assert (form.author_identity.value, acknowledged(OLGA)) == (OLGA, 1)


def test_a_forged_answer_is_hidden_when_its_domain_disowns_it(dns: DnsServer) -> None:
    first = post(OLGA, client=HERE)
    assert first is not None
    work()
    answer = f"In-Reply-To: <{first.external_id}>"
    forged = post(OLGA, "Send it to another address", answer, client=ELSEWHERE)
    true = post(OLGA, "It works again", answer, client=HERE)
    assert forged is not None
    assert true is not None
    work()
    forged.refresh_from_db()
    true.refresh_from_db()
    assert (forged.is_hidden, true.is_hidden) == (True, False)
    shown = list_messages(_as_customer(first), first.ticket)
    assert true in shown
    assert forged not in shown


def test_a_silent_name_server_keeps_nobody_waiting_for_ever(dns: DnsServer) -> None:
    dns.silent |= {"polden.example", "_dmarc.polden.example"}
    first = post(OLGA, client=HERE)
    work()
    assert first is not None
    first.body.refresh_from_db()
    assert first.body.authentication["dmarc"] == "temperror"
    assert acknowledged(OLGA) == 1


def test_what_a_filter_of_ours_calls_spam_goes_to_the_list_of_spam_unanswered() -> None:
    put(SYSTEM, FILTERS, ["filter.demo.example"])
    forget()
    head = ("X-Rspamd-Server: filter.demo.example", "X-Spamd-Result: default: True [17 / 15]")
    spam = post("win@casino.example", "You won", *head)
    forged = post(OLGA, "No spam", head[1])
    work()
    assert spam is not None
    assert forged is not None
    spam.ticket.refresh_from_db()
    forged.ticket.refresh_from_db()
    assert spam.ticket.spam_at is not None
    assert forged.ticket.spam_at is None
    assert acknowledged("win@casino.example") == 0
    assert acknowledged(OLGA) == 1


def test_an_out_of_office_answer_joins_its_ticket_and_reopens_nothing() -> None:
    from otklik.people.tests.factories import actor_of
    from otklik.tickets.actions import solve_ticket

    first = post(OLGA)
    assert first is not None
    work()
    sent = Message.objects.get(is_automatic=True)
    solve_ticket(actor_of(make_agent("Ilya")), first.ticket)
    away = post(
        OLGA,
        "Меня нет в офисе до понедельника.",
        f"In-Reply-To: <{sent.external_id}>",
        "Auto-Submitted: auto-replied",
    )
    work()
    assert away is not None
    ticket = Ticket.objects.get()
    assert (away.ticket, away.automation) == (ticket, "auto_reply")
    assert ticket.status_kind == StatusKind.SOLVED
    assert ticket.last_message_by == "customer"
    assert Message.objects.filter(is_automatic=True).count() == 1


@pytest.mark.parametrize(
    "head",
    [
        "List-Unsubscribe: <mailto:off@shop.example>",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "X-Mailer: Zendesk Mailer",
        "X-OTRS-Loop: otrs@other.example",
        "RT-Ticket: other.example #12",
        "X-JIRA-FingerPrint: 1",
        "X-Zammad-Fqdn: zammad.other.example",
        "X-Mailer: osTicket Mailer",
        "X-Mailer: GLPI",
        "X-Freshdesk-Ticket-Id: 17",
        "Auto-Submitted: auto-generated",
    ],
)
def test_lists_and_other_help_desks_open_tickets_and_are_never_answered(head: str) -> None:
    assert post("helpdesk@other.example", "We have got your letter", head) is not None
    work()
    assert not Message.objects.filter(is_automatic=True).exists()


@pytest.mark.parametrize(
    "sender",
    ["noreply@other.example", "do-not-reply@other.example", "drive-shares-noreply@other.example"],
)
def test_nobody_answers_an_address_that_reads_nothing(sender: str) -> None:
    assert post(sender) is not None
    accept_mail(f"From: Scanner\r\nTo: {DESK}\r\nSubject: s\r\n\r\nHi\r\n".encode(), [DESK])
    work()
    assert Ticket.objects.count() == 2
    assert not Message.objects.filter(is_automatic=True).exists()


def test_a_letter_that_says_nothing_is_a_ticket_and_is_answered_all_the_same() -> None:
    for head, body in (("", ""), ("Content-Type: text/html", '<img src="http://x.example/a.png">')):
        raw = f"From: {OLGA}\r\nTo: {DESK}\r\n{head}".rstrip() + f"\r\n\r\n{body}\r\n"
        accept_mail(raw.encode(), [DESK], sender=OLGA)
    work()

    assert not Quarantined.objects.exists()
    assert Ticket.objects.filter(subject="").count() == 2
    assert Message.objects.filter(is_automatic=True).count() == 2


@pytest.mark.parametrize(
    "subject",
    [
        "Автоответ: Re: No hot water",
        "Меня нет в офисе",
        "Automatic reply: No hot water",
        "Abwesenheitsnotiz: No hot water",
        "Réponse automatique : No hot water",
        "自動応答: hello",
    ],
)
def test_a_subject_alone_hides_nobodys_letter(subject: str) -> None:
    """A person may write it: the letter opens a ticket, and only is not answered by itself."""
    from email.header import Header

    encoded = Header(subject, "utf-8").encode(linesep="\r\n")
    raw = f"From: {OLGA}\r\nTo: {DESK}\r\nSubject: {encoded}\r\n\r\nHello\r\n"
    accept_mail(raw.encode(), [DESK], sender=OLGA)
    work()
    assert Ticket.objects.count() == 1
    assert not Message.objects.filter(is_automatic=True).exists()
    head = f"From: {OLGA}\r\nTo: {DESK}\r\nSubject: Автоответ клиенту не уходит"
    accept_mail(f"{head}\r\n\r\nHi\r\n".encode(), [DESK], sender=OLGA)
    assert Message.objects.latest("id").automation == "human"


def test_a_blocked_domain_is_refused_with_everything_below_it() -> None:
    from otklik.channels.actions import block_sender, unblock_sender
    from otklik.core.access import Forbidden, Invalid
    from otklik.people.tests.factories import actor_of, make_administrator

    dasha = actor_of(make_administrator())
    with pytest.raises(Forbidden):
        block_sender(actor_of(make_agent("Marina")), "casino.example")
    for wrong in ("", "casino", "a b@c", DESK, "demo.example"):
        with pytest.raises(Invalid):
            block_sender(dasha, wrong)
    row = block_sender(dasha, "@Casino.Example")
    assert row.pattern == "casino.example"
    from otklik.core.db.briefly import forget

    forget()
    assert post("win@mail.casino.example") is None
    assert post("win@notcasino.example") is not None
    unblock_sender(dasha, row)
    forget()
    assert post("win@mail.casino.example", "Again") is not None
