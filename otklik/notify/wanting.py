"""Who wants what: the whole table, believed for a moment, so that a message asks nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from otklik.core.db.briefly import briefly
from otklik.core.settings import get, get_many
from otklik.desk.company import company_time_zone
from otklik.notify.models import Device, Pace, Preference
from otklik.notify.settings import LETTER_AFTER, TOPICS
from otklik.notify.topics import Ways, find_topic, ways_from
from otklik.people.models import Agent, Membership, User

NEVER = Ways(screen=False)


@dataclass(frozen=True, slots=True)
class Hearer:
    """An agent who can be told: active, may sign in, not blocked."""

    person_id: int
    agent_id: int
    team_ids: frozenset[int]
    zone: str


@dataclass(frozen=True, slots=True)
class Table:
    hearers: dict[int, Hearer]  # by the person's id
    persons: dict[int, int]  # agent id → person id, hearers only
    members: dict[int, tuple[int, ...]]  # team id → person ids
    defaults: dict[str, Ways]
    chosen: dict[tuple[int, str], Ways]
    paces: dict[int, Pace]
    with_devices: frozenset[int]
    # Who reads it on screen meanwhile needs no letter about it.
    letter_after: timedelta
    wanted: dict[str, tuple[int, ...]] = field(default_factory=dict)  # filled as it is asked

    def ways(self, person_id: int, topic: str) -> Ways:
        """NEVER for who is no hearer and for what is no topic."""
        if person_id not in self.hearers:
            return NEVER
        return self.chosen.get((person_id, topic)) or self.default(topic)

    def who_want(self, topic: str) -> tuple[int, ...]:
        """The people who want to hear of a topic in any way."""
        found = self.wanted.get(topic)
        if found is None:
            found = tuple(pk for pk in self.hearers if self.ways(pk, topic).is_any)
            self.wanted[topic] = found
        return found

    def default(self, topic: str) -> Ways:
        found = find_topic(topic)
        return self.defaults.get(topic) or (found.ways if found else NEVER)

    def pace(self, person_id: int) -> Pace:
        return self.paces.get(person_id) or Pace(person_id=person_id, digest_times=[9 * 60])

    def zone(self, person_id: int) -> ZoneInfo:
        return ZoneInfo(self.hearers[person_id].zone)


@briefly
def read_table() -> Table:
    hearers = _read_hearers()
    members: dict[int, list[int]] = defaultdict(list)
    for hearer in hearers.values():
        for team_id in hearer.team_ids:
            members[team_id].append(hearer.person_id)
    kept = get_many(TOPICS, LETTER_AFTER)
    return Table(
        hearers=hearers,
        persons={each.agent_id: each.person_id for each in hearers.values()},
        members={team_id: tuple(people) for team_id, people in members.items()},
        defaults=_defaults(kept[TOPICS]),
        chosen={(row.person_id, row.topic): row.ways for row in _rows(Preference)},
        paces={row.person_id: row for row in _rows(Pace)},
        letter_after=timedelta(minutes=kept[LETTER_AFTER]),
        with_devices=frozenset(Device.objects.values_list("person_id", flat=True)),
    )


def read_defaults() -> dict[str, Ways]:
    """What administrators chose, over what topics come with."""
    return _defaults(get(TOPICS))


def _defaults(kept: Mapping[str, Any]) -> dict[str, Ways]:
    found = {}
    for code, stored in kept.items():
        topic = find_topic(code)
        if topic is not None:
            found[code] = ways_from(stored, topic.ways)
    return found


def _rows(model: type[Model]) -> Iterable:  # type: ignore[type-arg]
    return model._default_manager.all()


def _read_hearers() -> dict[int, Hearer]:
    teams: dict[int, set[int]] = defaultdict(set)
    memberships = Membership.objects.filter(team__is_active=True, agent__is_active=True)
    for agent_id, team_id in memberships.values_list("agent_id", "team_id"):
        teams[agent_id].add(team_id)
    zones = dict(
        User.objects.filter(is_active=True, person__agent__is_active=True).values_list(
            "person_id", "time_zone"
        )
    )
    agents = Agent.objects.filter(is_active=True, person__is_blocked=False)
    company = company_time_zone() or "UTC"
    return {
        person_id: Hearer(
            person_id=person_id,
            agent_id=agent_id,
            team_ids=frozenset(teams[agent_id]),
            zone=_zone(zones[person_id]) or _zone(zone) or company,
        )
        for agent_id, person_id, zone in agents.values_list("pk", "person_id", "person__time_zone")
        if person_id in zones
    }


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError):
        return ""
