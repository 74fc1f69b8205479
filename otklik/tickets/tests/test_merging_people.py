"""Two people who are one: everything moves, nobody sees more in the portal, and it goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core import search
from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.core.fields.actions import change_fields
from otklik.core.fields.queries import list_shown
from otklik.core.fields.tests.factories import make_field
from otklik.core.operations.actions import undo_operation
from otklik.core.vocabulary.conditions import find_condition
from otklik.people import merging
from otklik.people.actions import (
    add_identity,
    block_person,
    change_person,
    erase_person,
    find_or_create_identity,
    make_primary,
    merge_people,
    place_person_hold,
    share_requests,
)
from otklik.people.actions.merging import begin_merge
from otklik.people.models import Erasure, Identity, MergeState, Person, PersonMerge, User
from otklik.people.queries import find_persons, find_present, list_persons
from otklik.people.sign_in import Purpose, create_link, redeem
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_organisation,
    make_person,
    user_of,
)
from otklik.people.twins import Reason, find_twins
from otklik.tickets.actions.checklists import add_checklist, add_item
from otklik.tickets.models import ChecklistItem, Follower, Message, Reminder, Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def two():
    """Olga wrote from two addresses; each is proven, each has a ticket."""
    olga = make_customer("Olga Nesterova", "olga@polden.example")
    other = make_customer(
        "O. Nesterova", "olga.n@elsewhere.example", organisation=make_organisation()
    )
    change_person(SYSTEM, other, job_title="Manager", notes="Likes calls", language="ru")
    return olga, other


def ids(rows):
    return set(rows.values_list("pk", flat=True))


def test_what_names_one_names_the_other_and_goes_back_as_it_was(two) -> None:
    olga, other = two
    marina = make_agent()
    first, second = make_ticket(olga), make_ticket(other, "The grinder screams")
    customer_writes(second, "And it smells")
    both = make_ticket(make_customer("Alexey Gromov"))
    for person in two:
        Follower.objects.create(ticket=both, person=person)
    dispatch_pending()
    before = Ticket.objects.get(pk=second.pk).version

    merge = merge_people(actor_of(marina), olga, other)
    dispatch_pending()
    assert (merge.state, merge.moved) == (MergeState.MERGED, 3)
    second.refresh_from_db()
    assert (second.requester, second.version) == (olga, before + 1)
    said = second.messages.filter(author_kind="customer")
    assert set(said.values_list("author_id", flat=True)) == {olga.pk}
    assert Follower.objects.filter(ticket=both, person=olga).count() == 1
    now = Person.objects.get(pk=olga.pk)
    assert (now.job_title, now.language, now.organisation) == ("Manager", "ru", other.organisation)
    assert now.identities.filter(is_primary=True).get().value == "olga@polden.example"
    assert find_present(Person.objects.get(pk=other.pk)) == olga
    reader = actor_of(marina)
    assert {row.id for row in list_persons(reader).rows} >= {olga.pk}
    assert other.pk not in {row.id for row in list_persons(reader).rows}
    assert [row.id for row in find_persons(reader, "olga.n@elsewhere.example")] == [olga.pk]
    found = {
        hit.object_id for hit in search.find("ticket", "olga@polden.example", scopes=["staff"])
    }
    assert found == {first.pk, second.pk}

    # What comes since by either address is Olga's; an agent changes something.
    late = make_ticket(
        Person.objects.get(pk=olga.pk),
        "Again",
        identity=Identity.objects.get(value="olga.n@elsewhere.example"),
    )
    more = customer_writes(Ticket.objects.get(pk=second.pk), "Still screams")
    change_person(SYSTEM, Person.objects.get(pk=olga.pk), language="en")
    assert late.requester == olga

    undo_operation(actor_of(marina), merge.operation)
    undo_operation(actor_of(marina), merge.operation)
    merging.run_merge(merge.pk, seconds=5)
    dispatch_pending()
    for ticket in (second, late):
        ticket.refresh_from_db()
        assert ticket.requester == other
    assert Message.objects.get(pk=more.pk).author == other
    assert Ticket.objects.get(pk=first.pk).requester == olga
    assert Follower.objects.filter(ticket=both).count() == 2
    olga, other = Person.objects.get(pk=olga.pk), Person.objects.get(pk=other.pk)
    assert (olga.job_title, olga.language, olga.organisation, olga.notes) == ("", "en", None, "")
    assert (other.job_title, other.merged_into, other.notes) == ("Manager", None, "Likes calls")
    mine = other.identities.get()
    assert (mine.portal_person, mine.is_primary) == (None, True)
    assert [row.id for row in find_persons(reader, "olga.n@elsewhere.example")] == [other.pk]
    found = {
        hit.object_id for hit in search.find("ticket", "olga@polden.example", scopes=["staff"])
    }
    assert found == {first.pk}
    merge.refresh_from_db()
    assert (merge.state, merge.left) == (MergeState.PARTED, 0)
    names = ("person.merged", "person.unmerged", "operation.undone")
    assert [EventRow.objects.filter(name=name).count() for name in names] == [1, 1, 1]
    # Again, and again back.
    merge_people(actor_of(marina), olga, other)


def test_nobody_sees_more_in_the_portal_until_an_administrator_vouches(two) -> None:
    olga, mallory = two
    hers, theirs = make_ticket(olga), make_ticket(mallory)
    redeem(create_link(Purpose.SIGN_IN, identity=olga.identities.get()))
    user = redeem(create_link(Purpose.SIGN_IN, identity=mallory.identities.get())).user
    merge = merge_people(actor_of(make_agent()), olga, mallory)
    moved = Identity.objects.get(value="olga.n@elsewhere.example")
    # The session ends; who signs in again by their own address sees their own.
    assert User.objects.get(pk=user.pk).session_epoch == user.session_epoch + 1
    again = redeem(create_link(Purpose.SIGN_IN, identity=moved)).user
    assert again == user
    assert ids(Ticket.objects.visible_to(actor_of(again.person))) == {theirs.pk}
    assert ids(Ticket.objects.visible_to(actor_of(olga))) == {hers.pk}
    assert ids(Identity.objects.visible_to(actor_of(olga))) == {olga.identities.earliest("pk").pk}
    block_person(actor_of(make_agent()), Person.objects.get(pk=olga.pk))
    assert not Ticket.objects.visible_to(actor_of(mallory)).exists()
    Person.objects.update(is_blocked=False)

    with pytest.raises(Forbidden):
        share_requests(actor_of(make_agent()), merge)
    share_requests(actor_of(make_administrator()), merge)
    one = redeem(create_link(Purpose.SIGN_IN, identity=moved)).user
    assert one.person == olga
    assert ids(Ticket.objects.visible_to(actor_of(olga))) == {hers.pk, theirs.pk}
    assert not User.objects.get(pk=user.pk).is_active
    undo_operation(SYSTEM, merge.operation)
    assert User.objects.get(pk=user.pk).is_active
    merging.run_merge(merge.pk, seconds=5)
    assert ids(Ticket.objects.visible_to(actor_of(olga))) == {hers.pk}


def test_who_may_and_what_is_refused_with_a_reason(two) -> None:
    olga, other = two
    marina, dasha = make_agent(), make_administrator()
    with pytest.raises(Forbidden):
        merge_people(actor_of(olga), olga, other)
    with pytest.raises(Invalid):
        merge_people(actor_of(marina), olga, olga)

    def refused(kept, gone, who=marina, **more) -> str:
        with pytest.raises(Conflict) as raised:
            merge_people(actor_of(who), kept, gone, **more)
        return raised.value.code

    assert refused(olga, marina.person) == "gone_is_agent"
    with pytest.raises(Forbidden):
        merge_people(actor_of(marina), dasha.person, other)
    assert refused(dasha.person, other, dasha) == "kept_is_agent"
    block_person(actor_of(marina), other)
    assert refused(olga, other) == "blocked"
    Person.objects.update(is_blocked=False)
    third = make_person("Third", "third@elsewhere.example")
    inner = merge_people(actor_of(marina), other, third)
    outer = merge_people(actor_of(marina), olga, other)
    assert refused(olga, third) == "merged"
    assert find_present(Person.objects.get(pk=third.pk)) == olga
    with pytest.raises(Forbidden):
        undo_operation(actor_of(make_agent()), outer.operation)
    with pytest.raises(Conflict):
        undo_operation(actor_of(marina), inner.operation)  # a later merge stands on it
    undo_operation(actor_of(marina), outer.operation)
    merging.run_merge(outer.pk, seconds=5)
    undo_operation(actor_of(marina), inner.operation)
    merging.run_merge(inner.pk, seconds=5)
    assert third.identities.get().portal_person is None
    # An administrator says that a customer is an agent: their private address is no agent's.
    merge_people(actor_of(dasha), dasha.person, other, is_agent_meant=True)
    from otklik.channels.agents_mail import find_agent

    assert find_agent(Identity.objects.get(value="olga.n@elsewhere.example")) is None
    assert find_agent(Identity.objects.get(value=user_of(dasha).email)) is not None


def test_a_large_merge_goes_in_slices_and_what_was_on_its_way_is_found_later(two) -> None:
    olga, other = two
    tickets = [make_ticket(other, f"Number {n}") for n in range(120)]
    merge = begin_merge(actor_of(make_agent()), olga, other)
    assert merge.state == MergeState.MERGING
    with pytest.raises(Conflict) as raised:
        erase_person(actor_of(make_administrator()), olga, reason="asked")
    assert raised.value.code == "busy"
    assert not merging.run_merge(merge.pk, seconds=0)
    assert merging.run_merge(merge.pk, seconds=20)
    merge.refresh_from_db()
    assert (merge.moved, merge.total) == (240, 240)
    late = tickets[0]
    Ticket.objects.filter(pk=late.pk).update(requester=other)  # as an intake that had read before
    merging.look_again(merge.pk)
    late.refresh_from_db()
    assert late.requester == olga
    undo_operation(SYSTEM, merge.operation)
    Ticket.objects.filter(pk=tickets[5].pk).update(requester=make_customer("Somebody else"))
    assert merging.run_merge(merge.pk, seconds=20)
    merge.refresh_from_db()
    assert merge.left == 1
    assert Ticket.objects.filter(requester=other).count() == 119


def test_holds_and_erasures_are_about_both(two) -> None:
    olga, other = two
    dasha = make_administrator()
    place_person_hold(actor_of(dasha), other)
    make_ticket(other)
    merge = merge_people(actor_of(dasha), olga, other)
    olga = Person.objects.get(pk=olga.pk)
    assert olga.legal_hold_since is not None
    with pytest.raises(Conflict):
        erase_person(actor_of(dasha), olga, reason="asked")
    Person.objects.update(legal_hold_since=None)
    erase_person(actor_of(dasha), Person.objects.get(pk=olga.pk), reason="asked")
    assert set(Erasure.objects.values_list("person_id", flat=True)) == {olga.pk, other.pk}
    assert Person.objects.get(pk=other.pk).name == ""
    with pytest.raises(Conflict) as raised:
        undo_operation(SYSTEM, merge.operation)
    assert raised.value.code == "erased"
    assert find_or_create_identity("email", "olga.n@elsewhere.example").person_id not in (
        olga.pk,
        other.pk,
    )


def test_twins_are_suggested_by_address_phone_and_name_and_only_to_who_may_see_them() -> None:
    marina = make_agent()
    olga = make_customer("Ольга Нестерова", "olga.nesterova@gmail.com")
    dotted = make_customer("Olga", "olganesterova+shop@googlemail.com")
    namesake = make_customer("ольга нестерова", "other@mail.ru", organisation=make_organisation())
    caller = make_person("Ольга  Нестерова")
    caller.identities.all().delete()
    found = {twin.person.pk: twin.reason for twin in find_twins(actor_of(marina), olga)}
    assert found == {dotted.pk: Reason.ADDRESS, caller.pk: Reason.NAME}
    change_person(SYSTEM, olga, organisation=namesake.organisation)
    assert namesake.pk in {twin.person.pk for twin in find_twins(actor_of(marina), olga)}
    assert find_twins(actor_of(olga), olga) == []
    one = Identity.objects.create(
        person=olga, kind="phone", value="+79151234567", twin_key="+9151234567"
    )
    add = add_identity(SYSTEM, namesake, kind="phone", value="89151234567")
    assert (one.twin_key, add.twin_key) == ("+9151234567", "+9151234567")
    assert Reason.PHONE in {twin.reason for twin in find_twins(actor_of(marina), olga)}
    make_primary(SYSTEM, add)
    assert PersonMerge.objects.count() == 0


def test_fields_items_and_reminders_follow_whom_they_name_and_come_back(two) -> None:
    olga, other = two
    marina = make_agent()
    me, ticket = actor_of(marina), make_ticket(make_customer("Alexey Gromov"))
    visitor = make_field("visitor", "person")
    change_fields(me, ticket, {"visitor": other.pk})
    item = add_item(me, add_checklist(me, ticket, name="Visit", items=["Call"]), "Go", owner=other)
    soon = timezone.now() + timedelta(days=1)
    reminder = Reminder.objects.create(ticket=ticket, person=other, due_at=soon)

    def shown() -> tuple[int, str]:
        (row,) = list_shown(me, Ticket.objects.get(pk=ticket.pk))
        return row.value, row.words

    def found_by(person: Person) -> bool:
        asked = find_condition(f"field.{visitor.key}")
        assert asked is not None
        one = Ticket.objects.get(pk=ticket.pk)
        found = Ticket.objects.filter(asked.q("in", [person.pk]), pk=ticket.pk).exists()
        assert found == asked.test(one, "in", [person.pk])
        others = Ticket.objects.filter(asked.q("not_in", [person.pk]), pk=ticket.pk)
        assert found != others.exists()
        return bool(found)

    assert not found_by(olga)
    merge = merge_people(me, olga, other)
    assert shown() == (olga.pk, "Olga Nesterova")
    assert found_by(olga)
    assert found_by(other)  # a list saved before the merge
    assert ChecklistItem.objects.get(pk=item.pk).owner == olga
    assert Reminder.objects.get(pk=reminder.pk).person == olga
    change_fields(me, ticket, {}, was={"visitor": olga.pk})  # what was seen is what is there
    undo_operation(me, merge.operation)
    merging.run_merge(merge.pk, seconds=5)
    assert shown() == (other.pk, "O. Nesterova")
    assert not found_by(olga)
    assert ChecklistItem.objects.get(pk=item.pk).owner == other
    assert Reminder.objects.get(pk=reminder.pk).person == other
