"""Small contents are committed with the rows that hold them."""

from __future__ import annotations

import hashlib
import os

import pytest

from otklik.core import files
from otklik.core.db import write
from otklik.core.files.inline import MAX_INLINE
from otklik.core.files.models import Blob, InlineContent
from otklik.core.files.tasks import purge_blobs

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]


def read(blob: Blob) -> bytes:
    with files.open_blob(blob) as stream:
        return stream.read()


LETTER = "From: olga@polden.example\r\n\r\nКофемашина не греет воду\r\n".encode()


def test_a_small_content_is_stored_with_its_holder_and_is_nowhere_without_one():
    offered = files.offer_blob(LETTER)
    assert not Blob.objects.exists()
    with write():
        files.hold(offered)
    blob = Blob.objects.get()
    assert (blob.refs, blob.storage_key, blob.size) == (1, "", len(LETTER))
    assert blob.sha256 == hashlib.sha256(LETTER).hexdigest()
    assert read(blob) == LETTER
    assert files.verify(blob)


def test_a_holder_that_fails_leaves_nothing():
    def hold_and_fail() -> None:
        with write():
            files.hold(files.offer_blob(LETTER))
            raise RuntimeError("the ticket cannot be opened")

    with pytest.raises(RuntimeError):
        hold_and_fail()
    assert not Blob.objects.exists()
    assert not InlineContent.objects.exists()


def test_the_same_content_is_one_however_it_came():
    upload = files.store_blob(LETTER)
    with write():
        files.hold(upload)
        files.hold(files.offer_blob(LETTER))
    small = os.urandom(64)
    with write():
        files.hold(files.offer_blob(small))
        files.hold(files.offer_blob(small))
    again = files.store_blob(small)
    assert [blob.refs for blob in Blob.objects.order_by("id")] == [2, 2]
    assert read(again) == small
    assert read(Blob.objects.first()) == LETTER


def test_a_large_content_is_a_file_at_once():
    large = os.urandom(MAX_INLINE + 1)
    offered = files.offer_blob(large)
    assert offered.pk
    assert offered.storage_key
    with write():
        files.hold(offered)
    assert read(Blob.objects.get()) == large
    with pytest.raises(files.FileTooLarge):
        files.offer_blob(b"12345", max_size=4)


def test_what_nobody_holds_is_purged_and_what_is_being_removed_is_not_held():
    offered = files.offer_blob(LETTER)
    with write():
        files.hold(offered)
        files.release(Blob.objects.get())
    Blob.objects.update(seen_at="2026-01-01T00:00:00Z", deleting_since="2026-01-03T00:00:00Z")
    with pytest.raises(files.BlobGone), write():
        files.hold(files.offer_blob(LETTER))
    purge_blobs()
    assert not Blob.objects.exists()
    assert not InlineContent.objects.exists()
    with write():
        files.hold(offered)
    assert read(Blob.objects.get()) == LETTER
