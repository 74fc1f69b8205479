"""What a person who is erased leaves in mail: letters in the tray and the spool, certificates."""

from __future__ import annotations

import os
from collections.abc import Iterable

import structlog

from otklik.core import files
from otklik.core.db import write
from otklik.core.files.removing import release_many, remove_unheld
from otklik.core.settings import config
from otklik.people.erasing import register_eraser
from otklik.people.traces import Traces

from . import spool
from .models import TrayLetter
from .protection.rows import DeskKey

logger = structlog.get_logger(__name__)


def wire() -> None:
    register_eraser("channel_email.tray", erase_tray)
    register_eraser("channel_email.spool", erase_spool)
    register_eraser("channel_email.keys", erase_keys)


def erase_tray(traces: Traces) -> None:
    """Letters to them, and those that speak of them."""
    rows = TrayLetter.objects.filter(created_at__lte=traces.before).select_related("raw")
    for letter in rows.order_by("pk").iterator(chunk_size=50):
        words = "\n".join([letter.subject, *map(str, letter.recipients)])
        if not traces.touches(words) and not _is_in(traces, letter):
            continue
        with write():
            if not TrayLetter.objects.filter(pk=letter.pk).delete()[0]:
                continue
            blobs = release_many([letter.raw_id])
        remove_unheld(blobs)


def erase_spool(traces: Traces) -> None:
    """Their mail that the desk has not read yet. What comes after is from somebody new."""
    for path in spool.list_kept(str(config().home)):
        try:
            recipients, sender, _raw = spool.read_kept(path)
        except (OSError, ValueError):
            continue
        kept_at = os.path.basename(path).partition("-")[0]
        is_earlier = kept_at.isdecimal() and int(kept_at) <= traces.before.timestamp() * 1e9
        if is_earlier and _is_theirs(traces, [sender or "", *recipients]):
            spool.forget(path)
            logger.info("spooled_mail_erased", file=os.path.basename(path))


def erase_keys(traces: Traces) -> None:
    """Their certificates, by which their letters were verified; never a key of the desk itself."""
    for key in DeskKey.objects.filter(imported_at__lte=traces.before):
        if not key.has_private and traces.touches("\n".join([key.name, *key.names()])):
            with write():
                DeskKey.objects.filter(pk=key.pk).delete()


def _is_in(traces: Traces, letter: TrayLetter) -> bool:
    try:
        with files.open_blob(letter.raw) as stream:
            return traces.touches_bytes(stream.read(1 << 20))
    except files.StorageError:
        return False


def _is_theirs(traces: Traces, addresses: Iterable[str]) -> bool:
    return any(traces.is_address(each) for each in addresses)
