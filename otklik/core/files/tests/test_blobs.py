import errno
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from otklik.core import files
from otklik.core.files import stores
from otklik.core.files.models import Blob
from otklik.core.files.tasks import purge_blobs
from otklik.core.settings import config

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

RECEIPT = "Чек № 1024".encode()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OTKLIK_FILES_URL", raising=False)
    config.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    config.cache_clear()


def kept(home):
    return sorted(path for path in (home / "files").rglob("*") if path.is_file())


def make_old(blob, days=2):
    Blob.objects.filter(pk=blob.pk).update(seen_at=timezone.now() - timedelta(days=days))


def read(blob):
    with files.open_blob(blob) as stream:
        return stream.read()


def test_equal_contents_are_stored_once(home):
    first = files.store_blob(RECEIPT)
    assert files.store_blob(io.BytesIO(RECEIPT)) == first
    assert files.store_blob(iter([RECEIPT[:3], RECEIPT[3:]])) == first
    other = files.store_blob(b"")
    assert (first.size, first.content_type, first.refs) == (len(RECEIPT), "text/plain", 0)
    assert other.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert first.storage_key == f"{first.sha256[:2]}/{first.sha256[2:4]}/{first.sha256}"
    assert len(kept(home)) == 2
    assert read(first) == RECEIPT
    assert files.verify(first)


def test_files_are_for_the_owner_only(home):
    previous = os.umask(0)
    try:
        files.store_blob(RECEIPT)
    finally:
        os.umask(previous)
    for path in (home / "files").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_what_is_too_large_leaves_nothing(home):
    with pytest.raises(files.FileTooLarge):
        files.store_blob(iter([b"x" * 600, b"x" * 600]), max_size=1199)
    assert kept(home) == []
    assert not Blob.objects.exists()
    assert files.store_blob(b"x" * 1200, max_size=1200).size == 1200


def test_a_full_disk_has_its_own_error_and_leaves_nothing(home, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("fsync", "link"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, full)
            with pytest.raises(files.StorageFull):
                files.store_blob(RECEIPT)
        assert kept(home) == []
        assert not Blob.objects.exists()
    assert files.store_blob(RECEIPT)


def test_a_real_full_device_is_reported():
    # Writing to it fails as on a full disk, with nothing patched.
    with (
        open("/dev/full", "wb", buffering=0) as device,
        pytest.raises(OSError, match="space") as caught,
    ):
        device.write(b"x")
    assert isinstance(stores.as_storage_error(caught.value), files.StorageFull)
    assert not isinstance(stores.as_storage_error(OSError(errno.EIO, "")), files.StorageFull)


def test_a_stream_that_breaks_leaves_nothing(home):
    def broken():
        yield b"half"
        raise ConnectionResetError("gone")

    with pytest.raises(files.StorageError):
        files.store_blob(broken())
    assert kept(home) == []


@pytest.mark.parametrize("key", ["", "/etc/hosts", "../otklik.sqlite3", "ab/../../../x", "a\0b"])
def test_no_key_leads_out_of_the_folder(tmp_path, key):
    store = stores.LocalStore(tmp_path / "files")
    spool = tmp_path / "spool"
    spool.write_bytes(b"x")
    for ask in (store.open, store.has, store.delete, lambda named: store.put(named, spool)):
        with pytest.raises(files.StorageError):
            ask(key)


def test_a_file_system_without_hard_links_will_do(home, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    blob = files.store_blob(RECEIPT)
    assert read(blob) == RECEIPT
    assert len(kept(home)) == 1


def test_holders_are_counted_with_their_transaction():
    blob = files.store_blob(RECEIPT)
    with transaction.atomic():
        files.hold(blob)
        files.hold(blob)
    with transaction.atomic():
        files.hold(blob)
        transaction.set_rollback(True)
    blob.refresh_from_db()
    assert blob.refs == 2
    files.release(blob)
    files.release(blob)
    with pytest.raises(IntegrityError), transaction.atomic():
        files.release(blob)
    blob.refresh_from_db()
    assert blob.refs == 0


def test_only_what_nobody_held_for_a_day_is_purged(home):
    held, fresh, old = (files.store_blob(each) for each in (b"held", b"fresh", b"old"))
    files.hold(held)
    make_old(held)
    make_old(old)
    purge_blobs()
    assert set(Blob.objects.all()) == {held, fresh}
    assert len(kept(home)) == 2
    with pytest.raises(files.BlobGone):
        files.hold(old)
    again = files.store_blob(b"old")
    assert read(again) == b"old"


def test_storing_again_keeps_a_blob_from_the_purge():
    blob = files.store_blob(RECEIPT)
    make_old(blob)
    files.store_blob(RECEIPT)
    purge_blobs()
    assert read(blob) == RECEIPT


def test_what_a_dead_purge_left_behind_is_stored_anew(home):
    blob = files.store_blob(RECEIPT)
    (home / "files" / blob.storage_key).unlink()
    Blob.objects.update(deleting_since=timezone.now() - timedelta(hours=1))
    with pytest.raises(files.BlobGone):
        files.hold(blob)
    again = files.store_blob(RECEIPT)
    files.hold(again)
    assert read(again) == RECEIPT


def test_storing_waits_for_a_purge_of_the_same_content(monkeypatch):
    blob = files.store_blob(RECEIPT)
    Blob.objects.update(deleting_since=timezone.now())
    waits = []

    def purge_ends(seconds):
        waits.append(seconds)
        Blob.objects.all().delete()

    monkeypatch.setattr("otklik.core.files.blobs.time.sleep", purge_ends)
    again = files.store_blob(RECEIPT)
    assert waits
    assert again.pk != blob.pk


def test_damage_is_noticed(home):
    blob = files.store_blob(RECEIPT)
    (home / "files" / blob.storage_key).write_bytes(b"something else")
    assert not files.verify(blob)
    (home / "files" / blob.storage_key).unlink()
    assert not files.verify(blob)
    with pytest.raises(files.StorageError):
        files.open_blob(blob)
    assert files.store_blob(RECEIPT) == blob
    assert files.verify(blob)


def test_the_spool_is_swept_of_what_a_crash_left(home):
    files.store_blob(RECEIPT)
    left, running = (home / "files" / "incoming" / name for name in ("tmpleft", "tmprunning"))
    left.write_bytes(b"x")
    running.write_bytes(b"x")
    os.utime(left, (1_000_000_000, 1_000_000_000))
    purge_blobs()
    assert not left.exists()
    assert running.exists()


def test_reading_writes_nothing(django_assert_num_queries):
    blob = files.store_blob(RECEIPT)
    with django_assert_num_queries(0):
        read(blob)
    assert connection.in_atomic_block is False


def test_many_who_store_the_same_content_at_once_get_one_blob(home):
    content = b"x" * 100_000

    def store(_number):
        try:
            return files.store_blob(content).pk
        finally:
            connection.close()

    if connection.vendor == "postgresql":
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(store, range(24)))
    else:  # the tests' SQLite is one connection in memory, and its writers take turns anyway
        found = {files.store_blob(content).pk for _ in range(3)}
    assert len(found) == 1
    assert len(kept(home)) == 1
