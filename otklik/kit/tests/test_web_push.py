"""The example of RFC 8291, section 5 and appendix A, and what must be refused."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from otklik.kit.web_push import (
    MAX_TEXT,
    Receiver,
    authorization,
    check_receiver,
    decode,
    encrypt,
    new_key,
    read_key,
)

RECEIVER = Receiver(
    "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)
SENT = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)


def test_a_push_is_encrypted_as_the_standard_shows() -> None:
    sent = encrypt(
        b"When I grow up, I want to be a watermelon",
        RECEIVER,
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
        own=read_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert sent == decode_long(SENT)


def decode_long(text: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_sender_signs_for_one_service_and_anybody_can_check_it() -> None:
    public, private = new_key()
    header = authorization(
        RECEIVER.endpoint, private, subject="https://desk.example", expires=1_800_000_000
    )
    token, key = header.removeprefix("vapid t=").split(", k=")
    assert key == public
    head, claims, signature = token.split(".")
    assert json.loads(decode(claims)) == {
        "aud": "https://push.example.net",
        "exp": 1_800_000_000,
        "sub": "https://desk.example",
    }
    raw = decode(signature)
    pair = [int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")]
    checked = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(public))
    signed = f"{head}.{claims}".encode()
    checked.verify(encode_dss_signature(*pair), signed, ec.ECDSA(hashes.SHA256()))


def test_what_is_no_browser_is_refused() -> None:
    check_receiver(RECEIVER)
    point, auth = RECEIVER.p256dh, RECEIVER.auth
    for wrong in (
        Receiver("http://push.example.net/x", point, auth),
        Receiver("https://user:pw@push.example.net/x", point, auth),
        Receiver("https://push.example.net/" + "x" * 2000, point, auth),
        Receiver("https://push.example.net/ё", point, auth),
        Receiver(RECEIVER.endpoint, point[:-4] + "AAAA", auth),
        Receiver(RECEIVER.endpoint, "", auth),
        Receiver(RECEIVER.endpoint, point, "c2hvcnQ"),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - of any words
            check_receiver(wrong)
    with pytest.raises(ValueError, match="at most"):
        encrypt(b"x" * (MAX_TEXT + 1), RECEIVER)
