"""Browsers of the cast, signed in without the page for it."""

from __future__ import annotations

from django.test import Client

from otklik.people.models import Agent, Person
from otklik.people.tests import factories as people

BACKEND = "otklik.people.backends.EmailBackend"


def browser_of(who: Agent | None, **headers: str) -> Client:
    """A client signed in as an agent; None: a stranger's."""
    client = Client(headers={"accept-language": "en", **headers})
    if who is not None:
        client.force_login(people.user_of(who), backend=BACKEND)
    return client


def customer_browser(person: Person) -> Client:
    """As a mailed link leaves it: the session is a customer's."""
    from otklik.people.middleware import AS_CUSTOMER
    from otklik.people.models import User
    from otklik.people.roles import CUSTOMER, get_role

    user = User.objects.create(email=person.identities.get().value, person=person)
    user.roles.set([get_role(CUSTOMER)])
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=BACKEND)
    session = client.session
    session[AS_CUSTOMER] = True
    session.save()
    return client
