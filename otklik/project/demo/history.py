"""Half a year of tickets: which talk, by whom, when; planned first, so that it can be played in
the order of time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from otklik.desk.calendars import working_hours
from otklik.kit.working_hours import WorkingHours, add_working_minutes
from otklik.people.models import Agent
from otklik.project.demo import company
from otklik.project.demo.furnishing import Customer, Desk
from otklik.project.demo.grammar import bend
from otklik.project.demo.scenarios import Scenario, Step, fill, list_scenarios

if TYPE_CHECKING:
    from otklik.tickets.actions import Opened

DAYS = 182
SEED = 20_24
SHOWPIECE = "heating-after-descaling"
SHOWN_CUSTOMER = "Ольга Нестерова"


@dataclass(slots=True)
class Talk:
    """One ticket to be. ``team`` and ``agent`` follow what has been played so far."""

    scenario: Scenario
    customer: Customer
    words: dict[str, str]
    dice: random.Random
    subject: str
    channel: str
    team: str
    agent: Agent
    is_neglected: bool = False
    is_stalled: bool = False
    opened: Opened | None = None


@dataclass(order=True, slots=True)
class Moment:
    """One step of one talk at its time."""

    at: datetime
    order: int
    step: Step = field(compare=False)
    talk: Talk = field(compare=False)
    text: str = field(compare=False, default="")
    agent: Agent | None = field(compare=False, default=None)


def plan(desk: Desk, now: datetime, tickets: int) -> list[Moment]:
    """Every step that has happened by ``now``, in order of time."""
    dice = random.Random(SEED)  # noqa: S311  the same demo every time, no secret
    hours = working_hours(desk.brand.calendar)
    moments: list[Moment] = []
    deck = _shuffled(dice)
    for begins in _beginnings(now, tickets - 1, dice):
        talk = _talk(desk, next(deck), begins, dice)
        for at, step, agent in _times(desk, talk, begins, hours, now):
            if at <= now:
                text = fill(step.text, talk.words | _agent_words(agent or talk.agent), talk.dice)
                speaker = agent.person.name if agent is not None else talk.customer.person.name
                if talk.customer.language == "ru":
                    text = bend(text, speaker)
                moments.append(Moment(at, len(moments), step, talk, text, agent))
    moments += _showpiece(desk, now, len(moments))
    return sorted(moments)


def _showpiece(desk: Desk, now: datetime, order: int) -> Iterator[Moment]:
    """One talk that is right in the middle, whenever the demo is loaded: the first to look at."""
    scenario = next(each for each in list_scenarios() if each.name == SHOWPIECE)
    customer = next(each for each in desk.customers if each.person.name == SHOWN_CUSTOMER)
    own = random.Random(SEED)  # noqa: S311
    marina, dasha = desk.agents["marina"], desk.agents["dasha"]
    words = _words(customer, now, own) | {"hour": "17"}
    subject = "Кофемашина не греет воду после чистки от накипи"
    talk = Talk(scenario, customer, words, own, subject, "email", "care", dasha)
    steps = list(zip(scenario.steps[:5], (131, 117, 115, 92, 15), strict=True))
    steps.insert(3, (Step("assign"), 108))
    for step, ago in steps:
        agent = None if step.what == "customer" else dasha if ago > 110 else marina
        speaker = agent.person.name if agent is not None else customer.person.name
        text = bend(fill(step.text, words | _agent_words(marina), own), speaker)
        yield Moment(now - timedelta(minutes=ago), order, step, talk, text, agent)
        order += 1


def _shuffled(dice: random.Random) -> Iterator[Scenario]:
    """Talks by their weight, none twice in a row."""
    while True:
        cards = [each for each in list_scenarios() for _ in range(each.weight)]
        dice.shuffle(cards)
        yield from cards


def _beginnings(now: datetime, tickets: int, dice: random.Random) -> list[datetime]:
    """Denser towards today, in waking hours, the newest minutes ago."""
    minutes = [4, 11, 26, 47, 75, 118, 163, 240, 330, 410][: min(tickets, max(1, tickets // 20))]
    found = [now - timedelta(minutes=each) for each in minutes]
    zone = ZoneInfo(company.TIME_ZONE)
    while len(found) < tickets:
        ago = DAYS * dice.random() ** 3.0 + 0.3
        day = (now - timedelta(days=ago)).astimezone(zone)
        if day.weekday() >= 5 and dice.random() < 0.6:
            continue
        hour = min(max(int(dice.gauss(12.5, 3.4)), 7), 22)
        at = day.replace(hour=hour, minute=dice.randrange(60), second=dice.randrange(60))
        if at < now - timedelta(hours=6):
            found.append(at.astimezone(now.tzinfo))
    return sorted(found)


def _talk(desk: Desk, scenario: Scenario, begins: datetime, dice: random.Random) -> Talk:
    own = random.Random(dice.random())  # noqa: S311
    fitting = [
        each
        for each in desk.customers
        if each.language == scenario.language
        and (scenario.who == "any" or bool(each.place) == (scenario.who == "house"))
    ]
    customer = own.choices(fitting, [each.weight for each in fitting])[0]
    words = _words(customer, begins, own)
    channel = scenario.channel
    if channel == "email" and own.random() < 0.22:
        channel = own.choice(("web", "web", "phone") if scenario.language == "ru" else ("web",))
    agent = _agent(desk, scenario.team, customer, own)
    return Talk(
        scenario=scenario,
        customer=customer,
        words=words,
        dice=own,
        subject=fill(scenario.subject, words | _agent_words(agent), own),
        channel=channel,
        team="care",
        agent=agent,
        is_neglected=own.random() < 0.035,
    )


def _words(customer: Customer, begins: datetime, dice: random.Random) -> dict[str, str]:
    later = begins.astimezone(ZoneInfo(company.TIME_ZONE)) + timedelta(days=dice.randrange(1, 6))
    english = customer.language == "en"
    days = (
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        if english
        else ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")
    )
    return {
        "name": customer.person.name.split()[0],
        "full": customer.person.name,
        "place": customer.place or ("home" if english else "дома"),
        "city": customer.city,
        "street": customer.street or customer.city,
        "machine": customer.machine,
        "date": later.strftime("%-d %B") if english else later.strftime("%d.%m"),
        "day": days[later.weekday()],
        "order": f"{dice.randrange(61, 99)}-{dice.randrange(1000, 9999)}",
        "sum": f"{dice.randrange(38, 940) * 100:,}".replace(",", "\N{NO-BREAK SPACE}"),
        "number": str(dice.randrange(104, 998)),
        "serial": f"{dice.choice('ABKMS')}{dice.randrange(10, 99)}-{dice.randrange(10000, 99999)}",
        "count": str(dice.randrange(2, 9)),
        "hour": str(dice.randrange(9, 18)),
    }


def _agent_words(agent: Agent) -> dict[str, str]:
    return {"agent": agent.person.name.split()[0]}


def _agent(desk: Desk, team: str, customer: Customer, dice: random.Random) -> Agent:
    """Somebody of the team who speaks the customer's language."""
    workers = [each for each in company.WORKERS if team in each.teams]
    fitting = [each for each in workers if each.language == customer.language] or workers
    chosen = dice.choices(fitting, [each.weight for each in fitting])[0]
    return desk.agents[chosen.key]


def _times(
    desk: Desk, talk: Talk, begins: datetime, hours: WorkingHours, now: datetime
) -> Iterator[tuple[datetime, Step, Agent | None]]:
    """When each step happens, and who of ours takes it."""
    at, agent, last = begins, talk.agent, ""
    if talk.scenario.team != "care" and not any(s.what == "transfer" for s in talk.scenario.steps):
        talk.team = talk.scenario.team
    else:
        agent = _agent(desk, "care", talk.customer, talk.dice)
    for step in talk.scenario.steps:
        at = _next(talk, step, at, hours, is_first=last == "")
        if step.what == "customer":
            yield at, step, None
        else:
            if last == "customer" and talk.dice.random() < 0.3 and not talk.is_neglected:
                early = add_working_minutes(hours, at, 0) - timedelta(minutes=2)
                yield max(early, begins + timedelta(minutes=1)), Step("assign"), agent
            yield at, step, agent
        if step.what == "transfer":
            agent = _agent(desk, step.word, talk.customer, talk.dice)
        last = step.what if step.word not in ("solved",) else "solved"
    is_solved = last == "solved" or last == "solve"
    if not is_solved and talk.dice.random() < 0.97:
        at = add_working_minutes(hours, at, talk.dice.randrange(900, 2400))
        yield at, Step("solve"), agent
        is_solved = True
    if is_solved:
        yield at + timedelta(days=desk.brand.close_after_days, minutes=7), Step("close"), None


def _next(talk: Talk, step: Step, at: datetime, hours: WorkingHours, *, is_first: bool) -> datetime:
    dice = talk.dice
    if is_first:
        return at
    if talk.is_stalled:
        talk.is_stalled = False
        at += timedelta(days=dice.randrange(2, 12), minutes=dice.randrange(600))
    if step.word in ("pending", "hold"):
        talk.is_stalled = dice.random() < 0.3
    if step.after is not None:
        return at + step.after * dice.uniform(0.85, 1.2)
    if step.what == "customer":
        later = at + timedelta(minutes=dice.choice((6, 14, 25, 48, 90, 200, 420, 1300)))
        return _awake(later + timedelta(seconds=dice.randrange(60)), talk)
    wait = {"reply": 65, "note": 16, "transfer": 14, "priority": 9, "solve": 700}[step.what]
    minutes = int(min(wait * dice.lognormvariate(0, 0.8), 1500)) + 2
    if talk.is_neglected and step.what in ("reply", "transfer"):
        minutes += dice.randrange(1500, 6500)
    return add_working_minutes(hours, at, minutes) + timedelta(seconds=dice.randrange(60))


def _awake(at: datetime, talk: Talk) -> datetime:
    """Customers sleep at night."""
    local = at.astimezone(ZoneInfo(talk.customer.person.time_zone or company.TIME_ZONE))
    if 7 <= local.hour < 23:
        return at
    morning = local.replace(hour=7, minute=talk.dice.randrange(20, 59))
    if local.hour >= 23:
        morning += timedelta(days=1)
    return morning.astimezone(at.tzinfo)
