"""Personal data on screen and by REST: who may, what is shown, what is done."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from otklik.core.events.audit import Asked, find_events
from otklik.core.events.models import EventRow
from otklik.core.events.registry import group_of, list_types, words_of
from otklik.desk.tests.factories import make_default_brand
from otklik.people.looks import looks
from otklik.people.models import ExportState, Look, Person, PersonExport, User
from otklik.people.tasks import export_person
from otklik.people.tests.factories import make_administrator, make_agent, make_customer, user_of
from otklik.tickets.actions import close_ticket
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]
BACKEND = "otklik.people.backends.EmailBackend"


def browser_of(agent: object) -> Client:
    client = Client()
    client.force_login(user_of(agent), backend=BACKEND)  # type: ignore[arg-type]
    return client


def test_the_page_is_for_administrators_and_says_who_looked() -> None:
    dasha, marina, olga = make_administrator(), make_agent("Marina"), make_customer()
    ticket = make_ticket(olga)
    looks.forget()
    at_marinas, at_dashas = browser_of(marina), browser_of(dasha)
    at_marinas.get(f"/tickets/{ticket.number}/")
    at_marinas.get("/tickets/?list=all")
    assert program_of(marina).get(f"/people/{olga.pk}").status_code == 200
    assert looks.flush() == 2
    page = f"/people/{olga.pk}/personal-data/"
    assert at_marinas.get(page).status_code == 403
    assert "Personal data" not in at_marinas.get(f"/people/{olga.pk}/").content.decode()
    assert page in at_dashas.get(f"/people/{olga.pk}/").content.decode()
    shown = at_dashas.get(page).content.decode()
    assert "Marina" in shown
    assert f"№ {ticket.number}" in shown
    assert program_of(marina).get(f"/people/{olga.pk}/looks").status_code == 403
    told = program_of(dasha).get(f"/people/{olga.pk}/looks").json()["items"]
    assert [row["place"] for row in told] == ["rest.person", "ticket"]
    assert {row["viewer"] for row in told} == {marina.person_id}
    assert Look.objects.count() == 2


def test_an_export_is_asked_for_and_downloaded_once_on_screen_and_by_rest() -> None:
    dasha, marina, olga = make_administrator(), make_agent("Marina"), make_customer()
    at_dashas, at_marinas = browser_of(dasha), browser_of(marina)
    base = f"/people/{olga.pk}"
    assert at_marinas.post(f"{base}/exports/").status_code == 403
    assert at_dashas.post(f"{base}/exports/").status_code == 302
    export = PersonExport.objects.get()
    assert "Being put together" in at_dashas.get(f"{base}/personal-data/").content.decode()
    export_person(export_id=export.pk, language="en")
    address = f"{base}/exports/{export.pk}/download/"
    assert address in at_dashas.get(f"{base}/personal-data/").content.decode()
    assert at_dashas.get(address).status_code == 405
    answer = at_dashas.post(address)
    assert answer.headers["Cache-Control"] == "no-store"
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert "index.html" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert at_dashas.post(address).status_code == 302  # with words why
    program, other = program_of(dasha), program_of(make_administrator("Boris"))
    asked = program.post(f"{base}/exports").json()
    export_person(export_id=asked["id"], language="en")
    assert program.get(f"{base}/exports/{asked['id']}").json()["state"] == ExportState.READY
    assert other.post(f"{base}/exports/{asked['id']}/download").status_code == 404
    taken = program.post(f"{base}/exports/{asked['id']}/download")
    assert taken.status_code == 200
    taken.close()
    assert program.post(f"{base}/exports/{asked['id']}/download").status_code == 404


def test_an_erasure_asks_first_and_says_what_goes_and_what_stays() -> None:
    dasha, marina, olga = make_administrator(), make_agent("Marina"), make_customer()
    make_ticket(olga)
    at_dashas, at_marinas = browser_of(dasha), browser_of(marina)
    address = f"/people/{olga.pk}/erasure/"
    assert at_marinas.get(address).status_code == 403
    page = at_dashas.get(address).content.decode()
    assert "This goes" in page
    assert "Tickets, of which number, times and status stay: 1" in page
    assert at_dashas.post(address, {"reason": "asked"}).status_code == 422
    assert Person.objects.get(pk=olga.pk).erased_at is None
    assert at_dashas.post(address, {"reason": "asked", "is_sure": "on"}).status_code == 302
    assert Person.objects.get(pk=olga.pk).erased_at is not None
    shown = at_dashas.get(f"/people/{olga.pk}/").content.decode()
    assert "Erased person" in shown
    assert "Block" not in shown
    assert at_dashas.get(f"/people/{olga.pk}/personal-data/").status_code == 200


def test_erasure_and_hold_by_rest() -> None:
    dasha, marina, olga = make_administrator(), make_agent("Marina"), make_customer()
    ticket = make_ticket(olga)
    program, agents = program_of(dasha), program_of(marina)
    base = f"/people/{olga.pk}"
    assert agents.post(f"{base}/erasure", {"reason": "asked"}).status_code == 403
    assert agents.get(f"{base}/erasure").status_code == 403
    assert agents.send("PUT", f"{base}/legal-hold").status_code == 403
    assert program.send("PUT", f"{base}/legal-hold").json()["legal_hold_since"]
    assert program.post(f"{base}/erasure", {"reason": "asked"}).status_code == 409
    assert program.send("DELETE", f"{base}/legal-hold").json()["legal_hold_since"] is None
    held = f"/tickets/{ticket.number}/legal-hold"
    assert agents.send("PUT", held).status_code == 403
    assert program.send("PUT", held).status_code == 204
    assert program.post(f"{base}/erasure", {"reason": "asked"}).status_code == 409
    assert program.send("DELETE", held).status_code == 204
    assert program.post(f"{base}/erasure", {"reason": "because"}).status_code == 422
    counts = {row["what"]: row["count"] for row in program.get(f"{base}/erasure").json()}
    assert counts["Addresses"] == 1
    begun = program.post(f"{base}/erasure", {"reason": "unneeded"})
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    assert program.get("/erasures").json()["items"][0]["person"] == olga.pk


def test_a_ticket_is_held_on_its_page() -> None:
    dasha, marina = make_administrator(), make_agent("Marina")
    ticket = make_ticket(make_customer())
    address = f"/tickets/{ticket.number}/legal-hold/"
    assert address not in browser_of(marina).get(f"/tickets/{ticket.number}/").content.decode()
    at_dashas = browser_of(dasha)
    assert address in at_dashas.get(f"/tickets/{ticket.number}/").content.decode()
    at_dashas.post(address, {"value": "on"})
    assert Ticket.objects.get().legal_hold_since is not None
    assert "legal hold" in at_dashas.get(f"/tickets/{ticket.number}/").content.decode()
    at_dashas.post(address, {"value": "off"})
    assert Ticket.objects.get().legal_hold_since is None


def test_retention_is_previewed_and_set_per_brand() -> None:
    dasha, marina = make_administrator(), make_agent("Marina")
    brand = make_default_brand()
    ticket = close_ticket_of(make_ticket(make_customer()))
    at_dashas, program = browser_of(dasha), program_of(dasha)
    address = f"/settings/retention/{brand.pk}/"
    for page in ("/settings/retention/", address):
        assert browser_of(marina).get(page).status_code == 403
        assert at_dashas.get(page).status_code == 200
    shown = at_dashas.get(f"{address}count/?texts_kept_months=3").content.decode()
    assert ">1<" in shown
    assert "600" in at_dashas.get(f"{address}count/?texts_kept_months=-3").content.decode()
    assert at_dashas.post(address, {"texts_kept_months": "0"}).status_code == 422
    assert at_dashas.post(address, {"texts_kept_months": "3"}).status_code == 302
    brand.refresh_from_db()
    assert (brand.texts_kept_months, brand.files_kept_months) == (3, None)
    assert program.get(f"/brands/{brand.pk}").json()["texts_kept_months"] == 3
    counted = program.get(f"/brands/{brand.pk}/retention", tickets_kept_months=2).json()
    assert counted == {"files": 0, "texts": 1, "tickets": 1}
    assert program_of(marina).get(f"/brands/{brand.pk}/retention").status_code == 403
    assert program.patch(f"/brands/{brand.pk}", {"texts_kept_months": None}).status_code == 200
    brand.refresh_from_db()
    assert brand.texts_kept_months is None
    at_dashas.post("/settings/retention/", {"trash_days": "9", "looks_months": "3"})
    assert 'value="9"' in at_dashas.get("/settings/retention/").content.decode()
    assert Ticket.objects.filter(pk=ticket.pk).exists()


def close_ticket_of(ticket: Ticket) -> Ticket:
    from otklik.core.access import SYSTEM

    close_ticket(SYSTEM, ticket)
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=timezone.now() - timedelta(days=120))
    return ticket


def test_the_audit_trail_is_found_by_actor_object_and_time() -> None:
    dasha, marina, olga = make_administrator(), make_agent("Marina"), make_customer()
    ticket = make_ticket(olga)
    at_dashas, program = browser_of(dasha), program_of(dasha)
    at_dashas.post(f"/tickets/{ticket.number}/legal-hold/", {"value": "on"})
    assert browser_of(marina).get("/settings/events/").status_code == 403
    assert program_of(marina).get("/events").status_code == 403
    page = at_dashas.get(f"/settings/events/?actor={dasha.person_id}").content.decode()
    assert '<span title="ticket.hold_placed">Legal hold placed on a ticket</span>' in page
    assert '<span title="ticket.opened">' not in page
    page = at_dashas.get(f"/settings/events/?ticket={ticket.number}").content.decode()
    assert '<span title="ticket.opened">Ticket opened</span>' in page
    # Asked for by its words, in the language one reads.
    User.objects.filter(person=dasha.person_id).update(language="ru")
    page = at_dashas.get("/settings/events/?name=ticket.opened").content.decode()
    assert 'value="Заявка открыта" data-value="ticket.opened"' in page
    assert page.count("<span title=") == page.count('<span title="ticket.opened">Заявка открыта')
    # Without a script its words are typed, in either language; several that fit are named.
    for typed in ("заявка открыта", "Ticket opened", "ticket.opened"):
        typed_page = at_dashas.get("/settings/events/", {"name": typed})
        assert typed_page.status_code == 200, typed
        assert 'data-value="ticket.opened"' in typed_page.content.decode()
    several = at_dashas.get("/settings/events/?name=макрос")
    assert several.status_code == 422
    assert "Какое из них: «Макрос" in several.content.decode()
    offered = at_dashas.get("/settings/events/options/?q=ticket op").content.decode()
    assert 'data-value="ticket.opened" data-label="Заявка открыта"' in offered
    assert offered.count('role="group"') == 1
    swapped = at_dashas.get("/settings/events/options/?q=pfzdrf jnrhs").content.decode()
    assert swapped.count("data-value=") == swapped.count('data-value="ticket.opened"') == 1
    every = at_dashas.get("/settings/events/options/").content.decode()
    assert every.count("data-value=") == len(list_types())
    assert every.index(">Заявки</p>") < every.index("Заявка открыта")
    assert browser_of(marina).get("/settings/events/options/").status_code == 403
    User.objects.filter(person=dasha.person_id).update(language="en")
    assert at_dashas.get("/settings/events/?name=ticket.nothing").status_code == 422
    assert at_dashas.get("/settings/events/?ticket=abc").status_code == 422
    assert "Nothing fits" in at_dashas.get("/settings/events/?ticket=99999").content.decode()
    found = program.get("/events", name="ticket.hold_placed").json()
    assert [row["actor"] for row in found["items"]] == [dasha.person_id]
    assert [row["words"] for row in found["items"]] == ["Legal hold placed on a ticket"]
    assert program_of(marina).get("/event-names").status_code == 403
    named = {row["name"]: row["words"] for row in program.get("/event-names").json()}
    assert named["ticket.hold_placed"] == "Legal hold placed on a ticket"
    [one] = program.get("/event-names", q="метки объединены").json()
    assert one == {
        "name": "tag.merged",
        "words": named["tag.merged"],
        "group": "Checklists, tags and statuses",
    }
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    assert program.get("/events", since=tomorrow).json()["items"] == []
    assert program.get("/events", until=tomorrow, limit=2).json()["next"] > 0


def test_the_trail_is_paged_and_looked_through_in_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = EventRow.objects.bulk_create(
        [
            EventRow(name="test.happened", actor_kind="agent", actor_id=7 if n == 0 else 8)
            for n in range(30)
        ]
    )
    page = find_events(Asked(name="test.happened"), size=20)
    assert len(page.rows) == 20
    rest = find_events(Asked(name="test.happened"), before=page.next, size=20)
    assert [row.pk for row in page.rows + rest.rows] == [row.pk for row in reversed(rows)]
    assert rest.next == 0
    monkeypatch.setattr("otklik.core.events.audit.WINDOW", 10)
    looked, before = [], 0
    for _turn in range(10):
        part = find_events(Asked(actor_id=7), before=before)
        looked += part.rows
        before = part.next
        if not before:
            break
    assert [row.pk for row in looked] == [rows[0].pk]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_event_has_words_of_its_own(language: str) -> None:
    ours = [one for one in list_types() if ".tests." not in one.model.__module__]
    with override(language):
        named = {one.name: words_of(one.name) for one in ours}
    assert [name for name, words in named.items() if name == words] == []
    assert [one.name for one in ours if group_of(one.name) == one.name.partition(".")[0]] == []
    assert len(set(named.values())) == len(named)
    if language == "ru":
        assert [words for words in named.values() if words.isascii()] == []
