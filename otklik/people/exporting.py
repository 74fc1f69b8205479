"""All that is known of one person, as a ZIP that people and programs can read.

Rooms register sections. Each is a table of plain values: ``data/<section>.json`` and a part of
``index.html``; contents (attachments, raw originals) lie beside them.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext as _

from otklik.core import files
from otklik.core.db import write
from otklik.core.files.models import Blob
from otklik.core.files.removing import release_many, remove_unheld
from otklik.people.models import ExportState, Person, PersonExport

READY_FOR = timedelta(hours=24)
TAKEN_FOR = timedelta(minutes=15)  # a slow download of what is downloaded
LARGEST = 2 << 30  # all contents together; the index names what did not fit
_CHUNK = 256 * 1024
_LARGEST_CELL = 20_000

logger = structlog.get_logger(__name__)

Row = Mapping[str, Any]


class Pack:
    """The archive while it is written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._size = 0
        self._parts: list[str] = []
        self.left_out: list[str] = []

    def table(self, name: str, title: str | Promise, rows: Iterable[Row]) -> None:
        """A section: ``name`` for its file, ``title`` for readers; one dictionary per row."""
        listed = [dict(row) for row in rows]
        self._archive.writestr(
            f"data/{name}.json", json.dumps(listed, ensure_ascii=False, indent=1, default=str)
        )
        self._parts.append(_html_table(str(title), listed))

    def content(self, path: str, blob: Blob) -> str:
        """Put a stored content in; returns its path there, or "" when it cannot be had."""
        if self._size + blob.size > LARGEST:
            self.left_out.append(path)
            return ""
        try:
            with files.open_blob(blob) as stream, self._archive.open(path, "w") as target:
                while chunk := stream.read(_CHUNK):
                    target.write(chunk)
        except files.StorageError:
            self.left_out.append(path)
            return ""
        self._size += blob.size
        return path

    def finish(self, person: Person) -> None:
        title = escape(_("What is known of %(name)s") % {"name": person})
        left = ""
        if self.left_out:
            items = "".join(f"<li>{escape(each)}</li>" for each in self.left_out)
            left = f"<h2>{escape(_('Left out: too large or missing'))}</h2><ul>{items}</ul>"
        page = (
            f'<!doctype html><html lang="{translation.get_language()}"><meta charset="utf-8">'
            f"<title>{title}</title><style>body{{font:16px/1.5 system-ui;margin:2rem auto;"
            "max-width:60rem;padding:0 1rem}table{border-collapse:collapse;width:100%}"
            "th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;"
            "vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}</style>"
            f"<h1>{title}</h1><p>{timezone.now():%Y-%m-%d %H:%M} UTC</p>"
            f"{''.join(self._parts)}{left}</html>"
        )
        self._archive.writestr("index.html", page)


Section = Callable[[Person, Pack], None]


@dataclass(frozen=True, slots=True)
class _Registered:
    write: Section
    order: int


_sections: dict[str, _Registered] = {}


def register_export(name: str, section: Section, *, order: int = 100) -> None:
    """What a room knows of a person, from ``apps.ready()``; runs in a job, reads only."""
    _sections[name] = _Registered(section, order)


def write_archive(person: Person, target: BinaryIO, *, language: str = "") -> None:
    """The whole ZIP of one person."""
    with (
        translation.override(language or translation.get_language() or "en"),
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        pack = Pack(archive)
        for each in sorted(_sections.values(), key=lambda section: section.order):
            each.write(person, pack)
        pack.finish(person)


def run_export(export_id: int, *, language: str) -> None:
    """Put together what was asked for; nothing when it is there already."""
    rows = PersonExport.objects.filter(pk=export_id)
    export = rows.filter(state__in=(ExportState.WAITING, ExportState.FAILED)).first()
    if export is None:
        return
    person = Person.objects.filter(pk=export.person_id, erased_at=None).first()
    if person is None:
        with write():
            rows.update(state=ExportState.GONE, ended_at=timezone.now())
        return
    try:
        blob = _stored(person, language)
    except Exception:
        with write():
            rows.update(state=ExportState.FAILED)
        raise
    with write():
        files.hold(blob)
        rows.update(state=ExportState.READY, blob=blob, size=blob.size, ready_at=timezone.now())
    logger.info("person_exported", person=person.pk, size=blob.size)


def drop_exports() -> int:
    """Let go of what was downloaded, and of what nobody fetched in a day."""
    now = timezone.now()
    held = PersonExport.objects.filter(blob__isnull=False)
    late = held.filter(state=ExportState.READY, ready_at__lte=now - READY_FOR)
    taken = held.filter(state=ExportState.TAKEN, ended_at__lte=now - TAKEN_FOR)
    dropped = 0
    for export in [*late[:100], *taken[:100]]:
        state = ExportState.TAKEN if export.state == ExportState.TAKEN else ExportState.GONE
        with write():
            rows = PersonExport.objects.filter(pk=export.pk, state=export.state)
            if not rows.filter(blob__isnull=False).update(
                blob=None, state=state, ended_at=export.ended_at or now
            ):
                continue
            blobs = release_many([export.blob_id])
        remove_unheld(blobs)
        dropped += 1
    return dropped


def _stored(person: Person, language: str) -> Blob:
    with tempfile.TemporaryDirectory(prefix="otklik-export-") as folder:
        path = Path(folder) / "export.zip"
        with path.open("w+b") as target:
            write_archive(person, target, language=language)
            target.seek(0)
            return files.store_blob(target, max_size=LARGEST * 2)


def _html_table(title: str, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>—</p>"
    names = list(rows[0])
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(row.get(name))}</td>" for name in names) + "</tr>"
        for row in rows
    )
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, str) and value.startswith(("files/", "originals/")):
        return f'<a href="{escape(value)}">{escape(value)}</a>'
    return str(escape(str(value)[:_LARGEST_CELL]))
