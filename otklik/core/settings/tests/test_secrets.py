import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.core.settings import config, secrets
from otklik.core.settings.config import ConfigError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    monkeypatch.delenv("OTKLIK_DATABASE_URL", raising=False)
    monkeypatch.delenv("OTKLIK_SECRET_KEY_FILE", raising=False)
    config.cache_clear()
    secrets.forget_ring()
    yield tmp_path
    monkeypatch.undo()
    config.cache_clear()
    secrets.forget_ring()


def test_what_was_sealed_opens_and_what_was_changed_does_not(home: Path) -> None:
    token = secrets.seal("пароль")
    assert secrets.unseal(token) == "пароль"
    assert secrets.seal("пароль") != token
    key_id, _, body = token.partition(":")
    middle = len(body) // 2
    changed = body[:middle] + ("A" if body[middle] != "A" else "B") + body[middle + 1 :]
    for broken in (f"{key_id}:{changed}", f"{key_id}:", f"{key_id}:AAAA", "no token"):
        with pytest.raises(secrets.BrokenSeal):
            secrets.unseal(broken)


def test_the_key_file_and_its_folder_are_closed_to_others(home: Path) -> None:
    secrets.seal("x")
    path = config().key_file
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    secrets.forget_ring()
    with pytest.raises(ConfigError, match="chmod 600"):
        secrets.seal("x")


def test_after_a_rotation_old_secrets_open_and_new_ones_use_the_new_key(home: Path) -> None:
    token, signature = secrets.seal("old"), secrets.sign("link", "42")
    old_django, _ = secrets.django_secret_keys()
    secrets.add_key()
    assert secrets.unseal(token) == "old"
    assert not secrets.is_current(token)
    assert secrets.is_current(secrets.seal("new"))
    assert secrets.verify("link", "42", signature)
    assert old_django in secrets.django_secret_keys()[1]


def test_a_signature_counts_for_its_text_and_purpose_only(home: Path) -> None:
    signature = secrets.sign("link", "42")
    assert secrets.verify("link", "42", signature)
    assert not secrets.verify("link", "43", signature)
    assert not secrets.verify("reply", "42", signature)
    assert not secrets.verify("link", "42", "")
    assert not secrets.verify("link", "42", signature[:-3] + "é!!")


def test_a_lost_key_file_is_not_made_anew_beside_a_database(home: Path) -> None:
    secrets.seal("x")
    (home / "otklik.sqlite3").write_bytes(b"SQLite format 3\0")
    config().key_file.unlink()
    secrets.forget_ring()
    with pytest.raises(ConfigError, match="Put the key file back"):
        secrets.seal("x")
    assert not config().key_file.exists()


def test_another_installations_key_is_named_not_guessed(home: Path) -> None:
    token = secrets.seal("x")
    config().key_file.unlink()
    secrets.forget_ring()
    with pytest.raises(secrets.UnknownKey, match="Put the right key file back"):
        secrets.unseal(token)


def test_a_process_sees_a_key_that_another_process_added(home: Path) -> None:
    secrets.seal("x")
    code = "from otklik.core.settings import secrets; secrets.add_key(); print(secrets.seal('y'))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert secrets.unseal(done.stdout.strip()) == "y"


def test_damaged_key_files_are_named_by_line(home: Path) -> None:
    path = config().key_file
    path.parent.mkdir(mode=0o700)
    path.write_text("# comment\nk1 short\n")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="damaged in line 2"):
        secrets.seal("x")
