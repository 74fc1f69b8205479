"""Addresses and domains from which nothing is taken."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.channels.events import SenderBlocked, SenderUnblocked
from otklik.channels.models import BlockedSender
from otklik.channels.permissions import BLOCK
from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.db.briefly import briefly, forget_after_commit
from otklik.core.events.record import record
from otklik.desk.accounts import own_addresses
from otklik.kit.addresses import domain_of, normalise_email
from otklik.kit.text import clean_line
from otklik.people.models import Person


@action
def block_sender(actor: Actor, pattern: str, *, note: str = "") -> BlockedSender:
    """Take nothing more from an address, or from a domain and all below it. Blocking again
    changes nothing. Raises Forbidden, and Invalid for what is neither or is ours."""
    _demand(actor)
    cleaned = clean_pattern(pattern)
    found = BlockedSender.objects.filter(pattern=cleaned).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            row = BlockedSender.objects.create(
                pattern=cleaned,
                note=clean_line(note, 200),
                created_by=Person.objects.filter(pk=actor.person_id or 0).first(),
            )
    except IntegrityError:
        return BlockedSender.objects.get(pattern=cleaned)
    record(actor, SenderBlocked(blocked_id=row.pk))
    forget_after_commit()
    return row


@action
def unblock_sender(actor: Actor, row: BlockedSender) -> None:
    """Take letters from there again. Raises Forbidden."""
    _demand(actor)
    blocked_id = row.pk
    deleted, _rows = BlockedSender.objects.filter(pk=blocked_id).delete()
    if deleted:
        record(actor, SenderUnblocked(blocked_id=blocked_id))
        forget_after_commit()


def clean_pattern(pattern: str) -> str:
    """An address or a domain in its canonical spelling. Raises Invalid."""
    wanted = pattern.strip().lower()
    wrong = _("Write an address such as name@example.com or a domain such as example.com.")
    try:
        if "@" in wanted.lstrip("@"):
            cleaned = normalise_email(wanted)
        else:
            cleaned = domain_of(normalise_email(f"x@{wanted.lstrip('@*.')}"))
    except ValueError:
        raise Invalid(wrong, fields={"pattern": wrong}) from None
    if "." not in cleaned:
        raise Invalid(wrong, fields={"pattern": wrong})
    ours = own_addresses()
    if cleaned in ours or any(domain_of(one) == cleaned for one in ours.addresses):
        words = _("This is where your own mailboxes are.")
        raise Invalid(words, fields={"pattern": words})
    return cleaned


def is_blocked_sender(address: str) -> bool:
    """Whether an address, its domain or one above it is blocked. Other processes learn of it
    within two seconds."""
    blocked = _blocked()
    if not blocked:
        return False
    if address in blocked:
        return True
    domain = domain_of(address)
    while domain:
        if domain in blocked:
            return True
        domain = domain.partition(".")[2]
    return False


@briefly
def _blocked() -> frozenset[str]:
    return frozenset(BlockedSender.objects.values_list("pattern", flat=True))


def _demand(actor: Actor) -> None:
    if not actor.can(BLOCK):
        raise Forbidden(_("You may not block senders."))
