"""A desk with somebody in every corner of it, and a look into every corner.

The texts are written out here and looked for in whatever rooms and tables there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

from django.db import connection
from django.utils import timezone

from otklik.channels.contract import Address, InboundFile
from otklik.channels.intake import take_in
from otklik.channels.models.screening import BlockedSender, SpamVerdict
from otklik.channels.quarantine import quarantine
from otklik.channels.tests.factories import make_inbound
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.fields.actions import change_fields
from otklik.core.fields.tests.factories import make_field
from otklik.core.jobs.models import Job
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.people import letters
from otklik.people.actions import add_identity, change_person
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.plugins.channel_email import spool
from otklik.plugins.channel_email.protection.rows import DeskKey
from otklik.portal.tests import factories as portal
from otklik.tickets import actions
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import MessageBody, ParticipantRole, Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.erased_corners import leave_traces

NAME = "Aurelia Quillfeather"
ADDRESS = "aurelia.quill@feathers.example"
PHONE = "+79165550147"
SECRET = "the safe stands behind the vermilion curtain"
FILE = b"%PDF-1.4 passport scan of the vermilion customer"
NOTE = "pays late and collects stamps of Zanzibar"
# Stems as the search keeps them, and words nobody else here uses.
NEEDLES = (
    "aurelia",
    "quillfeather",
    "feathers.example",
    "9165550147",
    "555-01-47",
    "vermilion",
    "zanzibar",
)


def letter_of(text: str, subject: str = "My passport") -> bytes:
    """A letter as the standard library writes it."""
    made = EmailMessage()
    made["From"] = f"{NAME} <{ADDRESS}>"
    made["To"] = "support@demo.example"
    made["Subject"] = subject
    made.set_content(text)
    return made.as_bytes()


class Desk:
    """Olga's talk in which Aurelia takes part, Aurelia's own, and traces in every corner."""

    def __init__(self) -> None:
        portal.furnish_desk()
        self.mailbox = Account.objects.get(kind="email")
        self.dasha = actor_of(make_administrator())
        self.marina = actor_of(make_agent("Marina"))
        self.olga = make_customer("Olga Nesterova", "olga@polden.example")
        self._own_ticket()
        self._others_ticket()
        self._corners()
        leave_traces(self.dasha, self.person, self.ticket, self.other, name=NAME, secret=SECRET)
        dispatch_pending()

    def _own_ticket(self) -> None:
        scan = InboundFile("passport of Aurelia.pdf", "application/pdf", FILE)
        sent = make_inbound(
            ADDRESS,
            f"Hello, I am {NAME}. {SECRET}",
            name=NAME,
            subject=f"{NAME}: my passport",
            files=(scan,),
            raw=letter_of(SECRET),
            external_id="one@feathers.example",
        )
        self.ticket = Ticket.objects.get(number=take_in(self.mailbox, sent).ticket)
        self.person = self.ticket.requester
        dispatch_pending()
        add_identity(self.dasha, self.person, kind="phone", value=PHONE)
        change_person(self.dasha, self.person, notes=NOTE)
        self.answer = actions.reply_to_ticket(
            self.marina,
            self.ticket,
            words=written_by_hand(text=f"Dear {NAME}, {SECRET} indeed."),
            recipients=Recipients(to=[self.person.identities.get(kind="email")]),
        )
        actions.change_ticket(
            self.marina, self.ticket, {"subject": "Vermilion passport of Aurelia"}
        )
        actions.save_draft(self.marina, self.ticket, kind="note", html=f"<p>{SECRET}</p>")
        actions.add_note(self.marina, self.ticket, words=written_by_hand(text=f"Aurelia {NOTE}"))

        make_field("visitor")
        make_field("passport", thing="person")
        change_fields(self.marina, self.ticket, {"visitor": f"{NAME} herself"})
        change_fields(self.marina, self.ticket, {"visitor": SECRET})
        change_fields(self.marina, self.person, {"passport": SECRET})
        add_checklist(self.marina, self.ticket, name=f"For {NAME}", items=[f"Call {NAME}"])
        later = timezone.now() + timedelta(days=1)
        actions.set_reminder(self.marina, self.ticket, later, note=f"Call {NAME}")

    def _others_ticket(self) -> None:
        self.other = make_ticket(
            self.olga, "The boiler", f"Ask {NAME}, {ADDRESS}, 8 (916) 555-01-47"
        )
        change_fields(self.marina, self.other, {"visitor": f"{NAME} calls"})
        change_fields(self.marina, self.other, {"visitor": f"{NAME} came"})
        thread = self.other.threads.get(is_main=True)
        identity = self.person.identities.get(kind="email")
        actions.add_participant(self.marina, thread, identity, role=ParticipantRole.CC)
        actions.confirm_participant(self.marina, thread.participants.get(identity=identity))
        sent = make_inbound(
            ADDRESS,
            f"I answer: {SECRET}",
            name=NAME,
            raw=letter_of(SECRET),
            references=(),
            ticket_hint=self.other.number,
        )
        assert take_in(self.mailbox, sent).ticket == self.other.number
        olga = make_inbound(
            "olga@polden.example",
            f"As {ADDRESS.upper()} wrote",
            cc=(Address(ADDRESS, NAME),),
            raw=f"Cc: {NAME} <{ADDRESS}>\r\n\r\nAs she wrote".encode(),
            ticket_hint=self.other.number,
        )
        assert take_in(self.mailbox, olga).ticket == self.other.number

    def _corners(self) -> None:
        quarantine("email", letter_of(SECRET), account=None, reason="odd", envelope_from=ADDRESS)
        letters.request_sign_in_link(ADDRESS, place="192.0.2.1", next_path="/", language="en")
        BlockedSender.objects.create(pattern=ADDRESS, note="by hand")
        SpamVerdict.objects.update_or_create(
            ticket=self.ticket,
            defaults={"is_spam": False, "reasons": [{"kind": "words", "words": ["vermilion"]}]},
        )
        MessageBody.objects.filter(message__ticket__in=[self.ticket, self.other]).update(
            reading={"invitation": {"who": NAME, "where": ADDRESS}}
        )
        DeskKey.objects.create(
            kind="smime", fingerprint="ab", name=NAME, addresses=[ADDRESS], public=""
        )
        Job.objects.create(name="gone", dead_at=timezone.now(), last_error=f"550 {ADDRESS}")
        letters.write_sign_in_link(ADDRESS, next_path="/", language="en", brand_id=None)
        spool.keep(
            str(config().home), letter_of(SECRET), recipients=["x@demo.example"], sender=ADDRESS
        )


def everything() -> Iterator[tuple[str, str]]:
    """(where, content) of every row of every table, shadow tables of the search included, and of
    every file in the home."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {quoted}")
            for row in cursor.fetchall():
                for value in row:
                    if isinstance(value, (bytes, memoryview)):
                        yield table, bytes(value).decode("utf-8", "replace")
                    else:
                        yield table, str(value)
    for path in config().home.rglob("*"):
        if path.is_file() and ".db" not in path.name:
            yield str(path), f"{path.name} {path.read_bytes().decode('utf-8', 'replace')}"


def traces_left() -> list[str]:
    found = []
    for where, content in everything():
        folded = content.casefold()
        found += [f"{where}: {needle}" for needle in NEEDLES if needle in folded]
    return sorted(set(found))
