import socket

import pytest
from moto.server import ThreadedMotoServer

from otklik.core import files
from otklik.core.files import stores
from otklik.core.files.models import Blob
from otklik.core.files.tasks import purge_blobs
from otklik.core.files.tests.test_blobs import make_old, read
from otklik.core.settings import config

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def s3_server():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server, tmp_path, monkeypatch):
    url = f"s3+http://key:sec%2Fret@{s3_server}/desk/files"
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OTKLIK_FILES_URL", url)
    config.cache_clear()
    store = stores.current_store()
    store._client.create_bucket(Bucket="desk")
    yield store
    monkeypatch.undo()
    config.cache_clear()


def test_contents_live_in_the_bucket_and_not_on_this_machine(bucket, tmp_path):
    blob = files.store_blob(b"x" * 1_000_000)
    assert bucket.prefix == "files/"
    assert files.store_blob(b"x" * 1_000_000) == blob
    assert read(blob) == b"x" * 1_000_000
    assert files.verify(blob)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_purge_empties_the_bucket(bucket):
    blob = files.store_blob(b"old")
    make_old(blob)
    purge_blobs()
    assert not bucket.has(blob.storage_key)
    with pytest.raises(files.StorageError):
        files.open_blob(blob)


def test_a_bucket_out_of_reach_is_a_storage_error(monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
        monkeypatch.setenv("OTKLIK_FILES_URL", f"s3+http://k:s@127.0.0.1:{port}/desk")
        config.cache_clear()
        with pytest.raises(files.StorageError):
            files.store_blob(b"x")
    monkeypatch.undo()
    config.cache_clear()
    assert not Blob.objects.exists()
