"""Files from a form: bounded, stored before the transaction that takes them."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core import files
from otklik.core.access import Invalid
from otklik.core.settings import config
from otklik.kit.text import clean_line
from otklik.kit.units import human_size
from otklik.portal.limits import MAX_FILES
from otklik.tickets.contract import StoredFile

_UNKNOWN = "application/octet-stream"


def find_problem(uploaded: Sequence[UploadedFile]) -> str:
    """What is wrong with these files, in words; "" when nothing is."""
    if len(uploaded) > MAX_FILES:
        return ngettext(
            "At most %(count)d file at once. Send the others in a second message.",
            "At most %(count)d files at once. Send the others in a second message.",
            MAX_FILES,
        ) % {"count": MAX_FILES}
    largest = config().max_upload
    if sum(file.size or 0 for file in uploaded) > largest:
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


def _store(file: UploadedFile) -> StoredFile:
    name = clean_line(file.name or "", 200) or "file"
    blob = files.store_blob(file.chunks(), max_size=config().max_upload)
    content_type = blob.content_type
    if content_type == _UNKNOWN:
        content_type = mimetypes.guess_type(name)[0] or _UNKNOWN
    return StoredFile(blob=blob, name=name, content_type=content_type)
