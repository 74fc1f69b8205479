"""Brands, hours, mailboxes, agents, teams, categories and customers of the demo company."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from otklik.channels.models import AccountRoute
from otklik.core import settings
from otklik.core.db import write
from otklik.desk import company as desk_company
from otklik.desk.actions import (
    change_account,
    change_brand,
    create_account,
    create_brand,
    create_calendar,
)
from otklik.desk.brands import ensure_default_brand
from otklik.desk.models import Account, Brand
from otklik.people import roles
from otklik.people.actions import (
    add_identity,
    change_agent,
    create_agent,
    create_organisation,
    create_person,
    create_team,
    hash_password,
    verify_identity,
)
from otklik.people.actions.users import store_password
from otklik.people.models import Agent, Identity, Organisation, Person, Team, User, VerifiedHow
from otklik.project.demo import company, customers
from otklik.project.demo.made import DEMO, note, recall, remember
from otklik.tickets.models import Category

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
# Restored when the demo goes, where nobody has changed it since.
BRAND_BEFORE = "brand before"
WEB_BEFORE = "web form before"
COMPANY = {
    desk_company.NAME: company.BRAND,
    desk_company.LANGUAGE: "ru",
    desk_company.TIME_ZONE: company.TIME_ZONE,
}


@dataclass(slots=True)
class Customer:
    """Somebody who writes, and the words their talks are filled with."""

    person: Person
    identity: Identity
    language: str
    city: str
    street: str
    machine: str
    place: str
    weight: int


@dataclass(slots=True)
class Desk:
    """Everything tickets hang on."""

    brand: Brand
    abroad: Brand
    accounts: dict[str, Account] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)


def furnish() -> tuple[Desk, list[tuple[str, str, str]]]:
    """Make it all; the accounts to print: (label, e-mail, password)."""
    passwords = {worker.key: make_password() for worker in company.WORKERS}
    hashes = {key: hash_password(password) for key, password in passwords.items()}
    with write():
        desk = _make_brands()
    with write():
        _make_staff(desk, hashes)
    with write():
        _make_accounts(desk)
        _make_categories(desk)
    _make_customers(desk)
    printed = [
        (worker.name + (" (administrator)" if worker.is_administrator else ""), worker.email, word)
        for worker in company.WORKERS
        for word in [passwords[worker.key]]
    ]
    return desk, printed


def give_passwords() -> Sequence[tuple[str, str, str]]:
    """Another random password for every demo agent who still works here."""
    printed = []
    people = Agent.objects.filter(pk__in=recall(Agent), is_active=True).values("person_id")
    for user in User.objects.filter(person__in=people).select_related("person").order_by("id"):
        password = make_password()
        store_password(DEMO, user, hash_password(password, user))
        printed.append((user.person.name, user.email, password))
    return printed


def make_password() -> str:
    """Three groups of four, easy to read off a terminal: some 60 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def _make_brands() -> Desk:
    calendar = create_calendar(
        DEMO,
        name="Будни 9–19, суббота 10–16",
        time_zone=company.TIME_ZONE,
        week=company.WEEK,
        holiday_country="RU",
    )
    brand = ensure_default_brand()
    note(
        BRAND_BEFORE,
        {
            "name": brand.name,
            "calendar": brand.calendar_id,
            "language": brand.language,
            "languages": brand.languages,
            "color": brand.color,
            "settings": {key: settings.get(key) for key in COMPANY},
        },
    )
    look: dict[str, Any] = {
        "color": company.COLOR,
        "calendar": calendar,
        "first_reply_minutes": 120,
    }
    change_brand(DEMO, brand, name=company.BRAND, language="ru", languages=["ru", "en"], **look)
    abroad = create_brand(
        DEMO, name=company.BRAND_ABROAD, language="en", languages=["en", "ru"], **look
    )
    remember(calendar, abroad)
    for key, value in COMPANY.items():
        settings.put(DEMO, key, value)
    return Desk(brand=brand, abroad=abroad)


def _make_staff(desk: Desk, hashes: dict[str, str]) -> None:
    for team in company.TEAMS:
        desk.teams[team.key] = create_team(DEMO, name=team.name, line=team.line)
    for worker in company.WORKERS:
        held = (roles.ADMINISTRATOR, roles.AGENT) if worker.is_administrator else (roles.AGENT,)
        agent = create_agent(
            DEMO,
            name=worker.name,
            email=worker.email,
            roles_held=held,
            teams=[desk.teams[key] for key in worker.teams],
            # Whoever looks around first reads the desk in the language of their browser.
            language="" if worker.is_administrator else worker.language,
            password_hash=hashes[worker.key],
        )
        change_agent(
            DEMO,
            agent,
            job_title=worker.job_title,
            signature=worker.signature,
            time_zone=company.TIME_ZONE,
        )
        identity = agent.person.identities.get(kind="email")
        verify_identity(DEMO, identity, VerifiedHow.STAFF)
        desk.agents[worker.key] = agent
    remember(*desk.teams.values(), *desk.agents.values())
    remember(*(agent.person for agent in desk.agents.values()))


def _make_accounts(desk: Desk) -> None:
    for box in company.MAILBOXES:
        account = create_account(
            DEMO,
            kind="email",
            name=box.name,
            address=box.address,
            brand=desk.abroad if box.is_abroad else desk.brand,
            language=box.language,
            config={"sender_name": box.sender_name},
        )
        AccountRoute.objects.create(account=account, team=desk.teams[box.team])
        desk.accounts[box.key] = account
    remember(*desk.accounts.values())
    for brand in (desk.brand, desk.abroad):
        web = Account.objects.filter(kind="web", brand=brand).first()
        if web is not None:
            desk.accounts[f"web {brand.pk}"] = web
            if brand == desk.abroad:
                remember(web)
            else:
                note(WEB_BEFORE, web.name)
                change_account(DEMO, web, name=company.WEB_FORM)


def _make_categories(desk: Desk) -> None:
    for position, (key, (russian, english)) in enumerate(company.CATEGORIES.items()):
        parent = desk.categories.get(key.rpartition("/")[0])
        category = Category.objects.create(
            parent=parent,
            name=russian,
            labels={"ru": russian, "en": english},
            position=position,
        )
        category.path = f"{parent.path if parent else '/'}{category.pk}/"
        category.save(update_fields=["path"])
        desk.categories[key] = category
    remember(*desk.categories.values())


def _make_customers(desk: Desk) -> None:
    for number, house in enumerate(customers.HOUSES):
        with write():
            _make_house(desk, house, number)
    for start in range(0, len(customers.ALONE), 10):
        with write():
            made: list[Person] = []
            for line in customers.ALONE[start : start + 10]:
                name, address, language, city, machine = (part.strip() for part in line.split("|"))
                zone = "Europe/Moscow" if language == "ru" else "UTC"
                person = create_person(
                    DEMO, name=name, email=address, language=language, time_zone=zone
                )
                identity = person.identities.get(kind="email")
                made.append(person)
                desk.customers.append(
                    Customer(person, identity, language, city, "", machine, "", weight=2)
                )
            remember(*made)


def _make_house(desk: Desk, house: customers.House, number: int) -> None:
    organisation = create_organisation(
        DEMO, name=house.name, notes=house.notes, domains=[house.domain]
    )
    made: list[Person] = []
    for place, line in enumerate(house.people):
        name, job = (part.strip() for part in line.split(",", 1))
        person = create_person(
            DEMO,
            name=name,
            email=f"{_mail_name(name)}@{house.domain}",
            organisation=organisation,
            job_title=job,
            language=house.language,
            time_zone=house.time_zone,
        )
        identity = person.identities.get(kind="email")
        if place < 2:  # they have used the portal once
            verify_identity(DEMO, identity, VerifiedHow.LINK)
            digits = f"{number:02d}-{place + 7:02d}"
            add_identity(
                DEMO,
                person,
                kind="phone",
                value=f"+7900000{digits.replace('-', '')}",
                display=f"+7 900 000-{digits}",
            )
        made.append(person)
        desk.customers.append(
            Customer(
                person,
                identity,
                house.language,
                house.city,
                house.street,
                house.machine,
                house.name,
                weight=(9, 4, 2, 2, 2)[place] + (4 if number < 8 else 0),
            )
        )
    remember(organisation, *made)


def backdate(since: datetime) -> None:
    """They have not all come today: the older the row, the longer ago. No fact, no event."""
    for model in (Organisation, Person):
        ids = recall(model)
        for place, pk in enumerate(ids):
            at = since - timedelta(days=900 * (len(ids) - place) / len(ids), hours=place % 9)
            model._default_manager.filter(pk=pk).update(created_at=at)


_LETTERS = dict(
    zip("абвгдеёзийклмнопрстуфхыэ", "abvgdeezijklmnoprstufhye", strict=True),
    ж="zh",
    ц="ts",
    ч="ch",
    ш="sh",
    щ="sch",
    ю="yu",
    я="ya",
    ь="",
    ъ="",
)


def _mail_name(name: str) -> str:
    """ "Ольга Нестерова" → "o.nesterova"."""
    first, *_between, last = name.split()
    spelt = [
        "".join(_LETTERS.get(letter, letter) for letter in part.lower()) for part in (first, last)
    ]
    return "".join(
        c for c in f"{spelt[0][:1]}.{spelt[1]}" if c.isascii() and (c.isalnum() or c == ".")
    )
