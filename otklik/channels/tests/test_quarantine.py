"""What could not be read waits for a reader that can."""

from __future__ import annotations

import pytest

from otklik.channels import quarantine
from otklik.channels.contract import Disposition, IntakeResult
from otklik.channels.models import Quarantined
from otklik.core import files
from otklik.desk.models import Account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """A channel "pigeon" whose reader of version 2 understands what begins with "coo"."""
    seen: list[bytes] = []

    def retry(raw: bytes, account: Account | None, row: Quarantined) -> IntakeResult:
        seen.append(raw)
        if raw == b"crash":
            raise RuntimeError("a mistake of ours")
        known = raw.startswith(b"coo")
        return IntakeResult(Disposition.OPENED if known else Disposition.QUARANTINED, reason="odd")

    monkeypatch.setattr(quarantine, "_retries", {})
    monkeypatch.setattr(quarantine, "_versions", {})
    quarantine.register_retry("pigeon", retry, version=1)
    return seen


def keep(raw: bytes) -> Quarantined:
    return quarantine.quarantine("pigeon", raw, account=None, reason="who knows")


def test_a_newer_reader_tries_again_by_itself_and_once(reader: list[bytes]) -> None:
    rows = [keep(raw) for raw in (b"coo", b"crash", b"caw")]
    quarantine.retry_after_upgrade()
    assert reader == []

    quarantine.register_retry("pigeon", quarantine._retries["pigeon"], version=2)
    quarantine.retry_after_upgrade()
    quarantine.retry_after_upgrade()

    assert reader == [b"coo", b"crash", b"caw"]
    for row in rows:
        row.refresh_from_db()
    assert [row.resolution for row in rows] == ["taken_in", "", ""]
    assert [row.reader_version for row in rows[1:]] == [2, 2]
    assert rows[2].reason == "odd"
    with files.open_blob(rows[1].raw) as stream:
        assert stream.read() == b"crash"


def test_rows_from_before_readers_were_counted_are_tried_too(reader: list[bytes]) -> None:
    row = keep(b"coo")
    Quarantined.objects.filter(pk=row.pk).update(reader_version=None)

    quarantine.retry_after_upgrade()

    row.refresh_from_db()
    assert row.resolution == "taken_in"
