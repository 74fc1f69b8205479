"""What staff writes down about customers: notes, consent, who looks after them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core.access import Conflict, Forbidden, Invalid
from otklik.core.events.models import EventRow
from otklik.core.fields.actions import change_fields, create_field
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.models import Operation
from otklik.people.actions import (
    block_person,
    change_consent_kind,
    change_customer_note,
    change_organisation,
    change_person,
    create_consent_kind,
    erase_person,
    merge_people,
    record_consent,
    remove_customer_note,
    write_customer_note,
)
from otklik.people.models import Consent, CustomerNote, Person
from otklik.people.tasks import erase
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_organisation,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_notes_are_written_pinned_changed_and_removed_with_a_way_back() -> None:
    olga, marina = make_customer(), actor_of(make_agent())
    note = write_customer_note(marina, olga, "Prefers calls\n", is_pinned=True)
    assert (note.text, note.author_id, note.pinned_at is not None) == (
        "Prefers calls",
        marina.person_id,
        True,
    )
    change_customer_note(marina, note, text="Prefers letters", is_pinned=False, version=1)
    with pytest.raises(Conflict) as raised:
        change_customer_note(marina, note, text="Prefers chats", version=1)
    assert raised.value.fields == {"text": "Prefers letters"}
    for wrong in ("", " \n ", "x" * 4001):
        with pytest.raises(Invalid):
            write_customer_note(marina, olga, wrong)
    with pytest.raises(Forbidden):
        write_customer_note(actor_of(olga), olga, "I am a VIP")
    remove_customer_note(marina, note)
    assert not CustomerNote.objects.filter(removed_at=None).exists()
    undo_operation(marina, Operation.objects.get(name="people.remove_note"))
    assert CustomerNote.objects.get(removed_at=None).text == "Prefers letters"
    about = write_customer_note(marina, make_organisation(), "Pays late")
    told = EventRow.objects.filter(name="customer_note.added")
    assert told.get(data__organisation_id=about.organisation_id)


def test_consent_keeps_its_history_and_the_last_word_is_what_was_said_last() -> None:
    olga, marina, dasha = make_customer(), actor_of(make_agent()), actor_of(make_administrator())
    with pytest.raises(Forbidden):
        create_consent_kind(marina, name="News")
    news = create_consent_kind(dasha, name="News", labels={"ru": "Новости"})
    with pytest.raises(Invalid):
        create_consent_kind(dasha, name="Again", code=news.code)
    now = timezone.now()
    record_consent(marina, olga, news, is_given=True, how="phone", at=now - timedelta(days=2))
    record_consent(marina, olga, news, is_given=False, how="email", evidence="Letter of Monday")
    # An older paper is found later: history, not the last word.
    record_consent(marina, olga, news, is_given=True, how="paper", at=now - timedelta(days=9))
    last = Consent.objects.get(person=olga, is_current=True)
    assert (last.is_given, last.evidence, Consent.objects.count()) == (False, "Letter of Monday", 3)
    for wrong in ({"how": "telepathy"}, {"how": "form", "at": now + timedelta(days=1)}):
        with pytest.raises(Invalid):
            record_consent(marina, olga, news, is_given=True, **wrong)
    with pytest.raises(Forbidden):
        record_consent(actor_of(olga), olga, news, is_given=True, how="self")
    change_consent_kind(dasha, news, is_active=False)
    news.refresh_from_db()
    with pytest.raises(Invalid):
        record_consent(marina, olga, news, is_given=True, how="form")
    record_consent(marina, olga, news, is_given=False, how="form")


def test_a_merge_takes_notes_and_consent_along_and_gives_them_back() -> None:
    marina, dasha = actor_of(make_agent()), actor_of(make_administrator())
    olga, other = make_customer("Olga"), make_customer("Olga N.")
    news, calls = create_consent_kind(dasha, name="News"), create_consent_kind(dasha, name="Calls")
    record_consent(marina, olga, news, is_given=True, how="form")
    record_consent(marina, other, news, is_given=False, how="email")
    record_consent(marina, other, calls, is_given=True, how="phone")
    write_customer_note(marina, other, "Speaks French")
    change_person(marina, other, is_vip=True)
    for key in ("size", "colour"):
        create_field(dasha, thing="person", key=key, kind="text", name=key, is_filterable=True)
    change_fields(marina, olga, {"colour": "red"})
    change_fields(marina, other, {"size": "39", "colour": "blue"})
    merge = merge_people(marina, olga, other)
    assert Person.objects.get(pk=olga.pk).custom == {"size": "39", "colour": "red"}
    words = set(
        Consent.objects.filter(person=olga, is_current=True).values_list("kind__name", "is_given")
    )
    assert words == {("News", False), ("Calls", True)}
    assert CustomerNote.objects.get().person == olga
    assert Person.objects.get(pk=olga.pk).is_vip
    undo_operation(marina, merge.operation)
    from otklik.people.merging import run_merge

    run_merge(merge.pk, seconds=60)
    assert Person.objects.get(pk=olga.pk).custom == {"colour": "red"}
    assert Person.objects.get(pk=other.pk).custom == {"size": "39", "colour": "blue"}
    for person, given in ((olga, True), (other, False)):
        assert Consent.objects.get(person=person, kind=news, is_current=True).is_given is given
    assert CustomerNote.objects.get().person == other
    assert not Person.objects.get(pk=olga.pk).is_vip


def test_who_is_erased_leaves_no_notes_and_no_words_in_others() -> None:
    dasha = actor_of(make_administrator())
    olga, alexey = make_customer("Olga Nesterova", "olga@polden.example"), make_customer("Alexey")
    write_customer_note(dasha, olga, "Likes tea")
    write_customer_note(dasha, alexey, "Brother of olga@polden.example")
    kind = create_consent_kind(dasha, name="News")
    record_consent(dasha, olga, kind, is_given=True, how="form", evidence="Olga said so")
    erasure = erase_person(dasha, olga, reason="asked")
    erase(erasure_id=erasure.pk)
    assert [note.text for note in CustomerNote.objects.all()] == ["Brother of […]"]
    assert not Consent.objects.exists()


def test_who_looks_after_somebody_is_said_with_the_versions_of_both() -> None:
    marina, polden = make_agent(), make_organisation()
    olga = make_customer(organisation=polden)
    change_organisation(actor_of(marina), polden, account_manager=marina, is_vip=True, version=1)
    change_person(actor_of(marina), olga, account_manager=marina, version=1)
    with pytest.raises(Conflict):
        change_person(actor_of(marina), olga, account_manager=None, version=1)
    with pytest.raises(Forbidden):
        change_person(actor_of(olga), olga, is_vip=True)
    block_person(actor_of(marina), olga)
    assert polden.account_manager == marina
