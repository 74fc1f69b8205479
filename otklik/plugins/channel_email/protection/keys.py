"""The keys of the desk as a reader gets them, and what is found out about a letter with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_FILE = 200_000  # bytes of a file with keys


class Signature(StrEnum):
    """What a signature is worth. The names are public (REST) and final."""

    VALID = "valid"
    INVALID = "invalid"  # the words were changed, or the signature is broken
    UNKNOWN_ISSUER = "unknown_issuer"  # holds, but nobody the desk trusts vouches for the signer
    UNKNOWN_KEY = "unknown_key"  # OpenPGP: the signer's key is not in the desk's store
    EXPIRED = "expired"  # holds, but the certificate was out of date when the letter came
    OTHER_SENDER = "other_sender"  # holds, but belongs to another address than the sender's
    PARTIAL = "partial"  # holds, but not all that is shown was signed
    UNCHECKED = "unchecked"  # of a kind this desk cannot check


class Encryption(StrEnum):
    """Whether an encrypted letter could be read. The names are public (REST) and final."""

    DECRYPTED = "decrypted"
    NO_KEY = "no_key"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SmimeKey:
    """A certificate (DER), with its private key (PKCS #8 DER) when it is the desk's own."""

    certificate: bytes
    private: bytes = b""


@dataclass(frozen=True, slots=True)
class PgpKey:
    """An OpenPGP certificate; ``secret`` with its private part, for decryption."""

    public: bytes
    secret: bytes = b""
    passphrase: str = ""
    fingerprint: str = ""  # lower case
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """Everything the desk can decrypt and verify with."""

    smime: tuple[SmimeKey, ...] = ()
    pgp: tuple[PgpKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a signature: whose it is, as an address where there is one."""

    signature: Signature
    signer: str = ""
    addresses: tuple[str, ...] = ()
