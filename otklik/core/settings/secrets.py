"""Secrets kept beside the database, never in it: one key file, several keys, rotation.

Each line of the file is ``<key id> <32 bytes, base64url>``; the last line is the current key,
the others only read. Sealed text is ``<key id>:<base64url(nonce + AES-256-GCM)>``; every purpose
has a key of its own by HKDF-SHA256 (RFC 5869). Key ids hold random letters, so that a key file
made anew is never taken for the one that was lost. Needs no Django.
"""

from __future__ import annotations

import hmac
import os
import secrets as random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from otklik.core.settings.config import ConfigError, config

_NONCE = 12


class SecretError(Exception):
    """A sealed text or a key cannot be used; the message is a sentence for the operator."""


class UnknownKey(SecretError):
    """Sealed with a key that the key file does not hold."""


class BrokenSeal(SecretError):
    """Not a sealed text, cut short, or changed since it was sealed."""


@dataclass(frozen=True)
class KeyRing:
    """The keys of one file by id, oldest first."""

    path: Path
    keys: dict[str, bytes] = field(repr=False)
    changed_at: int = 0  # modification time of the file, nanoseconds

    @property
    def current(self) -> str:
        return next(reversed(self.keys))

    def derive(self, purpose: str, key_id: str = "") -> bytes:
        """32 bytes for one purpose, of the current key or of the one named."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        material = self.keys[key_id or self.current]
        return HKDF(SHA256(), 32, salt=None, info=f"otklik {purpose}".encode()).derive(material)


def seal(text: str) -> str:
    """Encrypt with the current key; the same text gives another token each time."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    ring = key_ring()
    nonce = os.urandom(_NONCE)
    cipher = AESGCM(derive("seal"))
    return f"{ring.current}:{_encode(nonce + cipher.encrypt(nonce, text.encode(), None))}"


def unseal(token: str) -> str:
    """The text that was sealed. Raises ``UnknownKey`` or ``BrokenSeal``."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key_id, divider, body = token.partition(":")
    if not divider:
        raise BrokenSeal("This is no sealed text.")
    cipher = AESGCM(_derived("seal", _known(key_id)))
    try:
        data = _decode(body)
        return cipher.decrypt(data[:_NONCE], data[_NONCE:], None).decode()
    except (InvalidTag, ValueError):
        raise BrokenSeal("A stored secret is damaged and has to be entered again.") from None


def is_current(token: str) -> bool:
    """Whether a sealed text was made with the current key (else it waits to be sealed anew)."""
    return token.partition(":")[0] == key_ring().current


def derive(purpose: str) -> bytes:
    """32 bytes of the current key for one purpose; stable until the key is rotated."""
    return _derived(purpose, key_ring().current)


def derive_all(purpose: str) -> dict[str, bytes]:
    """The same purpose under every key, current first: what was made before a rotation counts."""
    ring = key_ring()
    return {key_id: _derived(purpose, key_id) for key_id in reversed(ring.keys)}


def sign(purpose: str, text: str) -> str:
    """``<key id>.<HMAC-SHA256, base64url>`` over a text, not the text itself."""
    return f"{key_ring().current}.{_encode(_mac(derive('sign ' + purpose), text))}"


def verify(purpose: str, text: str, signature: str) -> bool:
    """Whether ``signature`` was made by ``sign`` with any key of ours; never raises."""
    key_id, _, written = signature.partition(".")
    if key_id not in _ring_with(key_id).keys:
        return False
    try:
        given = _decode(written)
    except ValueError:
        return False
    return hmac.compare_digest(given, _mac(_derived("sign " + purpose, key_id), text))


def django_secret_keys() -> tuple[str, list[str]]:
    """``SECRET_KEY`` and ``SECRET_KEY_FALLBACKS``."""
    found = [value.hex() for value in derive_all("django").values()]
    return found[0], found[1:]


@lru_cache(maxsize=1)
def key_ring() -> KeyRing:
    """The keys of this installation; made on the very first start.

    Raises ``ConfigError`` when the file is missing although there is a database already.
    """
    path = config().key_file
    if not path.exists():
        database = config().database
        if database.kind == "sqlite" and _has_content(Path(database.name)):
            raise ConfigError(
                f"The key file {path} is missing, but the database {database.name} exists. "
                "Put the key file back from your backup: without it no stored password and no "
                "link that was sent can be read. If it is lost for good, run: "
                "otklik key rotate --lost"
            )
        _write_first(path)
    return read_ring(path)


def read_ring(path: Path) -> KeyRing:
    """Read a key file. Raises ``ConfigError`` when unreadable, open to others or empty."""
    try:
        changed_at = path.stat().st_mtime_ns
        is_open = path.stat().st_mode & 0o077
        lines = path.read_text("ascii").splitlines()
    except OSError as error:
        raise ConfigError(f"The key file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The key file {path} is damaged.") from None
    if is_open:
        raise ConfigError(f"The key file {path} is open to other users. Run: chmod 600 {path}")
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("#"):
            continue
        key_id, _, written = line.partition(" ")
        try:
            key = _decode(written.strip())
        except ValueError:
            key = b""
        if len(key) != 32 or not key_id.isalnum() or key_id in keys:
            raise ConfigError(f"The key file {path} is damaged in line {number}.")
        keys[key_id] = key
    if not keys:
        raise ConfigError(f"The key file {path} holds no key.")
    return KeyRing(path, keys, changed_at)


def add_key() -> str:
    """Make a new current key and keep the old ones for reading. Returns its id."""
    path = config().key_file
    ring = read_ring(path) if path.exists() else None
    number = len(ring.keys) + 1 if ring else 1
    key_id, line = _new_line(number)
    old = path.read_text("ascii").rstrip("\n") + "\n" if ring else ""
    _write(path, old + line)
    forget_ring()
    return key_id


def forget_ring() -> None:
    """Read the file anew at the next use (after a rotation, and in tests)."""
    key_ring.cache_clear()
    _derived.cache_clear()


@lru_cache(maxsize=256)
def _derived(purpose: str, key_id: str) -> bytes:
    return key_ring().derive(purpose, key_id)


def _known(key_id: str) -> str:
    ring = _ring_with(key_id)
    if key_id not in ring.keys:
        raise UnknownKey(
            f'A stored secret was sealed with the key "{key_id[:20]}", which {ring.path} does not '
            "hold. Put the right key file back from your backup, or enter the secret again."
        )
    return key_id


def _ring_with(key_id: str) -> KeyRing:
    """The ring, read anew when it lacks the key: another process may have rotated meanwhile."""
    ring = key_ring()
    if key_id not in ring.keys and ring.changed_at != _changed_at(ring.path):
        forget_ring()
        ring = key_ring()
    return ring


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _new_line(number: int) -> tuple[str, str]:
    key_id = f"k{number}{random.token_hex(3)}"
    return key_id, f"{key_id} {_encode(random.token_bytes(32))}\n"


def _write_first(path: Path) -> None:
    _, line = _new_line(1)
    header = "# Keys of this Otklik. Keep a copy away from the database backups.\n"
    _write(path, header + line, is_first=True)


def _write(path: Path, content: str, *, is_first: bool = False) -> None:
    """Replace the file so that a power cut leaves the old or the new one, never half."""
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{random.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if is_first:
            # Two processes may start at once: only one link succeeds, both read its key.
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        else:
            fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigError(f"The key file {path} cannot be written: {error.strerror}.") from None
