"""The demo company, small: loaded, looked at, worked with, removed."""

import random

import pytest
from django.db import transaction
from django.test import Client

from otklik.core import search, settings
from otklik.core.access import SYSTEM, Origin
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.events.registry import list_listeners, list_types
from otklik.core.files.models import Blob
from otklik.core.hooks.program import find_demo
from otklik.core.outbox.models import Delivery
from otklik.desk.brands import default_brand
from otklik.desk.company import SET_UP_AT
from otklik.desk.models import Account
from otklik.people import roles
from otklik.people.actions import create_agent
from otklik.people.actors import actor_for_user
from otklik.people.models import Agent, Organisation, Person, Team, User
from otklik.project.demo import company, customers
from otklik.project.demo.grammar import bend
from otklik.project.demo.loading import is_empty, load
from otklik.project.demo.made import LOADED_AT
from otklik.project.demo.pictures import draw_png, write_pdf
from otklik.project.demo.playing import SEARCH_LISTENERS
from otklik.project.demo.removing import remove
from otklik.project.demo.scenarios import fill, list_scenarios
from otklik.project.preparing import clear_remains
from otklik.project.stopping import Stop
from otklik.tickets.actions import open_ticket, reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.columns import compute_columns
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Attachment, Category, Message, StatusKind, Tag, Ticket
from otklik.workspace.settings_screens.set_up import make_setup_link

pytestmark = [pytest.mark.django_db, pytest.mark.data]

TICKETS = 40


def quiet(done: int, total: int | None) -> None:
    assert total is None or done <= total


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """One load for all: each test's own changes are taken back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(quiet, tickets=TICKETS)
        transaction.set_rollback(True)


@pytest.fixture
def accounts(loaded, db):
    return loaded


def administrator():
    return actor_for_user(User.objects.get(email="admin@demo.example"))


def test_the_demo_is_consistent_and_belongs_to_itself(accounts) -> None:
    tickets = list(Ticket.objects.select_related("status"))
    assert len(tickets) == TICKETS
    for ticket in tickets:
        assert ticket.origin == "demo"
        wrong = {
            name: (value, getattr(ticket, name))
            for name, value in compute_columns(ticket).items()
            if getattr(ticket, name) != value
        }
        assert wrong == {}, ticket.number
        assert ticket.updated_at >= ticket.last_message_at
        assert ticket.solved_at is None or ticket.solved_at > ticket.created_at
    assert {ticket.status_kind for ticket in tickets} >= {StatusKind.NEW, StatusKind.CLOSED}
    times = list(Message.objects.order_by("pk").values_list("created_at", flat=True))
    assert times == sorted(times)
    assert settings.get(LOADED_AT)


def test_nothing_of_the_demo_is_sent_or_waits_to_be_heard(accounts) -> None:
    assert not Delivery.objects.exists()
    replies = Message.objects.filter(direction="out")
    assert replies.exists()
    assert set(replies.values_list("delivery_state", flat=True)) == {"sent"}
    waiting = EventRow.objects.filter(origin=Origin.DEMO, dispatched_at=None, ticket_id__gt=0)
    assert not waiting.exists()


def test_only_the_search_would_hear_what_happens_to_demo_tickets() -> None:
    """Another listener would have to be thought of by the loader."""
    heard = {
        listener.name
        for found in list_types()
        if found.name.startswith(("ticket.", "message.", "note."))
        for listener in list_listeners(found.name, in_transaction=False)
        if Origin.DEMO in listener.origins
    }
    assert heard <= SEARCH_LISTENERS


def test_tickets_and_people_of_the_demo_are_found(accounts) -> None:
    ticket = Ticket.objects.order_by("pk").first()
    assert ticket is not None
    # Its number alone is a word of many others, too: the most of what begins with a 1.
    asked = f"{ticket.subject} {ticket.number}"
    hits = search.find("ticket", asked, scopes={"staff"}, limit=10)
    assert ticket.pk in {hit.object_id for hit in hits}
    assert search.find("person", "Нестерова", scopes={"staff"}, limit=10)


def test_the_printed_passwords_open_the_door_and_addresses_are_reserved(accounts) -> None:
    by_mail = {mail: password for _label, mail, password in accounts}
    assert len(set(by_mail.values())) == len(company.WORKERS)
    for user in User.objects.all():
        assert user.check_password(by_mail[user.email])
    assert administrator().can("settings.change")
    addresses = [worker.email for worker in company.WORKERS]
    addresses += [box.address for box in company.MAILBOXES]
    addresses += [house.domain for house in customers.HOUSES]
    addresses += [line.split("|")[1].strip() for line in customers.ALONE]
    assert all(address.endswith(".example") for address in addresses)


def test_whoever_tries_the_demo_as_administrator_reads_it_in_the_language_of_their_browser(
    accounts,
) -> None:
    client = Client()
    client.force_login(User.objects.get(email="admin@demo.example"))
    for language in ("en", "ru"):
        page = client.get("/settings/agents/", HTTP_ACCEPT_LANGUAGE=language)
        assert page.headers["Content-Language"] == language
    client.force_login(User.objects.get(email="marina@demo.example"))
    assert client.get("/tickets/", HTTP_ACCEPT_LANGUAGE="en").headers["Content-Language"] == "ru"


def test_the_demo_goes_only_into_an_empty_desk(accounts) -> None:
    live = _open_live(Person.objects.exclude(agent__isnull=False).first())
    assert live.origin == "live"
    assert not is_empty()
    with pytest.raises(Stop):
        load(quiet, tickets=1)


def test_removing_takes_everything_and_gives_the_brand_back(accounts) -> None:
    before = default_brand()
    assert before.name == company.BRAND
    assert Attachment.objects.exists()
    assert remove(quiet) == []
    for model in (Ticket, Message, Person, Organisation, Agent, User, Team, Category, Tag):
        assert not model.objects.exists(), model
    assert not Account.objects.filter(kind="email").exists()
    assert not search.find("person", "Нестерова", scopes={"staff"}, limit=10)
    assert set(Blob.objects.values_list("refs", flat=True)) == {0}
    assert default_brand().name == "Otklik"
    assert is_empty()
    assert load(quiet, tickets=1)


def test_what_somebody_has_made_since_stays_with_the_people_it_needs(accounts) -> None:
    marina = User.objects.get(email="marina@demo.example")
    olga = Person.objects.get(name="Ольга Нестерова")
    live = _open_live(olga)
    reply_to_ticket(
        actor_for_user(marina),
        live,
        words=written_by_hand(text="Приедем завтра."),
        recipients=Recipients(to=[olga.identities.get(kind="email")]),
    )
    staying = remove(quiet)
    assert list(Ticket.objects.values_list("pk", flat=True)) == [live.pk]
    assert set(Person.objects.values_list("name", flat=True)) == {olga.name, marina.person.name}
    assert [each.name for each in Organisation.objects.all()] == ["Кофейня «Полдень»"]
    assert not User.objects.get(pk=marina.pk).is_active
    assert not User.objects.filter(email="admin@demo.example").exists()
    assert any("Марина Костина" in line for line in staying)


def test_what_an_interrupted_load_left_goes_before_a_desk_without_a_demo_is_set_up(
    accounts,
) -> None:
    settings.put(SYSTEM, LOADED_AT, "")
    settings.put(SYSTEM, SET_UP_AT, "")
    assert make_setup_link() is None  # the demo's administrator, whose password nobody saw
    demo = find_demo()
    assert demo is not None
    clear_remains(demo)
    assert is_empty()
    assert not User.objects.exists()
    assert make_setup_link() is not None


def test_a_demo_that_was_loaded_whole_is_nothing_to_clear(accounts) -> None:
    demo = find_demo()
    assert demo is not None
    clear_remains(demo)
    assert User.objects.filter(email="admin@demo.example").exists()


def test_a_desk_that_loses_its_only_administrator_with_the_demo_can_be_set_up_again(
    accounts,
) -> None:
    create_agent(SYSTEM, name="Вера", email="vera@example.org", roles_held=(roles.AGENT,))
    User.objects.filter(email="vera@example.org").update(is_active=True)
    assert make_setup_link() is None
    remove(quiet)
    assert User.objects.filter(is_active=True).exists()
    assert make_setup_link() is not None


def test_a_desk_with_an_administrator_of_its_own_stays_set_up_without_the_demo(accounts) -> None:
    create_agent(SYSTEM, name="Пётр", email="petr@example.org", roles_held=(roles.ADMINISTRATOR,))
    User.objects.filter(email="petr@example.org").update(is_active=True)
    remove(quiet)
    assert make_setup_link() is None


def test_every_talk_can_be_read_and_filled() -> None:
    names = "name full place city street machine date day order sum number serial count hour agent"
    known = dict.fromkeys(names.split(), "…")
    scenarios = list_scenarios()
    assert len(scenarios) >= 60
    assert len({each.name for each in scenarios}) == len(scenarios)
    for scenario in scenarios:
        assert scenario.category in company.CATEGORIES, scenario.name
        for text in (scenario.subject, *(step.text for step in scenario.steps)):
            filled = fill(text, known, random.Random(1))
            assert "{" not in filled, scenario.name
            assert "|" not in filled, scenario.name


def test_a_text_takes_the_gender_of_who_writes_it() -> None:
    assert bend("Посмотрел, отправила.", "Вера Климова") == "Посмотрела, отправила."
    assert bend("Посмотрела, отправила.", "Илья Ветров") == "Посмотрел, отправил."


def test_the_files_are_what_they_say() -> None:
    assert draw_png("a").startswith(b"\x89PNG\r\n\x1a\n")
    assert draw_png("a") != draw_png("b")
    pdf = write_pdf("Act (1)", ["Result: passed"])
    assert pdf.startswith(b"%PDF-1.4")
    assert rb"Act \(1\)" in pdf


def _open_live(person: Person | None) -> Ticket:
    assert person is not None
    account = Account.objects.get(address="support@demo.example")
    with write():
        return open_ticket(
            administrator(),
            subject="Настоящая заявка",
            words=written_by_hand(text="Не из демо."),
            requester=person,
            identity=person.identities.filter(kind="email").first(),
            brand=account.brand,
            channel="email",
            account=account,
        ).ticket
