"""All that is known of one person, for whoever asked, once."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from otklik.core import files
from otklik.core.access import Conflict, Forbidden, Missing
from otklik.core.events.models import EventRow
from otklik.core.files.models import Blob
from otklik.people import commands, exporting
from otklik.people.actions import erase_person
from otklik.people.actions.exporting import ask_for_export, take_export
from otklik.people.models import ExportState, Person, PersonExport
from otklik.people.tasks import export_person
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.tickets.actions import add_note
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.tests.factories import make_ticket
from otklik.tickets.tests.test_purging import PICTURE, with_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def opened(blob: Blob) -> zipfile.ZipFile:
    with files.open_blob(blob) as stream:
        return zipfile.ZipFile(io.BytesIO(stream.read()))


def test_the_archive_holds_what_is_known_and_no_words_of_others() -> None:
    dasha, olga = actor_of(make_administrator()), make_customer("Olga <b>Nesterova</b>")
    alexey = make_customer("Alexey Gromov")
    ticket = make_ticket(olga, "No hot water", "The pump works")
    letter = with_file(ticket, raw=b"From: olga\r\n\r\nraw words")
    add_note(dasha, ticket, words=written_by_hand(text="She is difficult"))
    make_ticket(alexey, "Alexey's secret", "Nobody reads this")
    export = ask_for_export(dasha, olga)
    assert ask_for_export(dasha, olga).pk == export.pk  # one is enough
    export_person(export_id=export.pk, language="en")
    with opened(take_export(dasha, export)) as archive:
        names = archive.namelist()
        tickets = json.loads(archive.read("data/tickets.json"))
        page = archive.read("index.html").decode()
        everything = b"".join(archive.read(name) for name in names).decode("utf-8", "replace")
        attached = next(name for name in names if name.startswith("files/"))
        assert archive.read(attached) == PICTURE
        original = archive.read(f"originals/{letter.pk}.eml")
    assert [row["number"] for row in tickets] == [ticket.number]
    assert original.startswith(b"From: olga")
    assert "The pump works" in everything
    assert "She is difficult" not in everything
    assert "Alexey" not in everything
    assert "&lt;b&gt;" in page
    assert "<b>Nes" not in page
    assert olga.identities.get().value in everything


def test_it_is_downloaded_once_by_whoever_asked_within_a_day() -> None:
    dasha, boris = actor_of(make_administrator()), actor_of(make_administrator("Boris"))
    marina, olga = actor_of(make_agent("Marina")), make_customer()
    with pytest.raises(Forbidden):
        ask_for_export(marina, olga)
    export = ask_for_export(dasha, olga)
    with pytest.raises(Missing):
        take_export(dasha, export)  # not ready
    export_person(export_id=export.pk, language="ru")
    for other in (boris, marina, actor_of(olga)):
        with pytest.raises(Missing):
            take_export(other, export)
    take_export(dasha, export)
    with pytest.raises(Missing):
        take_export(dasha, export)
    names = EventRow.objects.filter(person_id=olga.pk).values_list("name", flat=True)
    assert {"person.export_asked", "person.export_taken"} <= set(names)


def test_an_archive_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    dasha, olga = actor_of(make_administrator()), make_customer()
    taken, forgotten = ask_for_export(dasha, olga), None
    export_person(export_id=taken.pk, language="en")
    take_export(dasha, taken)
    forgotten = ask_for_export(dasha, make_customer("Alexey Gromov"))
    export_person(export_id=forgotten.pk, language="en")
    assert exporting.drop_exports() == 0
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=20))
    assert exporting.drop_exports() == 1
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=25))
    assert exporting.drop_exports() == 1
    states = set(PersonExport.objects.values_list("state", flat=True))
    assert states == {ExportState.TAKEN, ExportState.GONE}
    assert not Blob.objects.exists()


def test_who_is_erased_is_not_exported_and_an_export_goes_with_them() -> None:
    dasha, olga = actor_of(make_administrator()), make_customer()
    export = ask_for_export(dasha, olga)
    export_person(export_id=export.pk, language="en")
    from otklik.people.tasks import erase

    erasure = erase_person(dasha, olga, reason="asked")
    erase(erasure_id=erasure.pk)
    assert not Blob.objects.exists()
    with pytest.raises(Missing):
        take_export(dasha, export)
    with pytest.raises(Conflict):
        ask_for_export(dasha, olga)


def test_the_command_line_exports_and_asks_before_it_erases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    olga = make_customer()
    make_ticket(olga)
    target = tmp_path / "olga.zip"
    assert commands.export(["--id", str(olga.pk), "--to", str(target)]) == 0
    assert target.stat().st_mode & 0o077 == 0
    assert "index.html" in zipfile.ZipFile(target).namelist()
    assert commands.erase(["--id", str(olga.pk)]) == 0
    assert "Nothing was erased" in capsys.readouterr().out
    olga.refresh_from_db()
    assert olga.erased_at is None
    assert commands.erase(["--id", str(olga.pk), "--yes"]) == 0
    assert Person.objects.get(pk=olga.pk).erased_at is not None
    assert commands.erase(["--id", str(olga.pk), "--yes"]) == 67
