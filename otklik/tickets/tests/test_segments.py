"""Segments: the faces of each condition agree, lists are bounded, one person is asked in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.vocabulary.proving import assert_faces_agree
from otklik.people import segments
from otklik.people.actions import (
    change_organisation,
    change_person,
    change_segment,
    create_consent_kind,
    create_segment,
    record_consent,
    remove_segment,
)
from otklik.people.conditions import CONDITIONS
from otklik.people.models import Organisation, Person
from otklik.people.segments import count_members, list_members, segments_of, spell_segment
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_organisation,
    make_person,
)
from otklik.tickets.people_conditions import TICKETS
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.mark.parametrize("condition", [*CONDITIONS, TICKETS], ids=lambda each: each.name)
def test_all_faces_of_a_condition_agree(condition) -> None:
    anna, polden = make_agent("Anna"), make_organisation("Polden")
    change_organisation(SYSTEM, polden, account_manager=anna, is_vip=True)
    make_organisation("Another")
    olga = make_customer("Olga", organisation=polden, language="ru")
    alexey = make_customer("Alexey", is_verified=False)
    change_person(SYSTEM, olga, is_vip=True, time_zone="Asia/Tokyo", account_manager=anna)
    Person.objects.filter(pk=olga.pk).update(last_seen_at=timezone.now() - timedelta(days=2))
    Person.objects.filter(pk=alexey.pk).update(is_blocked=True)
    news, calls = (create_consent_kind(SYSTEM, name=name) for name in ("News", "Calls"))
    record_consent(SYSTEM, olga, news, is_given=True, how="form")
    record_consent(SYSTEM, olga, calls, is_given=True, how="form")
    record_consent(SYSTEM, alexey, calls, is_given=True, how="form")
    record_consent(SYSTEM, alexey, calls, is_given=False, how="form")
    for _number in range(3):
        make_ticket(olga)
    make_ticket(alexey)
    rows = Person if condition.thing == "person" else Organisation
    assert assert_faces_agree(condition, rows.objects.all()) > 0


def test_a_segment_is_walked_to_its_end_a_bounded_look_at_a_time(monkeypatch) -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent())
    with pytest.raises(Forbidden):
        create_segment(marina, name="Russian", query="language:ru")
    for wrong in ("", "just words", "language:klingon", "shoe:39", "tickets>99999"):
        with pytest.raises(Invalid):
            create_segment(dasha, name="Wrong", query=wrong)
    segment = create_segment(dasha, name="Russian", query="language:ru blocked:no")
    assert "language:ru" in spell_segment(segment)
    old = [make_person(f"Old {n}", language="ru") for n in range(3)]
    for number in range(30):
        make_person(f"Other {number}", language="en")
    new = make_person("New", language="ru")
    monkeypatch.setattr(segments, "LOOKED_AT", 10)
    found, below, pages = [], None, 0
    while True:
        members = list_members(marina, segment, below=below)
        found += [row.pk for row in members.rows]
        pages, below = pages + 1, members.next
        if below is None:
            break
        assert members.is_cut
    assert found == [new.pk, *(row.pk for row in reversed(old))]
    assert pages > 2
    counted = count_members(marina, segment)
    assert (counted.count, counted.is_cut, counted.is_more) == (1, True, False)
    assert list_members(actor_of(make_customer()), segment).rows == []


def test_who_somebody_is_asks_nobody_else_and_segments_change_with_their_versions() -> None:
    dasha = actor_of(make_administrator())
    russian = create_segment(dasha, name="Russian", query="language:ru")
    busy = create_segment(dasha, name="Busy", query="tickets>=2 or vip:yes")
    firms = create_segment(dasha, name="Firms", query="vip:yes", of="organisation")
    olga, polden = make_customer(language="ru"), make_organisation()
    assert segments_of(olga) == [russian]
    for _number in range(2):
        make_ticket(olga)
    assert segments_of(olga) == [busy, russian]
    change_organisation(SYSTEM, polden, is_vip=True)
    assert segments_of(polden) == [firms]
    assert [row.pk for row in list_members(dasha, firms).rows] == [polden.pk]
    change_segment(dasha, russian, query="language:en", version=1)
    with pytest.raises(Conflict):
        change_segment(dasha, russian, name="Mine", version=1)
    assert segments_of(olga) == [busy]
    remove_segment(dasha, busy)
    assert segments_of(olga) == []
