"""Files from a form or a program: bounded, stored before the transaction that takes them."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import replace

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core import files
from otklik.core.access import Actor, Invalid
from otklik.core.files.models import Blob
from otklik.core.settings import config
from otklik.kit.text import clean_line
from otklik.kit.units import human_size
from otklik.portal.limits import MAX_FILES
from otklik.tickets.actions import take_uploads
from otklik.tickets.contract import StoredFile

_UNKNOWN = "application/octet-stream"


def find_problem(sizes: Sequence[int]) -> str:
    """What is wrong with files of these sizes, in words; "" when nothing is."""
    if len(sizes) > MAX_FILES:
        return ngettext(
            "At most %(count)d file at once. Send the others in a second message.",
            "At most %(count)d files at once. Send the others in a second message.",
            MAX_FILES,
        ) % {"count": MAX_FILES}
    largest = config().max_upload
    if sum(sizes) > largest:
        return _("The files are too large: at most %(size)s together.") % {
            "size": human_size(largest)
        }
    return ""


def store_uploads(uploaded: Sequence[UploadedFile]) -> list[StoredFile]:
    """Blobs that survive a power cut. Raises Invalid (field ``attachments``) without room."""
    try:
        return [_store(file) for file in uploaded]
    except files.StorageError:
        words = _("The files could not be stored. Your text is safe: send it without them.")
        raise Invalid(words, fields={"attachments": words}) from None


def take_sent(actor: Actor, tokens: Sequence[str]) -> list[StoredFile]:
    """Files that a program added before, under the same rules: empty ones are left out, and none
    stands among the words. Raises Missing for one that is not theirs, Invalid (field ``uploads``)
    for too many or too large ones."""
    kept = [file for file in take_uploads(actor, tokens) if file.blob.size]
    if problem := find_problem([file.blob.size for file in kept]):
        raise Invalid(problem, fields={"uploads": problem})
    return [
        replace(
            file,
            name=clean_line(file.name, 200) or "file",
            content_type=_type_of(file.blob, file.name),
            content_id="",
            is_inline=False,
        )
        for file in kept
    ]


def _store(file: UploadedFile) -> StoredFile:
    name = clean_line(file.name or "", 200) or "file"
    blob = files.store_blob(file.chunks(), max_size=config().max_upload)
    return StoredFile(blob=blob, name=name, content_type=_type_of(blob, name))


def _type_of(blob: Blob, name: str) -> str:
    """By its content; what was claimed for it says nothing."""
    if blob.content_type != _UNKNOWN:
        return blob.content_type
    return mimetypes.guess_type(name)[0] or _UNKNOWN
