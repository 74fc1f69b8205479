"""The desk's keys in memory: read from the database when a letter needs them."""

from __future__ import annotations

import threading
import time
from base64 import b64decode
from dataclasses import dataclass, field

import structlog

from .keys import DeskKeys, PgpKey, SmimeKey

logger = structlog.get_logger(__name__)

FRESH_FOR = 15.0  # seconds: other processes import keys, too
MAX_KEYS = 2000


@dataclass(slots=True)
class KeyStore:
    """Thread-safe. Never touches the database until the first signed or encrypted letter."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _keys: DeskKeys = field(default_factory=DeskKeys)
    _read_at: float = -1e9

    def load(self) -> DeskKeys:
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_FOR:
                self._keys = _read()
                self._read_at = time.monotonic()
            return self._keys

    def forget(self) -> None:
        self._read_at = -1e9


def _read() -> DeskKeys:
    from otklik.core.settings.secrets import SecretError

    from .rows import DeskKey

    smime: list[SmimeKey] = []
    pgp: list[PgpKey] = []
    for row in DeskKey.objects.order_by("-id")[:MAX_KEYS]:
        try:
            private, passphrase = row.secret("private"), row.secret("passphrase")
        except SecretError as error:
            logger.warning("mail_key_not_opened", key=row.pk, reason=str(error))
            private = passphrase = ""
        public = b64decode(row.public)
        if row.kind == DeskKey.Kind.SMIME:
            smime.append(SmimeKey(public, b64decode(private)))
        else:
            pgp.append(PgpKey(public, b64decode(private), passphrase, row.fingerprint, row.names()))
    return DeskKeys(tuple(smime), tuple(pgp))


def owner_of(fingerprint: str, keys: DeskKeys) -> tuple[str, ...]:
    """The addresses of an OpenPGP certificate of ours."""
    found = (one for one in keys.pgp if one.fingerprint == fingerprint.lower())
    return next((one.addresses for one in found), ())


def fingerprints_of(keys: DeskKeys) -> set[str]:
    return {one.fingerprint for one in keys.pgp}


KEYS = KeyStore()
