"""Persons and their addresses: who may change them, and what proves what."""

from __future__ import annotations

import pytest

from otklik.core.access import NOBODY, SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.db.briefly import briefly
from otklik.core.events.models import EventRow
from otklik.people.actions import (
    add_identity,
    block_person,
    change_organisation,
    change_person,
    create_agent,
    find_or_create_identity,
    make_primary,
    mark_automated,
    verify_identity,
)
from otklik.people.actors import actor_for_customer
from otklik.people.models import Identity, Organisation, Person, VerifiedHow
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_identity,
    make_organisation,
    make_person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_an_agent_changes_a_person_and_a_stranger_may_not():
    olga, marina = make_person("Olga Nesterova"), actor_of(make_agent())
    change_person(marina, olga, version=1, job_title="  Управляющая\n")
    assert Person.objects.get(pk=olga.pk).job_title == "Управляющая"
    assert EventRow.objects.filter(name="person.changed", person_id=olga.pk).count() == 1
    with pytest.raises(Forbidden):
        change_person(NOBODY, olga, name="Mallory")


def test_crossing_changes_are_shown_and_not_overwritten():
    olga, marina = make_person("Olga"), actor_of(make_agent())
    change_person(marina, olga, version=1, name="Ольга Нестерова")
    with pytest.raises(Conflict) as raised:
        change_person(marina, olga, version=1, name="Olga N.")
    assert raised.value.fields == {"name": "Ольга Нестерова"}
    change_person(marina, olga, version=1, name="Ольга Нестерова")
    assert Person.objects.get(pk=olga.pk).version == 2


def test_customers_change_their_own_name_but_neither_notes_nor_others():
    olga, alexey = make_customer(), make_customer("Alexey Gromov")
    change_person(actor_of(olga), olga, name="Ольга")
    with pytest.raises(Forbidden):
        change_person(actor_of(olga), olga, notes="VIP")
    with pytest.raises(Forbidden):
        change_person(actor_of(olga), alexey, name="Ольга")


def test_customers_see_only_themselves_and_agents_see_everybody():
    olga, alexey = make_customer(), make_customer("Alexey Gromov")
    assert list(Person.objects.visible_to(actor_of(olga))) == [olga]
    assert not Person.objects.visible_to(NOBODY).exists()
    everybody = set(Person.objects.visible_to(actor_of(make_agent())))
    assert {olga, alexey} <= everybody
    assert not Identity.objects.visible_to(actor_of(olga)).filter(person=alexey).exists()


def test_the_same_address_is_found_again_and_spelling_does_not_matter():
    first = find_or_create_identity("email", "Olga@Polden.Example", "Olga")
    again = find_or_create_identity("email", "olga@polden.example", "Another name")
    assert again == first
    assert again.person.name == "Olga"
    assert not first.is_verified
    other_scope = find_or_create_identity("telegram", "17", scope="bot-1")
    assert find_or_create_identity("telegram", "17", scope="bot-2") != other_scope


def test_an_address_belongs_to_one_person():
    olga, alexey = make_person(email="olga@polden.example"), make_person()
    marina = actor_of(make_agent())
    with pytest.raises(Invalid) as raised:
        add_identity(marina, alexey, kind="email", value="OLGA@polden.example")
    assert raised.value.code == "address_taken"
    assert add_identity(marina, olga, kind="email", value="olga@polden.example").person == olga


def test_an_administrator_vouches_for_an_address_an_agent_does_not():
    identity = make_identity()
    with pytest.raises(Forbidden):
        verify_identity(actor_of(make_agent()), identity, VerifiedHow.STAFF)
    verify_identity(actor_of(make_administrator()), identity, VerifiedHow.STAFF)
    assert identity.is_verified


def test_nobody_proves_the_address_of_a_machine():
    robot = make_identity("robot@shop.example", is_automated=True)
    with pytest.raises(Forbidden):
        verify_identity(SYSTEM, robot, VerifiedHow.LINK)
    olga = make_customer()
    mark_automated(actor_of(make_agent()), olga.identities.get())
    assert not Identity.objects.get(person=olga).is_verified


def test_a_proven_address_joins_its_organisation_and_a_typed_one_does_not():
    polden = make_organisation(domains=["Полдень.example"])
    domain = polden.domains.get().domain
    assert domain.startswith("xn--")
    typed = make_person(email=f"anna@{domain}")
    proven = make_customer("Olga Nesterova", f"olga@{domain}")
    assert Person.objects.get(pk=typed.pk).organisation is None
    assert Person.objects.get(pk=proven.pk).organisation == polden
    assert f"org:{polden.pk}" in actor_of(proven).scopes


def test_an_organisation_that_staff_noted_opens_nothing():
    polden = make_organisation(domains=["polden.example"])
    alexey = make_customer("Alexey Gromov", "alexey@elsewhere.example", organisation=polden)
    actor = actor_of(alexey)
    assert actor.scopes == {"public", f"person:{alexey.pk}"}
    assert not Organisation.objects.visible_to(actor).exists()


@pytest.mark.parametrize("domain", ["gmail.com", "mail.ru", "localhost", "not a domain"])
def test_a_domain_open_to_anybody_is_refused(domain):
    polden = make_organisation()
    with pytest.raises(Invalid):
        change_organisation(actor_of(make_agent()), polden, domains=[domain])


def test_a_domain_belongs_to_one_organisation():
    make_organisation(domains=["polden.example"])
    other = make_organisation("Other")
    with pytest.raises(Invalid) as raised:
        change_organisation(SYSTEM, other, domains=["polden.example"])
    assert raised.value.code == "domain_taken"


def test_a_blocked_person_may_nothing_and_nobody_blocks_themselves():
    olga, marina = make_customer(), make_agent()
    block_person(actor_of(marina), olga)
    assert actor_for_customer(Person.objects.get(pk=olga.pk)) == NOBODY
    with pytest.raises(Forbidden):
        block_person(actor_of(marina), marina.person)


def test_one_address_of_a_kind_is_primary():
    olga, marina = make_customer(), actor_of(make_agent())
    second = add_identity(marina, olga, kind="email", value="second@polden.example")
    make_primary(marina, second)
    primary = Identity.objects.filter(person=olga, is_primary=True)
    assert list(primary) == [second]


def test_names_sort_without_case_and_with_yo_as_ye():
    make_person("ёлкин")
    make_person("Ежов")
    make_person("Жуков")
    names = Person.objects.order_by("sort_name", "id").values_list("name", flat=True)
    assert list(names) == ["Ежов", "ёлкин", "Жуков"]


def test_a_new_customer_ends_no_belief_about_configuration_and_a_new_agent_does() -> None:
    asked: list[int] = []

    @briefly
    def configuration() -> int:
        asked.append(1)
        return len(asked)

    assert configuration() == 1
    olga = find_or_create_identity("email", "Olga@Polden.example", "Ольга Нестерова")
    assert (olga.person.name, olga.person.sort_name) == ("Ольга Нестерова", "ольга нестерова")
    assert configuration() == 1
    create_agent(SYSTEM, email="marina@demo.example", name="Marina")
    assert configuration() == 2
