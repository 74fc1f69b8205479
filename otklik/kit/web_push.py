"""Web push: messages that only one browser can read (RFC 8291), signed by who sends (RFC 8292)."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RECORD = 4096
# What services take is 4096 bytes of body: header 86, tag 16, delimiter 1 (RFC 8291, section 4).
MAX_TEXT = 3993
_CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Receiver:
    """What a browser gave: its service's address and its keys, base64url without padding."""

    endpoint: str
    p256dh: str
    auth: str


def check_receiver(receiver: Receiver) -> None:
    """Raises ValueError for keys that are no keys and an address that is not https."""
    parts = urlsplit(receiver.endpoint)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise ValueError("the address of a push service begins with https://")
    if len(receiver.endpoint) > 2000 or not receiver.endpoint.isascii():
        raise ValueError("the address is too long or not ASCII")
    if len(decode(receiver.auth)) != 16:
        raise ValueError("the authentication secret has 16 bytes")
    _public(receiver.p256dh)


def encrypt(
    text: bytes,
    receiver: Receiver,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """One record of ``aes128gcm`` (RFC 8188). ``salt`` and ``own`` are drawn, and given in tests
    alone. Raises ValueError for keys that are no keys and a text above MAX_TEXT bytes."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"a push holds at most {MAX_TEXT} bytes")
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(_CURVE)
    theirs = _public(receiver.p256dh)
    sender = _point(own.public_key())
    key, nonce = derive_keys(
        own.exchange(ec.ECDH(), theirs), decode(receiver.auth), _point(theirs), sender, salt
    )
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(sender)]) + sender + sealed


def derive_keys(
    shared: bytes, auth: bytes, receiver: bytes, sender: bytes, salt: bytes
) -> tuple[bytes, bytes]:
    """(content key, nonce) of RFC 8291, section 3.4; points are uncompressed."""
    info = b"WebPush: info\x00" + receiver + sender
    material = _hkdf(auth, shared, info, 32)
    return (
        _hkdf(salt, material, b"Content-Encoding: aes128gcm\x00", 16),
        _hkdf(salt, material, b"Content-Encoding: nonce\x00", 12),
    )


def new_key() -> tuple[str, str]:
    """(public point, private scalar) of a sender, base64url."""
    made = ec.generate_private_key(_CURVE)
    scalar = made.private_numbers().private_value.to_bytes(32, "big")
    return encode(_point(made.public_key())), encode(scalar)


def read_key(private: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError for what is no key."""
    return ec.derive_private_key(int.from_bytes(decode(private), "big"), _CURVE)


def authorization(endpoint: str, private: str, *, subject: str, expires: int) -> str:
    """The header that says who sends (RFC 8292): ``subject`` is a mailto: or https: address,
    ``expires`` seconds since 1970, at most a day ahead."""
    parts = urlsplit(endpoint)
    key = read_key(private)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": expires, "sub": subject}
    signed = ".".join(_json(part) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={encode(_point(key.public_key()))}"


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """base64url with or without padding. Raises ValueError."""
    if len(text) > 400 or not text.isascii():
        raise ValueError("no key")
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _json(part: object) -> str:
    return encode(json.dumps(part, separators=(",", ":")).encode())


def _public(text: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode(text))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=salt, info=info).derive(material)
