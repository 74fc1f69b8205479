"""A desk with something behind every address, and who asks: for walks over all pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from otklik.channels.contract import Address, InboundFile, OutboundMessage
from otklik.channels.intake import take_in
from otklik.channels.quarantine import quarantine
from otklik.channels.tests.factories import make_inbound
from otklik.core import files
from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.fields.tests.factories import make_field
from otklik.core.jobs.models import Job
from otklik.core.operations.models import Operation
from otklik.core.outbox.models import Delivery
from otklik.core.realtime.presence import here
from otklik.core.vocabulary.language import read_query
from otklik.desk import builtin_texts
from otklik.desk.actions import change_brand
from otklik.desk.models import Account, Brand
from otklik.notify.letters import stop_token
from otklik.people.actions import (
    create_consent_kind,
    create_role,
    create_segment,
    merge_people,
    write_customer_note,
)
from otklik.people.models import Person, PersonExport
from otklik.people.sign_in import Purpose, create_link
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
    user_of,
)
from otklik.plugins.channel_email.models import TrayLetter
from otklik.plugins.channel_email.tray import keep
from otklik.portal.form_tokens import Sent, seal_sent
from otklik.portal.looks import logo_url, sheet_url
from otklik.portal.pictures import picture_url
from otklik.portal.tests import factories as portal
from otklik.tickets.actions import (
    add_upload,
    reply_to_ticket,
    save_draft,
    set_reminder,
    solve_ticket,
    tag_ticket,
)
from otklik.tickets.actions.checklist_templates import save_template
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.actions.handover import hand_over_draft
from otklik.tickets.actions.sorting import create_category
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.bulk import begin_bulk
from otklik.tickets.contract import Recipients
from otklik.tickets.models import (
    Attachment,
    ChecklistItem,
    Message,
    NoteGuest,
    Status,
    Tag,
    Ticket,
    Upload,
)
from otklik.tickets.typed import Typed
from otklik.workspace.actions import (
    begin_run,
    create_canned_reply,
    create_macro,
    create_script,
    create_view,
)
from otklik.workspace.canned import prepare_texts
from otklik.workspace.models import CannedReply
from otklik.workspace.queries.presence import place_of
from tests.rest.client import program_of

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60
BACKEND = "otklik.people.backends.EmailBackend"


@dataclass
class World:
    """A desk where every kind of thing exists once; ``values`` by the argument's name."""

    values: dict[str, Any] = field(default_factory=dict)
    readers: dict[str, Client] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
    brand = portal.furnish_desk()
    logo = files.store_blob(PICTURE)
    brand = change_brand(SYSTEM, brand, logo_sha256=logo.sha256)
    team, marina, dasha = make_team(), make_agent("Marina"), make_administrator()
    olga = make_customer("Olga Nesterova", organisation=make_organisation())
    alexey = make_customer("Alexey Gromov")
    ticket = _talk(brand, olga, marina)
    letter = Message.objects.filter(ticket=ticket, direction="in").earliest("id")
    upload = add_upload(actor_of(marina), logo, name="logo.png", content_type="image/png")
    role = create_role(SYSTEM, name="Librarian", permissions=["desk.manage"])
    dead = Job.objects.create(name="channels.prune", dead_at=timezone.now(), last_error="boom")
    lost = quarantine("email", b"no letter", account=None, reason="nobody could read it")
    mailbox = Account.objects.get(kind="email")
    export = PersonExport.objects.create(person_id=olga.pk, asked_by=dasha.person_id)
    shared = _canned(dasha, upload.token, "shared")
    waiting = send_or_wait(
        actor_of(marina),
        ticket,
        typed=Typed("<p>Tomorrow</p>"),
        to=To([olga.identities.get().value]),
        undo_seconds=60,
    )
    save_draft(actor_of(marina), ticket, kind="public", html="<p>Go on</p>")
    handed = hand_over_draft(actor_of(marina), ticket, dasha, kind="public")
    guest = NoteGuest.objects.create(
        thread=ticket.threads.get(is_main=True), identity=alexey.identities.get()
    )
    view = create_view(actor_of(marina), name="Open", query=read_query("ticket", "status:open"))
    made = World()
    reminder = set_reminder(
        actor_of(marina), ticket, timezone.now() + timedelta(days=1), note="Call Olga"
    )
    # Dasha writes a reply while others look.
    here.arrive("world", place_of(ticket.pk), dasha.person_id, "reply", lasts=600)
    custom = make_field("cause", "choice", customer_access="changed")
    make_field("parts", "multi", customer_access="changed")
    tagging = [{"effect": "ticket.tag", "params": {"tag": "many"}}]
    act = begin_bulk(actor_of(marina), [ticket.pk], tagging)
    macro = create_macro(actor_of(dasha), name="Tag", steps=tagging, scope="shared")
    own_macro = create_macro(actor_of(dasha), name="Tag", steps=tagging)
    template = save_template(SYSTEM, None, name="Going out", items=[{"text": "Call"}])
    checklist = add_checklist(SYSTEM, ticket, template)
    asking = [{"key": "q1", "question": "Why?", "kind": "text"}]
    script = create_script(actor_of(dasha), name="Ask", steps=asking, scope="shared")
    own_script = create_script(actor_of(dasha), name="Ask", steps=asking)
    run = begin_run(actor_of(dasha), script, ticket)
    made.values = {
        "script_id": script.pk,
        "pk scripts": script.pk,
        "settings_screens:own_script script_id": own_script.pk,
        "run_id": run.pk,
        "run": run.pk,
        "macro_id": macro.pk,
        "pk macros": macro.pk,
        "settings_screens:own_macro macro_id": own_macro.pk,
        "act_id": act.pk,
        "pk bulk-acts": act.pk,
        "person tickets": dasha.person_id,
        "field_id": custom.pk,
        "template_id": template.pk,
        "pk checklist-templates": template.pk,
        "checklist": checklist.pk,
        "pk checklists": checklist.pk,
        "pk checklist-items": ChecklistItem.objects.get().pk,
        "item": ChecklistItem.objects.get().pk,
        "thing": "ticket",
        "pk fields": custom.pk,
        "workspace:custom key": custom.key,
        "people_screens:person_value key": custom.key,
        "people_screens:organisation_value key": custom.key,
        "reminder": reminder.pk,
        "pk reminders": reminder.pk,
        "canned_id": shared.pk,
        "pk views": view.pk,
        "workspace:view pk": view.pk,
        "pk canned-replies": shared.pk,
        "settings_screens:own_canned_reply canned_id": _canned(dasha, upload.token, "personal").pk,
        "settings_screens:canned_file token": shared.files.get().token,
        "waiting": waiting.pk,
        "pk waiting-replies": waiting.pk,
        "handover": handed.pk,
        "guest": guest.pk,
        "number": ticket.number,
        "other": ticket.number,
        "kind": "related",
        "message": letter.pk,
        "delivery": Delivery.objects.earliest("id").pk,
        "delivery_id": Delivery.objects.earliest("id").pk,
        "participant": ticket.threads.get(is_main=True).participants.earliest("id").pk,
        "operation": Operation.objects.earliest("id").pk,
        "person_id": olga.pk,
        "other_id": alexey.pk,
        "identity_id": olga.identities.get().pk,
        "organisation_id": olga.organisation_id,
        "brand_id": brand.pk,
        "brand": brand.pk,
        "stamp": sheet_url(brand).rpartition("/")[2].removesuffix(".css"),
        "calendar_id": brand.calendar_id,
        "agent_id": marina.pk,
        "team_id": team.pk,
        "role_id": role.pk,
        "code roles": role.code,
        "code help": "lists",
        "code me": "ticket.assigned",
        "device_id": 1,
        "notify:stop token": stop_token(marina.person_id, "ticket.assigned"),
        "code notifications": "ticket.assigned",
        "status_id": Status.objects.get(code="open").pk,
        "category_id": create_category(SYSTEM, name="Machines").pk,
        "tag_id": Tag.objects.get().pk,
        "job_id": dead.pk,
        "row_id": lost.pk,
        "export_id": export.pk,
        "key": builtin_texts.ACKNOWLEDGEMENT,
        "language": "en",
        "name": "priority",
        "signed": picture_url(Attachment.objects.get().token).rstrip("/").rpartition("/")[2],
        "token": Attachment.objects.get().token,
        # The same argument means other things under other addresses.
        "portal:brand_logo stamp": logo_url(brand).split("/")[-3],
        "portal:sent token": seal_sent(Sent(ticket.number, timezone.now())),
        "portal:embed_sent token": seal_sent(Sent(ticket.number, timezone.now())),
        "tickets:upload token": upload.token,
        "pk brands": brand.pk,
        "pk calendars": brand.calendar_id,
        "pk people": olga.pk,
        "pk organisations": olga.organisation_id,
        "pk agents": marina.pk,
        "pk teams": team.pk,
        "pk messages": letter.pk,
        "pk accounts": mailbox.pk,
        "pk mailboxes": mailbox.pk,
        "pk deliveries": Delivery.objects.earliest("id").pk,
        "pk quarantine": lost.pk,
        "pk dead-letters": dead.pk,
        "pk tags": Tag.objects.get().pk,
        "pk tray": TrayLetter.objects.get().pk,
        "pk": 1,
    }
    for name, agent in (("marina", marina), ("dasha", dasha)):
        made.readers[name] = _client()
        made.readers[name].force_login(
            user_of(agent), backend="otklik.people.backends.EmailBackend"
        )
    made.readers["olga"] = portal.browser_of(olga)
    made.readers["alexey"] = portal.browser_of(alexey)
    link = create_link(Purpose.SIGN_IN, identity=olga.identities.get())
    made.values["people:link token"] = link
    twin = make_customer("Olga N.", "olga.n@elsewhere.example")
    made.values["segment_id"] = create_segment(SYSTEM, name="VIP", query="vip:yes").pk
    made.values["kind_id"] = create_consent_kind(SYSTEM, name="News").pk
    made.values["note_id"] = write_customer_note(SYSTEM, olga, "Likes tea", is_pinned=True).pk
    made.values["merge_id"] = merge_people(actor_of(marina), olga, twin).pk
    made.readers["mallory"] = _client()
    made.readers["a program"] = _client(headers=program_of(dasha).headers)
    return made


def _talk(brand: Brand, olga: Person, marina: Any) -> Ticket:
    mailbox = Account.objects.get(kind="email")
    picture = InboundFile("screen.png", "image/png", PICTURE)
    letter = make_inbound(
        olga.identities.get().value, files=(picture,), raw=b"From: olga\r\n\r\nHi"
    )
    ticket = Ticket.objects.get(number=take_in(mailbox, letter).ticket)
    dispatch_pending()
    tag_ticket(actor_of(marina), ticket, "visit")
    answer = written_by_hand(text="Somebody comes today.")
    recipients = Recipients(to=[olga.identities.get()])
    reply_to_ticket(actor_of(marina), ticket, words=answer, recipients=recipients)
    save_draft(actor_of(marina), ticket, kind="public", html="<p>Half typed</p>")
    solve_ticket(actor_of(marina), ticket)
    sent = OutboundMessage(
        external_id="kept@desk.example",
        sender=Address(mailbox.address),
        to=(Address("olga@polden.example"),),
        subject="Hi",
        text="Hello",
    )
    raw = b"From: support@demo.example\r\nTo: olga@polden.example\r\nSubject: Hi\r\n\r\nHello\r\n"
    keep(mailbox, sent, ["olga@polden.example"], raw)
    dispatch_pending()
    return ticket


def _canned(writer: Any, upload: str, scope: str) -> CannedReply:
    Upload.objects.filter(token=upload).update(owner_id=writer.person_id)
    words = prepare_texts(actor_of(writer), {"en": "<p>Off</p>"}, uploads=[upload])
    return create_canned_reply(actor_of(writer), name="Restart", words=words, scope=scope)


def _client(headers: dict[str, str] | None = None) -> Client:
    return Client(headers=headers or {}, raise_request_exception=False)


def addresses_of(world: World, *, without: str = "^") -> Iterator[tuple[str, str]]:
    """(route, address) of everything that can be asked for, each once."""
    seen = set()
    for route, names in _routes(get_resolver().url_patterns, ""):
        if route in seen or route.startswith(("^", without)):
            continue
        seen.add(route)
        yield route, _filled(world, route, names)


def _filled(world: World, route: str, name: str) -> str:
    def value(found: re.Match[str]) -> str:
        return str(_value(world, route, name, found[1]))

    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", value, route)


def _value(world: World, route: str, name: str, argument: str) -> Any:
    section = route.removeprefix("api/v1/").removeprefix("channel-email/").partition("/")[0]
    for key in (f"{name} {argument}", f"{argument} {section}", argument):
        if key in world.values:
            return world.values[key]
    pytest.fail(f"{route}: say in World what <{argument}> is")


def _routes(patterns: Any, prefix: str, space: str = "") -> Iterator[tuple[str, str]]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route, f"{space}{each.name}"
        else:
            inner = f"{each.namespace}:" if each.namespace else space
            yield from _routes(each.url_patterns, route, inner)
