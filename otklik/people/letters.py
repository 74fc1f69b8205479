"""Letters to those who want to sign in: rendered first, then link and delivery in one transaction.

Whether an address is known must not show, so asking always costs and answers the same: the asking
only puts a job, and the job finds out.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.urls import reverse

from otklik.core import outbox
from otklik.core.db import write
from otklik.core.settings import config
from otklik.desk import builtin_texts
from otklik.desk.brands import default_brand
from otklik.desk.company import company_language, company_name
from otklik.desk.models import Brand
from otklik.desk.texts import Rendered, render_text
from otklik.kit.addresses import normalise_email
from otklik.people import limits, values
from otklik.people.actors import find_active_agent
from otklik.people.models import Identity, User
from otklik.people.sign_in import LIFETIME, Purpose, create_link, hash_token, new_token, safe_path

logger = structlog.get_logger(__name__)


def request_sign_in_link(
    email: str, *, place: str, next_path: str = "", language: str = "", brand_id: int | None = None
) -> None:
    """A customer asks for a link. ``place`` is where from (the IP address), for the limits.

    Says nothing about whether the address is known. Raises Invalid for no address at all, and
    TooManyTries.
    """
    from otklik.people.tasks import send_sign_in_link

    address = values.email(email)
    _take_room(address, place)
    send_sign_in_link.enqueue(
        address=address,
        next_path=safe_path(next_path),
        language=language,
        brand_id=brand_id,
    )


def request_password_link(email: str, *, place: str, language: str = "") -> None:
    """The same for somebody who forgot a password."""
    from otklik.people.tasks import send_password_link

    address = values.email(email)
    _take_room(address, place)
    send_password_link.enqueue(address=address, language=language)


def write_sign_in_link(
    address: str, *, next_path: str, language: str, brand_id: int | None
) -> bool:
    """Send the link when a person may be let in there: not to strangers, the blocked, machines."""
    identity = (
        Identity.objects.select_related("person")
        .filter(kind="email", scope="", value=normalise_email(address))
        .first()
    )
    if identity is None or identity.is_automated or identity.person.is_blocked:
        logger.info("sign_in_link_not_sent")
        return False
    if User.objects.filter(person=identity.proves_for, is_active=False).exists():
        logger.info("sign_in_link_not_sent", person=identity.person_id)
        return False
    brand = _brand(brand_id)
    token = new_token()
    rendered = render_text(
        builtin_texts.SIGN_IN,
        brand,
        identity.person.language or language or brand.language,
        _context(token, Purpose.SIGN_IN) | {"brand": {"name": brand.name}},
    )
    with write():
        create_link(Purpose.SIGN_IN, identity=identity, next_path=next_path, token=token)
        _enqueue(identity.value, rendered, token, brand)
    return True


def write_password_link(address: str, *, language: str) -> bool:
    """Send a link to an active agent; customers have no password to forget."""
    user = (
        User.objects.select_related("person__agent")
        .filter(email=normalise_email(address), is_active=True)
        .first()
    )
    if user is None or user.person.is_blocked or find_active_agent(user.person) is None:
        logger.info("password_link_not_sent")
        return False
    brand = default_brand()
    token = new_token()
    rendered = render_text(
        builtin_texts.PASSWORD_RESET,
        brand,
        user.language or user.person.language or language or company_language(),
        _context(token, Purpose.PASSWORD) | {"company": {"name": company_name() or brand.name}},
    )
    with write():
        create_link(Purpose.PASSWORD, user=user, token=token)
        _enqueue(user.email, rendered, token, brand)
    return True


class InvitationLetter:
    """Rendered before the transaction that needs it: `send` only writes rows."""

    def __init__(self, inviter: str, language: str) -> None:
        self.token = new_token()
        self._brand = default_brand()
        self._rendered = render_text(
            builtin_texts.INVITATION,
            self._brand,
            language or company_language(),
            _context(self.token, Purpose.INVITATION)
            | {
                "inviter": {"name": inviter},
                "company": {"name": company_name() or self._brand.name},
            },
        )

    def send(self, user: User) -> None:
        create_link(Purpose.INVITATION, user=user, token=self.token)
        _enqueue(user.email, self._rendered, self.token, self._brand)


def link_url(token: str) -> str:
    """The absolute address of a link, for letters and the terminal."""
    return config().public_url + reverse("people:link", args=[token])


def _context(token: str, purpose: Purpose) -> dict[str, Any]:
    return {"link": link_url(token), "lasts": LIFETIME[purpose]}


def _enqueue(address: str, rendered: Rendered, token: str, brand: Brand) -> None:
    outbox.enqueue(
        kind="letter",
        key=f"letter:{hash_token(token)[:40]}",
        recipients=[address],
        payload={"to": address, "language": rendered.language, "brand_id": brand.pk},
        sealed={"subject": rendered.subject, "text": rendered.text, "html": rendered.html},
    )


def _brand(brand_id: int | None) -> Brand:
    found = Brand.objects.select_related("calendar").filter(pk=brand_id).first()
    return found or default_brand()


def _take_room(address: str, place: str) -> None:
    limits.take(limits.LETTERS_FROM_PLACE, place)
    limits.take(limits.LETTERS_TO_ADDRESS, address)
