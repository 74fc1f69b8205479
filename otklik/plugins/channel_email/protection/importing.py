"""What is in a key file: PEM, DER, PKCS #12 or OpenPGP, armoured or not. Nothing is stored here."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from django.utils.translation import gettext as _

from . import pgp
from .keys import MAX_FILE
from .smime import addresses_of, name_of

_ADDRESS = re.compile(r"<([^<>@\s]+@[^<>@\s]+)>|^([^<>@\s]+@[^<>@\s]+)$")
_PROBLEMS = (ValueError, TypeError, UnsupportedAlgorithm)


class NotAKey(ValueError):
    """The text says to a person what is wrong with the file."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    kind: str
    fingerprint: str
    name: str
    addresses: tuple[str, ...]
    public: bytes
    private: bytes = b""
    passphrase: str = ""
    is_authority: bool = False
    expires_at: datetime | None = None


def read_key_file(data: bytes, passphrase: str = "") -> list[FoundKey]:
    """Every key in the file. Raises ``NotAKey``."""
    if len(data) > MAX_FILE:
        raise NotAKey(_("The file is too large for a key."))
    if b"-----BEGIN PGP" in data or (data[:1] and data[0] & 0x80 and data[:1] != b"\x30"):
        return _read_pgp(data, passphrase)
    return _read_x509(data, passphrase)


def _read_pgp(data: bytes, passphrase: str) -> list[FoundKey]:
    try:
        keys = pgp.inspect(data, passphrase)
    except ValueError:
        raise NotAKey(_("No OpenPGP key could be read. Is the passphrase right?")) from None
    found = []
    for one in keys:
        matches = (_ADDRESS.search(name) for name in one["names"])
        addresses = tuple((match[1] or match[2]).lower() for match in matches if match)
        found.append(
            FoundKey(
                kind="openpgp",
                fingerprint=one["fingerprint"].lower(),
                name=(one["names"] or [one["fingerprint"]])[0][:200],
                addresses=addresses,
                public=b64decode(one["public"]),
                private=data if one["is_secret"] else b"",
                passphrase=passphrase if one["is_secret"] else "",
                expires_at=_moment(one["expires"]),
            )
        )
    return found


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _read_x509(data: bytes, passphrase: str) -> list[FoundKey]:
    secret = passphrase.encode() or None
    private = None
    if b"-----BEGIN" in data:
        certificates = _quietly(x509.load_pem_x509_certificates, data) or []
        if b"PRIVATE KEY-----" in data:
            private = _private(data, secret)
    else:
        private, certificates = _from_der(data, secret)
    if not certificates:
        raise NotAKey(_("The file holds no certificate. Is the passphrase right?"))
    return [_found(one, private) for one in certificates]


def _from_der(data: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    single = _quietly(x509.load_der_x509_certificate, data)
    if single is not None:
        return None, [single]
    try:
        private, own, others = pkcs12.load_key_and_certificates(data, secret)
        return private, [one for one in (own, *others) if one is not None]
    except _PROBLEMS:
        return None, _quietly(pkcs7.load_der_pkcs7_certificates, data) or []


def _quietly(load, data: bytes):  # type: ignore[no-untyped-def]
    try:
        return load(data)
    except _PROBLEMS:
        return None


def _private(data: bytes, secret: bytes | None) -> object:
    start = data.rfind(b"-----BEGIN", 0, data.find(b"PRIVATE KEY-----"))
    try:
        return serialization.load_pem_private_key(data[start:], secret)
    except _PROBLEMS:
        raise NotAKey(_("The private key could not be opened. Is the passphrase right?")) from None


def _found(certificate: x509.Certificate, private: object) -> FoundKey:
    public = certificate.public_bytes(serialization.Encoding.DER)
    is_own = isinstance(private, rsa.RSAPrivateKey) and (
        private.public_key() == certificate.public_key()
    )
    secret = b""
    if is_own and isinstance(private, rsa.RSAPrivateKey):
        secret = private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        is_authority = constraints.value.ca
    except (x509.ExtensionNotFound, ValueError):
        is_authority = False
    return FoundKey(
        kind="smime",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        name=name_of(certificate),
        addresses=addresses_of(certificate),
        public=public,
        private=secret,
        is_authority=is_authority,
        expires_at=certificate.not_valid_after_utc,
    )
