"""Customers and organisations on screen: seen and changed by staff, by nobody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from otklik.people.actions import change_person
from otklik.people.models import Identity, Organisation, Person, PersonMerge
from otklik.people.tests import factories as people
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.settings_screens.tests.cast import browser_of, customer_browser

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_an_agent_reads_the_list_a_page_at_a_time_and_a_customer_finds_nothing() -> None:
    for number in range(55):
        people.make_person(f"Person {number:02}")
    marina = browser_of(people.make_agent("Marina"))
    olga = customer_browser(people.make_customer("Yana"))

    first = marina.get("/people/")
    assert first.status_code == 200
    assert "Person 00" in first.content.decode()
    following = marina.get("/people/", {"cursor": first.context["next"]})
    assert "Person 54" in following.content.decode()
    assert "Person 00" not in following.content.decode()
    assert marina.get("/people/", {"cursor": "nonsense"}).status_code == 404
    assert olga.get("/people/").status_code == 404
    assert browser_of(None).get("/people/").status_code == 302


def test_a_persons_page_shows_addresses_with_their_proof_and_the_tickets() -> None:
    olga = people.make_customer(email="o.nesterova@polden.example")
    ticket = make_ticket(requester=olga, subject="No hot water")
    marina = browser_of(people.make_agent("Marina"))

    page = marina.get(f"/people/{olga.pk}/").content.decode()
    assert "o.nesterova@polden.example" in page
    assert "Confirmed by a link" in page
    assert "No hot water" in page
    assert f"/tickets/{ticket.number}/" in page
    assert marina.get("/people/99999/").status_code == 404


def test_somebody_new_is_written_down_and_an_address_of_another_is_refused() -> None:
    people.make_customer(email="o.nesterova@polden.example")
    polden = people.make_organisation()
    marina = browser_of(people.make_agent("Marina"))

    made = marina.post("/people/new/", {"name": "Anna", "organisation": polden.pk})
    anna = Person.objects.get(name="Anna")
    assert made.headers["Location"] == f"/people/{anna.pk}/"
    assert anna.organisation == polden
    refused = marina.post("/people/new/", {"name": "Eve", "email": "o.nesterova@polden.example"})
    assert refused.status_code == 422
    assert "belongs to another person" in refused.content.decode()
    assert not Person.objects.filter(name="Eve").exists()


@pytest.mark.parametrize("number", ["9" * 30, "1" * 5000, "²", "-1"])
def test_an_organisation_that_cannot_be_is_refused_in_the_form(number: str) -> None:
    olga = people.make_customer()
    marina = browser_of(people.make_agent("Marina"))
    typed = {"name": "Olga", "organisation": number, "version": olga.version}
    assert marina.post(f"/people/{olga.pk}/change/", typed).status_code == 422
    assert marina.post("/people/new/", {"name": "Eve", "organisation": number}).status_code == 422
    assert not Person.objects.filter(name="Eve").exists()


def test_two_changes_at_once_are_shown_side_by_side_and_not_overwritten() -> None:
    from otklik.core.access import SYSTEM

    olga = people.make_customer()
    marina = browser_of(people.make_agent("Marina"))
    typed = {"name": "Olga N.", "version": olga.version}
    change_person(SYSTEM, olga, name="Olga Nesterova-Petrova")

    crossed = marina.post(f"/people/{olga.pk}/change/", typed)
    page = crossed.content.decode()
    assert crossed.status_code == 409
    assert "Olga Nesterova-Petrova" in page
    assert 'value="Olga N."' in page
    assert Person.objects.get(pk=olga.pk).name == "Olga Nesterova-Petrova"
    again = marina.post(
        f"/people/{olga.pk}/change/", typed | {"version": Person.objects.get(pk=olga.pk).version}
    )
    assert again.status_code == 302
    assert Person.objects.get(pk=olga.pk).name == "Olga N."


def test_blocking_can_be_taken_back_and_nobody_blocks_themselves() -> None:
    mallory = people.make_identity().person
    agent = people.make_agent("Marina")
    marina = browser_of(agent)

    assert marina.post(f"/people/{mallory.pk}/block/").status_code == 302
    assert Person.objects.get(pk=mallory.pk).is_blocked
    assert marina.get(f"/people/{mallory.pk}/block/").status_code == 405
    undone = marina.post(f"/people/{mallory.pk}/block/?undo=1", headers={"HX-Request": "true"})
    assert undone.headers["HX-Redirect"] == f"/people/{mallory.pk}/"
    assert not Person.objects.get(pk=mallory.pk).is_blocked
    assert marina.post(f"/people/{agent.person_id}/block/").status_code == 403


def test_an_administrator_vouches_for_an_address_and_an_agent_may_not() -> None:
    alexey = people.make_customer("Alexey Gromov", is_verified=False)
    identity = alexey.identities.get()
    url = reverse("people_screens:vouch", args=[alexey.pk, identity.pk])

    assert browser_of(people.make_agent("Marina")).post(url).status_code == 403
    assert browser_of(people.make_administrator()).post(url).status_code == 302
    assert Identity.objects.get(pk=identity.pk).is_verified
    foreign = reverse("people_screens:vouch", args=[people.make_person().pk, identity.pk])
    assert browser_of(people.make_administrator()).post(foreign).status_code == 404


def test_another_address_is_noted_unproven_and_becomes_the_main_one() -> None:
    olga = people.make_customer()
    marina = browser_of(people.make_agent("Marina"))

    marina.post(f"/people/{olga.pk}/addresses/", {"email": "olga@home.example"})
    added = Identity.objects.get(value="olga@home.example")
    assert not added.is_verified
    marina.post(reverse("people_screens:prefer_address", args=[olga.pk, added.pk]))
    assert Identity.objects.get(pk=added.pk).is_primary
    wrong = marina.post(f"/people/{olga.pk}/addresses/", {"email": "no address"})
    assert wrong.status_code == 422


def test_an_organisation_is_made_with_its_domains_and_shows_people_and_tickets() -> None:
    marina = browser_of(people.make_agent("Marina"))
    made = marina.post(
        "/organisations/new/", {"name": "Кофейня «Полдень»", "domains": "polden.example"}
    )
    polden = Organisation.objects.get()
    assert made.headers["Location"] == f"/organisations/{polden.pk}/"
    olga = people.make_customer(organisation=polden)
    make_ticket(requester=olga, subject="No hot water")

    page = marina.get(f"/organisations/{polden.pk}/").content.decode()
    assert "polden.example" in page
    assert "Olga Nesterova" in page
    public = marina.post("/organisations/new/", {"name": "Everybody", "domains": "gmail.com"})
    assert public.status_code == 422
    assert "open to anybody" in public.content.decode()
    assert marina.get("/organisations/options/").content.decode().count("menu-item") == 1


@pytest.mark.parametrize(
    ("zone", "words"), [("Asia/Kolkata", ", UTC+5:30"), ("Asia/Tokyo", ", UTC+9"), ("", "")]
)
def test_a_persons_local_time_is_told_in_no_language(zone: str, words: str) -> None:
    olga = people.make_customer()
    Person.objects.filter(pk=olga.pk).update(time_zone=zone)
    page = browser_of(people.make_agent("Marina")).get(f"/people/{olga.pk}/").content.decode()
    assert (", UTC" in page) is bool(words)
    assert words in page


def test_two_are_compared_merged_and_taken_apart_again_on_screen() -> None:
    olga = people.make_customer("Ольга Нестерова", "olga.n@gmail.com")
    other = people.make_customer("Olga", "olgan+shop@gmail.com")
    make_ticket(requester=other, subject="No hot water")
    marina, customer = browser_of(people.make_agent("Marina")), customer_browser(olga)

    page = marina.get(f"/people/{olga.pk}/").content.decode()
    assert "Nearly the same address" in page
    address = f"/people/{olga.pk}/merge/"
    assert customer.get(address).status_code == 404
    compared = marina.get(address, {"with": other.pk}).content.decode()
    assert "olgan+shop@gmail.com" in compared
    made = marina.post(address, {"with": other.pk, "stays": olga.pk})
    assert made.headers["Location"] == f"/people/{olga.pk}/"
    page = marina.get(f"/people/{olga.pk}/").content.decode()
    assert "No hot water" in page
    assert marina.get(f"/people/{other.pk}/").headers["Location"] == f"/people/{olga.pk}/"
    merge = PersonMerge.objects.get()
    refused = marina.post(
        address, {"with": people.make_administrator().person_id, "stays": olga.pk}
    )
    assert refused.status_code == 409
    undo = f"/people/{olga.pk}/merges/{merge.pk}/undo/"
    assert customer.post(undo).status_code == 404
    marina.post(undo)
    assert marina.get(f"/people/{other.pk}/").status_code == 200
