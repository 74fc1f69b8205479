"""Customers at a browser, and what they fill in."""

from __future__ import annotations

import time
from typing import Any

from django.core import signing
from django.test import Client

from otklik.desk.models import Brand
from otklik.desk.tests.factories import make_default_brand, make_mailbox
from otklik.people.middleware import AS_CUSTOMER
from otklik.people.models import Person, User
from otklik.people.sign_in import Purpose, create_link
from otklik.people.tests.factories import sync_roles
from otklik.portal.handlers import ensure_web_accounts
from otklik.tickets.doors import ensure_statuses


def furnish_desk() -> Brand:
    sync_roles()
    ensure_statuses()
    brand = make_default_brand(name="Grain & Steam", languages=["en", "ru"])
    ensure_web_accounts()
    make_mailbox()
    return brand


def browser_of(person: Person) -> Client:
    """Signed in by a link, as customers are."""
    client = Client()
    token = create_link(Purpose.SIGN_IN, identity=person.identities.get())
    response = client.post(f"/link/{token}/")
    assert response.status_code == 302, response.content
    assert client.session[AS_CUSTOMER] is True
    return client


def browser_of_agent(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_token(brand: Brand, *, seconds: float = 30, nonce: str = "n1") -> str:
    """What a form that has stood open for so long holds."""
    return signing.dumps([brand.pk, nonce, time.time() - seconds], salt="otklik.portal.form")


def filled(brand: Brand, **details: Any) -> dict[str, Any]:
    return {
        "name": "Olga Nesterova",
        "email": "o.nesterova@polden.example",
        "subject": "The machine does not heat water",
        "text": "Error E-07 since the morning.",
        "token": form_token(brand, nonce=details.pop("nonce", "n1")),
        **details,
    }
