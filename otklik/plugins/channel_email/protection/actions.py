"""Doors for the desk's keys."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.settings import secrets
from otklik.desk.policy import can_manage_accounts

from .events import MailKeyImported, MailKeyRemoved
from .rows import DeskKey
from .store import KEYS

if TYPE_CHECKING:
    from .importing import FoundKey


def import_keys(actor: Actor, content: bytes, *, passphrase: str = "") -> list[DeskKey]:
    """Take every key of a file into the store; one that is there gets its private part.

    Raises Forbidden, and Invalid when the file holds no key.
    """
    from .importing import NotAKey, read_key_file  # 5 MB that most desks never need

    _demand(actor)
    try:
        found = read_key_file(content, passphrase)
    except NotAKey as problem:
        raise Invalid(str(problem), fields={"file": str(problem)}) from None
    with write():
        rows = [_keep(actor, one) for one in found]
    KEYS.forget()
    return rows


def remove_key(actor: Actor, row: DeskKey) -> None:
    """Letters opened before stay readable, new ones to this key stay closed. Raises Forbidden."""
    _demand(actor)
    with write():
        record(actor, MailKeyRemoved(mail_key_id=row.pk, kind=row.kind))
        row.delete()
    KEYS.forget()


def _keep(actor: Actor, found: FoundKey) -> DeskKey:
    row = DeskKey.objects.filter(kind=found.kind, fingerprint=found.fingerprint).first()
    row = row or DeskKey(kind=found.kind, fingerprint=found.fingerprint)
    row.name = found.name[:200] or found.fingerprint
    row.addresses = list(found.addresses[:50])
    row.public = b64encode(found.public).decode()
    row.is_authority = found.is_authority
    row.expires_at = found.expires_at
    if found.private:
        sealed = {"private": secrets.seal(b64encode(found.private).decode())}
        if found.passphrase:
            sealed["passphrase"] = secrets.seal(found.passphrase)
        row.sealed = sealed
    row.save()
    record(actor, MailKeyImported(mail_key_id=row.pk, kind=row.kind, has_private=row.has_private))
    return row


def _demand(actor: Actor) -> None:
    if not can_manage_accounts(actor):
        raise Forbidden(_("Keys are kept by those who manage mailboxes."))
