from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from otklik.project.keeping.archive import Unusable, verify
from otklik.project.tests.homes import PROGRAM, Home, furnished, new_database

# Every database these need is their own.
TALK = """
SELECT t.number, m.id, b.text, b.subject
FROM tickets_ticket t JOIN tickets_message m ON m.ticket_id = t.id
JOIN tickets_messagebody b ON b.message_id = m.id ORDER BY m.id
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return furnished(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def backup(desk: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backups") / "monday.tar"
    said = desk.otklik("backup", "--to", str(path), "--verify")
    assert "is whole" in said
    assert "Not in it: the key file" in said
    return path


@pytest.fixture(scope="module")
def restored_once(
    desk: Home, backup: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Home, str]:
    new = Home(tmp_path_factory.mktemp("restored"))
    return new, new.otklik("restore", str(backup), "--key", key_of(desk))


@pytest.fixture
def restored(restored_once: tuple[Home, str], tmp_path: Path) -> Home:
    """A restored desk of one's own."""
    return Home(Path(shutil.copytree(restored_once[0].path, tmp_path / "restored")))


def key_of(home: Home) -> str:
    return str(home.path / "keys" / "secret.keys")


def manifest_of(path: Path) -> dict[str, Any]:
    with tarfile.open(path) as archive:
        found: dict[str, Any] = json.load(archive.extractfile("manifest.json"))
        return found


def lines_of(path: Path, table: str) -> list[bytes]:
    with tarfile.open(path) as archive:
        members = [i for i in archive.getmembers() if i.name.startswith(f"tables/{table}/")]
        return [
            line
            for member in members
            for line in gzip.decompress(archive.extractfile(member).read()).splitlines()
        ]


def test_a_backup_holds_rows_and_files_and_no_keys(desk: Home, backup: Path) -> None:
    secret = Path(key_of(desk)).read_text().split()[-1]
    content = backup.read_bytes()
    assert secret.encode() not in content
    assert oct(backup.stat().st_mode & 0o777) == "0o600"
    assert sorted(os.listdir(backup.parent)) == ["monday.tar"]  # nothing half made beside it
    counts = {name: each["rows"] for name, each in manifest_of(backup)["tables"].items()}
    there = desk.count_all()
    # The note of the backup itself is made after it.
    later = {"events_eventrow", "settings_setting", "django_migrations", "django_session"}
    assert {n: c for n, c in counts.items() if n not in later} == {
        n: c for n, c in there.items() if n not in later
    }
    assert manifest_of(backup)["files"] == {
        "included": True,
        "count": 1,
        "bytes": len("Накладная 12".encode()) * 20_000,
        "missing": [],
    }


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_restored_desk_is_the_same_and_numbers_are_not_given_twice(
    desk: Home, backup: Path, tmp_path: Path, target: str, request: pytest.FixtureRequest
) -> None:
    new = Home(tmp_path / "new")
    if target == "postgresql":
        new = new.on(new_database(request.getfixturevalue("postgres_server")))
    refused = new.otklik("restore", str(backup), fails=True)
    assert "is missing" in refused
    assert "--without-key" in refused
    assert not (new.path / "otklik.sqlite3").exists()
    said = new.otklik("restore", str(backup), "--key", key_of(desk))
    assert "counts and hashes equal" in said
    assert new.sql(TALK) == desk.sql(TALK)
    stored = list((new.path / "files").glob("??/??/*"))
    assert [path.name for path in stored] == [
        path.name for path in (desk.path / "files").glob("??/??/*")
    ]
    before = max(row[0] for row in desk.sql("SELECT number FROM tickets_ticket"))
    opened = new.python(
        "import django; django.setup()\n"
        "from otklik.people.models import Person\n"
        "from otklik.tickets.tests.factories import make_ticket\n"
        "ticket = make_ticket(Person.objects.get(name='Olga Nesterova'))\n"
        "print(ticket.number, ticket.pk)"
    ).split()
    assert int(opened[0]) >= before + 1_000
    assert int(opened[1]) > 100_000


def test_what_waited_is_not_sent_by_a_restored_desk_but_asked_about(
    desk: Home, backup: Path, restored_once: tuple[Home, str], tmp_path: Path
) -> None:
    new, said = restored_once
    assert "not sent" in said
    waiting = new.sql("SELECT status, next_attempt_at FROM outbox_delivery WHERE key = 'waits'")
    assert waiting == [("uncertain", None)]
    live = "SELECT count(*) FROM events_eventrow WHERE dispatched_at IS NULL AND origin = 'live'"
    assert desk.sql(live)[0][0] > 25
    assert new.sql(live)[0][0] < 25
    shown = new.python(
        "import django; django.setup()\n"
        "from otklik.core.hooks.health import collect\n"
        "print([str(item.title) for item in collect()])"
    )
    assert "This desk was restored from a backup" in shown
    sent = Home(tmp_path / "sent")
    sent.otklik("restore", str(backup), "--key", key_of(desk), "--send-waiting")
    assert sent.sql("SELECT status FROM outbox_delivery WHERE key = 'waits'") == [("queued",)]


def test_a_lost_key_file_is_said_plainly_and_one_can_go_on(backup: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.otklik("init")
    shutil.rmtree(tmp_path / "other" / "run")
    (tmp_path / "other" / "otklik.sqlite3").unlink()
    refused = other.otklik("restore", str(backup), fails=True)
    assert "not the one this backup was sealed with" in refused
    said = other.otklik("restore", str(backup), "--without-key")
    assert "The key file is not the one of the backup" in said
    assert "ok      Key file" in other.python(
        "from otklik.project.cli import main; main(['check'])"
    )


def test_a_desk_that_has_rows_is_not_overwritten_unasked(
    desk: Home, backup: Path, restored: Home
) -> None:
    new = restored
    new.sql("UPDATE tickets_messagebody SET text = 'changed since'")
    assert "not empty" in new.otklik("restore", str(backup), fails=True)
    said = new.otklik("restore", str(backup), "--replace")
    assert "What was there is kept in" in said
    assert new.sql(TALK) == desk.sql(TALK)


@pytest.mark.parametrize("harm", ["cut", "changed row", "changed file", "other"])
def test_a_damaged_backup_changes_nothing(
    desk: Home, backup: Path, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "broken.tar"
    content = bytearray(backup.read_bytes())
    with tarfile.open(backup) as archive:
        rows = archive.getmember("tables/tickets_ticket/000001.jsonl.gz")
        file = next(info for info in archive.getmembers() if info.name.startswith("files/"))
    if harm == "cut":
        content = content[: len(content) // 2]
    elif harm == "changed row":
        content[rows.offset_data + rows.size // 2] ^= 1
    elif harm == "changed file":
        content[file.offset_data + 100] ^= 1
    else:
        content = bytearray(b"From: olga\n\nnot a backup")
    path.write_bytes(content)
    with pytest.raises(Unusable):
        verify(path)
    if harm == "changed row":
        new = Home(tmp_path / "new")
        said = new.otklik("restore", str(path), "--key", key_of(desk), fails=True)
        assert "Nothing was changed" in said
        assert not (new.path / "otklik.sqlite3").exists()


def test_a_restore_that_was_interrupted_leaves_the_desk_closed_until_it_is_repeated(
    backup: Path, restored: Home
) -> None:
    new = restored
    new.sql("CREATE TABLE otklik_standing (name varchar(200) PRIMARY KEY, value text)")
    new.sql("""INSERT INTO otklik_standing VALUES ('incoming', '{"how": "restore"}')""")
    new.sql("DELETE FROM outbox_deliveryrecipient")
    assert "has not ended" in new.otklik("worker", fails=True)
    new.otklik("restore", str(backup))
    assert new.sql("SELECT count(*) FROM outbox_deliveryrecipient") == [(1,)]


def test_a_newer_schema_is_refused_by_every_command_that_works_on_it(restored: Home) -> None:
    new = restored
    moment = datetime.now(UTC).isoformat()
    new.sql(
        "INSERT INTO django_migrations (app, name, applied)"
        f" VALUES ('tickets', '0999_later', '{moment}')"
    )
    for command in (["up"], ["worker"], ["upgrade"], ["backup"]):
        assert "newer release" in new.otklik(*command, fails=True), command


def test_rotation_keeps_the_newest_and_only_our_own(desk: Home, tmp_path: Path) -> None:
    for day in ("20260101-000000", "20260102-000000", "20260103-000000"):
        (tmp_path / f"otklik-backup-{day}.tar").write_text("old")
    (tmp_path / "holiday.tar").write_text("mine")
    said = desk.otklik("backup", "--to", f"{tmp_path}/", "--keep", "2", "--without-files")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert "Removed: otklik-backup-20260101-000000.tar" in said
    assert left[0] == "holiday.tar"
    assert left[1] == "otklik-backup-20260103-000000.tar"
    assert len(left) == 3


def test_a_full_disk_leaves_no_backup_and_says_so(desk: Home, tmp_path: Path) -> None:
    # RLIMIT_FSIZE makes writes fail as a full disk does, and wants no file system of its own.
    code = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from otklik.project.start import set_up
set_up()
import otklik.project.keeping.snapshot
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
from otklik.project.cli import main
sys.stdout.write(str(main(["backup", "--to", {str(tmp_path / "b.tar")!r}])))
"""
    said = desk.python(code)
    assert said.endswith("1")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_has_left_goes_with_the_next(restored: Home, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [*PROGRAM, "backup", "--to", f"{tmp_path}/"],
        env=restored.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while child.poll() is None and not list(tmp_path.glob(".*.part")):
        time.sleep(0.005)
    child.kill()
    child.wait()
    (tmp_path / ".otklik-backup-x.tar.0123456789ab.part").touch()  # another desk's, under way
    restored.otklik("backup", "--to", f"{tmp_path}/", "--verify")
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert left == [".otklik-backup-x.tar.0123456789ab.part"]


def test_files_that_are_gone_are_counted_and_the_exit_code_says_so(
    restored: Home, tmp_path: Path
) -> None:
    new = restored
    for path in (new.path / "files").glob("??/??/*"):
        path.unlink()
    said = new.otklik("backup", "--to", str(tmp_path / "b.tar"), fails=True)
    assert "1 files that messages name are not in the store" in said
    assert len(manifest_of(tmp_path / "b.tar")["files"]["missing"]) == 1


def test_a_backup_while_others_write_is_of_one_moment(desk: Home, tmp_path: Path) -> None:
    stop, written = threading.Event(), threading.Event()

    def write_pairs() -> None:
        with closing(sqlite3.connect(desk.path / "otklik.sqlite3", timeout=20)) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute(
                    "INSERT INTO settings_setting (key, value, updated_at)"
                    " VALUES (?, '1', '2026-01-01 00:00:00')",
                    [f"pair:{number}"],
                )
                connection.execute(
                    "INSERT INTO tickets_tag (name, key) VALUES (?1, ?1)",
                    [f"pair:{number}"],
                )
                connection.commit()
                written.set()

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        assert written.wait(30)
        desk.otklik("backup", "--to", str(tmp_path / "b.tar"), "--verify")
    finally:
        stop.set()
        writer.join()
        desk.sql("DELETE FROM settings_setting WHERE key LIKE 'pair:%'")
        desk.sql("DELETE FROM tickets_tag WHERE name LIKE 'pair:%'")
    pairs = [
        sum(line.count(b"pair:") for line in lines_of(tmp_path / "b.tar", table))
        for table in ("settings_setting", "tickets_tag")
    ]
    # A tag says its name twice.
    assert pairs[0] * 2 == pairs[1] > 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("files/../../" + "a" * 64, tarfile.REGTYPE),
        ("files/aa/bb/" + "a" * 64, tarfile.SYMTYPE),
        ("files/aa/bb/authorized_keys", tarfile.REGTYPE),
    ],
)
def test_a_backup_somebody_put_together_leads_nowhere_else(
    tmp_path: Path, name: str, kind: bytes
) -> None:
    path = tmp_path / "made.tar"
    with tarfile.open(path, "w") as made:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        made.addfile(info)
    with pytest.raises(Unusable, match="a part that no backup has"):
        verify(path)
