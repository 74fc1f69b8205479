"""S/MIME: signatures checked, contents unpacked, decrypted with the desk's keys (RFC 8551, 5652).

The chain is followed by names and signatures to a certificate the desk trusts: one an administrator
imported, or one of the system's. Revocation is not asked for: that would tell others who writes.
"""

from __future__ import annotations

import re
import ssl
import warnings
import zlib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import algos, cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import RC2, TripleDES
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from otklik.plugins.channel_email.transfer import from_base64

from .keys import Checked, DeskKeys, Signature

MAX_CHAIN = 8
MAX_CERTIFICATES = 50
MAX_UNPACKED = 100 * 1024 * 1024
_PROBLEMS = (ValueError, TypeError, KeyError, IndexError, AttributeError, UnsupportedAlgorithm)
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
# Made collisions of these are for sale: a signature with them proves nothing.
_WEAK = {"md5"}


class Unopened(ValueError):
    """``is_keyless`` when no key of the desk fits, else the content is broken or unknown."""

    def __init__(self, words: str, *, is_keyless: bool = False) -> None:
        super().__init__(words)
        self.is_keyless = is_keyless


def load_content(data: bytes) -> tuple[str, Any]:
    """(kind, content) of a CMS structure. Raises ``Unopened``."""
    if data.lstrip().startswith(b"-----BEGIN"):
        lines = [line for line in data.split(b"\n") if b"-----" not in line]
        data = from_base64(b"".join(lines))
    try:
        info = cms.ContentInfo.load(data)
        kind = str(info["content_type"].native)
        return kind, info["content"]
    except _PROBLEMS as error:
        raise Unopened("no CMS structure") from error


def signed_content(content: Any) -> bytes | None:
    """What an opaque signature holds; None for a detached one."""
    try:
        value = content["encap_content_info"]["content"].native
    except _PROBLEMS:
        return None
    return bytes(value) if isinstance(value, bytes) else None


def decompressed(content: Any) -> bytes:
    """Raises ``Unopened``."""
    try:
        packed = bytes(content["encap_content_info"]["content"].native)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, MAX_UNPACKED)
    except (*_PROBLEMS, zlib.error) as error:
        raise Unopened("broken compressed content") from error
    if unpacker.unconsumed_tail:
        raise Unopened("compressed content is too large")
    return data


def verify(
    content: Any, signed: tuple[bytes, ...], keys: DeskKeys, *, at: datetime | None = None
) -> Checked:
    """The signature over one of ``signed`` (the same words with different line ends).

    Several signers: the best outcome counts.
    """
    try:
        certificates = _certificates(content)
        infos = list(content["signer_infos"])[:10]
    except _PROBLEMS:
        return Checked(Signature.INVALID)
    outcomes = [_verify_one(info, signed, certificates, keys, at) for info in infos]
    order = (Signature.VALID, Signature.EXPIRED, Signature.UNKNOWN_ISSUER, Signature.UNCHECKED)
    ranked = sorted(
        outcomes, key=lambda one: order.index(one.signature) if one.signature in order else 9
    )
    return ranked[0] if ranked else Checked(Signature.INVALID)


def _verify_one(
    info: Any,
    signed: tuple[bytes, ...],
    certificates: list[x509.Certificate],
    keys: DeskKeys,
    at: datetime | None,
) -> Checked:
    try:
        own = [x509.load_der_x509_certificate(one.certificate) for one in keys.smime]
        signer = _signer(info, [*certificates, *own])
        if signer is None:
            return Checked(Signature.UNKNOWN_ISSUER)
        addresses = addresses_of(signer)
        name = addresses[0] if addresses else name_of(signer)
        if not _holds(info, signed, signer):
            return Checked(Signature.INVALID, name, addresses)
        if not _is_trusted(signer, certificates, own) or not (
            signer in own or _is_for_mail(signer)
        ):
            return Checked(Signature.UNKNOWN_ISSUER, name, addresses)
        moment = at or datetime.now(UTC)
        if not signer.not_valid_before_utc <= moment <= signer.not_valid_after_utc:
            return Checked(Signature.EXPIRED, name, addresses)
        return Checked(Signature.VALID, name, addresses)
    except (*_PROBLEMS, InvalidSignature):
        return Checked(Signature.UNCHECKED)


def _certificates(content: Any) -> list[x509.Certificate]:
    found = []
    for choice in list(content["certificates"] or [])[:MAX_CERTIFICATES]:
        try:
            found.append(x509.load_der_x509_certificate(choice.chosen.dump()))
        except _PROBLEMS:
            continue
    return found


def _signer(info: Any, certificates: list[x509.Certificate]) -> x509.Certificate | None:
    sid = info["sid"]
    if sid.name == "issuer_and_serial_number":
        serial = sid.chosen["serial_number"].native
        issuer = sid.chosen["issuer"].dump()
        return next(
            (
                one
                for one in certificates
                if one.serial_number == serial and one.issuer.public_bytes() == issuer
            ),
            next((one for one in certificates if one.serial_number == serial), None),
        )
    wanted = bytes(sid.chosen.native)
    return next((one for one in certificates if _key_id(one) == wanted), None)


def _key_id(certificate: x509.Certificate) -> bytes:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (x509.ExtensionNotFound, ValueError):
        return b""
    return extension.value.digest


def _holds(info: Any, signed: tuple[bytes, ...], signer: x509.Certificate) -> bool:
    """Digest and signature (RFC 5652 §5.4, §5.6)."""
    digest_name = str(info["digest_algorithm"]["algorithm"].native)
    if digest_name in _WEAK:
        return False
    algorithm = _HASHES[digest_name]()
    attributes = info["signed_attrs"]
    signature = bytes(info["signature"].native)
    if not len(attributes):
        return any(_checks(signer, signature, data, info, algorithm) for data in signed)
    claimed = next(
        bytes(one["values"][0].native)
        for one in attributes
        if one["type"].native == "message_digest"
    )
    if not any(_digest(data, algorithm) == claimed for data in signed):
        return False
    # The set is signed with its own tag, not with the one it has inside of the structure.
    data = attributes.untag().dump() if hasattr(attributes, "untag") else attributes.dump()
    return _checks(signer, signature, b"\x31" + data[1:], info, algorithm)


def _digest(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    running = hashes.Hash(algorithm)
    running.update(data)
    return running.finalize()


def _checks(
    signer: x509.Certificate,
    signature: bytes,
    data: bytes,
    info: Any,
    algorithm: hashes.HashAlgorithm,
) -> bool:
    key = signer.public_key()
    method = info["signature_algorithm"]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            if method["algorithm"].native == "rsassa_pss":
                given = algos.RSASSAPSSParams.load(method["parameters"].dump())
                inner = _HASHES[given["hash_algorithm"]["algorithm"].native]()
                length = int(given["salt_length"].native)
                key.verify(signature, data, padding.PSS(padding.MGF1(inner), length), inner)
            else:
                key.verify(signature, data, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            raise UnsupportedAlgorithm("key")
    except InvalidSignature:
        return False
    return True


def _is_trusted(
    signer: x509.Certificate, sent: list[x509.Certificate], own: list[x509.Certificate]
) -> bool:
    trusted = {one.fingerprint(hashes.SHA256()) for one in own}
    current = signer
    for _step in range(MAX_CHAIN):
        if current.fingerprint(hashes.SHA256()) in trusted:
            return True
        roots = [*own, *_system_roots()]
        if any(one.subject == current.issuer and _issued(current, one) for one in roots):
            return True
        above = next((one for one in sent if one.subject == current.issuer), None)
        if above is None or above == current or not _issued(current, above):
            return False
        current = above
    return False


def _is_for_mail(certificate: x509.Certificate) -> bool:
    """RFC 8550 §4.4.4: a web server's certificate, which anybody gets for nothing, signs none."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    wanted = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return any(one in wanted for one in usage)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        constraint = issuer.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS)
    except x509.ExtensionNotFound:
        return False
    except (*_PROBLEMS, InvalidSignature):
        return False
    return bool(getattr(constraint.value, "ca", False))


@lru_cache(maxsize=1)
def _system_roots() -> tuple[x509.Certificate, ...]:
    path = ssl.get_default_verify_paths().cafile
    try:
        with warnings.catch_warnings():
            # Old roots number themselves in ways the library speaks of; they are trusted anyway.
            warnings.simplefilter("ignore")
            return tuple(x509.load_pem_x509_certificates(Path(path or "").read_bytes()))
    except (OSError, ValueError):
        return ()


def addresses_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The e-mail addresses a certificate speaks for, lower case."""
    found: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found += names.value.get_values_for_type(x509.RFC822Name)
    except (x509.ExtensionNotFound, ValueError):
        pass
    found += [
        str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    ]
    return tuple(dict.fromkeys(one.lower() for one in found))


def name_of(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return re.sub(r"\s+", " ", text)[:200]


def decrypt(kind: str, content: Any, keys: DeskKeys) -> bytes:
    """The content of EnvelopedData or AuthEnvelopedData. Raises ``Unopened``."""
    try:
        recipients = list(content["recipient_infos"])[:200]
    except _PROBLEMS as error:
        raise Unopened("broken encrypted content") from error
    for one in keys.smime:
        if not one.private:
            continue
        try:
            certificate = x509.load_der_x509_certificate(one.certificate)
            private = serialization.load_der_private_key(one.private, None)
            secrets = [_content_key(recipient, certificate, private) for recipient in recipients]
        except _PROBLEMS:
            continue
        for secret in secrets:
            if secret is not None:
                return _decrypted(kind, content, secret)
    raise Unopened("no key of the desk fits", is_keyless=True)


def _content_key(recipient: Any, certificate: x509.Certificate, private: Any) -> bytes | None:
    """The key of the content, when it was wrapped for this certificate."""
    if recipient.name != "ktri" or not isinstance(private, rsa.RSAPrivateKey):
        return None
    info = recipient.chosen
    rid = info["rid"]
    if rid.name == "issuer_and_serial_number":
        if rid.chosen["serial_number"].native != certificate.serial_number:
            return None
    elif bytes(rid.chosen.native) != _key_id(certificate):
        return None
    method = info["key_encryption_algorithm"]
    wrapped = bytes(info["encrypted_key"].native)
    try:
        if method["algorithm"].native == "rsaes_oaep":
            given = method["parameters"]
            inner = _HASHES[given["hash_algorithm"]["algorithm"].native]()
            mask = _HASHES[given["mask_gen_algorithm"]["parameters"]["algorithm"].native]()
            return private.decrypt(wrapped, padding.OAEP(padding.MGF1(mask), inner, None))
        return private.decrypt(wrapped, padding.PKCS1v15())
    except _PROBLEMS:
        return None


def _decrypted(kind: str, content: Any, secret: bytes) -> bytes:
    try:
        if kind == "authenticated_enveloped_data":
            inner = content["auth_encrypted_content_info"]
            nonce = bytes(inner["content_encryption_algorithm"]["parameters"].native["0"])
            data = bytes(inner["encrypted_content"].native) + bytes(content["mac"].native)
            extra = content["auth_attrs"].untag().dump() if len(content["auth_attrs"]) else None
            return AESGCM(secret).decrypt(nonce, data, extra)
        inner = content["encrypted_content_info"]
        method = inner["content_encryption_algorithm"]
        vector = bytes(method.encryption_iv)
        data = bytes(inner["encrypted_content"].native)
        cipher = _cipher(method.encryption_cipher, secret)
        decryptor = Cipher(cipher, modes.CBC(vector)).decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        remover = PKCS7(cipher.block_size).unpadder()
        return remover.update(padded) + remover.finalize()
    except (*_PROBLEMS, InvalidTag) as error:
        raise Unopened("the encrypted content is broken or of an unknown kind") from error


def _cipher(name: str, secret: bytes) -> Any:
    if name == "aes":
        return algorithms.AES(secret)
    if name == "tripledes":
        return TripleDES(secret)
    if name == "rc2":
        return RC2(secret)
    raise Unopened(f"unknown cipher {name}")
