"""What other rooms hand to this one's actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.files.models import Blob
from otklik.people.models import Identity

# Of one reply, in To, Cc and Bcc together.
MAX_RECIPIENTS = 300


def too_many_words() -> str:
    return _("A reply goes to %(most)d people at most.") % {"most": MAX_RECIPIENTS}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes are safe already; the message that takes it holds the blob."""

    blob: Blob
    name: str
    content_type: str
    content_id: str = ""
    is_inline: bool = False
    token: str = ""  # of the upload it was, if it was one


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says. ``html`` is sanitised already (`tickets.bodies`), ``text`` is plain.

    ``references`` are the colleagues, teams and tickets it names: ("person", 7), ("team", 3).
    """

    text: str
    html: str = ""
    reply_text: str = ""
    subject: str = ""
    files: Sequence[StoredFile] = ()
    addresses: Mapping[str, Any] = field(default_factory=dict)
    authentication: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, Any] | None = None
    raw: Blob | None = None
    references: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets a message. Identities, because a person may have several addresses."""

    to: Sequence[Identity] = ()
    cc: Sequence[Identity] = ()
    bcc: Sequence[Identity] = ()

    def everybody(self) -> list[Identity]:
        return [*self.to, *self.cc, *self.bcc]

    def without_repeats(self) -> Recipients:
        """Everybody once: who is in To is in no copy, who is in Cc in no blind one."""
        to = {one.pk: one for one in self.to}
        cc = {one.pk: one for one in self.cc if one.pk not in to}
        bcc = {one.pk: one for one in self.bcc if one.pk not in to and one.pk not in cc}
        return Recipients([*to.values()], [*cc.values()], [*bcc.values()])

    def ids(self) -> dict[str, list[int]]:
        return {
            name: [identity.pk for identity in getattr(self, name)] for name in ("to", "cc", "bcc")
        }
