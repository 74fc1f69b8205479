"""Signed and encrypted letters. S/MIME by OpenSSL 3, OpenPGP by GnuPG 2.2: see `messages/protected`
(authority → olga@polden.example and desk@polden.example; OpenPGP keys olga and desk@demo.example).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from otklik.channels.contract import InboundMessage
from otklik.kit.html import sanitise_mail_html
from otklik.plugins.channel_email.html_quotes import mail_html_to_text
from otklik.plugins.channel_email.protection.importing import NotAKey, read_key_file
from otklik.plugins.channel_email.protection.keys import DeskKeys, PgpKey, SmimeKey
from otklik.plugins.channel_email.reading import ReadingRules, read_message

PROTECTED = Path(__file__).parent / "messages" / "protected"
SIGNED = "Привет, подписано"
SECRET = "Привет, тайно"
FOR_MAIL, FOR_WEB = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH


def content(name: str) -> bytes:
    return (PROTECTED / name).read_bytes()


def keys(*names: tuple[str, str] | str) -> DeskKeys:
    smime: list[SmimeKey] = []
    pgp: list[PgpKey] = []
    for each in names:
        name, passphrase = each if isinstance(each, tuple) else (each, "")
        for one in read_key_file(content(name), passphrase):
            if one.kind == "smime":
                smime.append(SmimeKey(one.public, one.private))
            else:
                pgp.append(
                    PgpKey(one.public, one.private, one.passphrase, one.fingerprint, one.addresses)
                )
    return DeskKeys(tuple(smime), tuple(pgp))


def read(raw: bytes, known: DeskKeys) -> InboundMessage:
    return read_message(raw, rules=ReadingRules(keys=lambda: known))


@pytest.fixture(scope="module")
def smime_keys() -> DeskKeys:
    return keys("authority.pem", ("desk.p12", "geheim"))


@pytest.fixture(scope="module")
def pgp_keys() -> DeskKeys:
    return keys("desk_secret.asc", "olga_public.asc")


@pytest.mark.parametrize("name", ["signed", "opaque", "pss"])
def test_a_signature_that_holds_names_its_signer(name: str, smime_keys: DeskKeys) -> None:
    message = read(content(f"smime_{name}.eml"), smime_keys)

    assert message.text == SIGNED
    assert message.protection == {
        "signature": "valid",
        "signature_kind": "smime",
        "signer": "olga@polden.example",
    }
    assert message.files == ()


def test_line_ends_changed_on_the_way_break_no_signature(smime_keys: DeskKeys) -> None:
    raw = content("smime_signed.eml").replace(b"\r\n", b"\n")

    assert read(raw, smime_keys).protection["signature"] == "valid"


def test_changed_words_strangers_and_unknown_issuers_are_told_apart(smime_keys: DeskKeys) -> None:
    raw = content("smime_signed.eml")

    assert read(content("smime_forged.eml"), smime_keys).protection["signature"] == "invalid"
    assert read(raw, DeskKeys()).protection["signature"] == "unknown_issuer"
    from_mallory = raw.replace(b"From: olga@", b"From: mallory@")
    assert read(from_mallory, smime_keys).protection["signature"] == "other_sender"
    broken = raw.replace(b"smime.p7s", b"x").replace(b"\n\nMII", b"\n\nAAA")
    assert read(broken, smime_keys).protection["signature"] == "unchecked"


def test_a_signature_over_a_part_of_the_letter_says_so(smime_keys: DeskKeys) -> None:
    raw = content("smime_signed.eml")
    kind, _, rest = raw.partition(b"Content-Type: ")[2].partition(b"\n")
    outer = b"From: olga@polden.example\nContent-Type: multipart/mixed; boundary=outer\n\n"
    inner = b"--outer\nContent-Type: " + kind + b"\n" + rest
    added = b"\n--outer\nContent-Type: text/plain\n\nPay to another account\n--outer--\n"
    message = read(outer + inner + added, smime_keys)

    assert "Pay to another account" in message.text
    assert message.protection["signature"] == "partial"


@pytest.mark.parametrize(
    ("usage", "names", "expected"),
    [
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, [x509.RFC822Name("olga@polden.example")], "valid"),
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, [x509.DNSName("evil.example")], "other_sender"),
        (ExtendedKeyUsageOID.SERVER_AUTH, [x509.DNSName("evil.example")], "unknown_issuer"),
        (
            ExtendedKeyUsageOID.SERVER_AUTH,
            [x509.RFC822Name("olga@polden.example")],
            "unknown_issuer",
        ),
    ],
)
def test_a_certificate_for_something_else_vouches_for_no_sender(
    usage: x509.ObjectIdentifier, names: list[x509.GeneralName], expected: str
) -> None:
    """Web servers get certificates of well-known authorities for nothing."""
    root, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Everybody's authority")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "evil.example")])

    def issue(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        begun = x509.CertificateBuilder().subject_name(name).issuer_name(authority)
        begun = begun.public_key(key.public_key()).serial_number(x509.random_serial_number())
        now = datetime.now(UTC)
        return begun.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(9))

    over = issue(authority, root).add_extension(x509.BasicConstraints(True, None), critical=True)
    trusted = over.sign(root, hashes.SHA256())
    leaf = issue(subject, signer).add_extension(x509.SubjectAlternativeName(names), critical=False)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    certificate = leaf.sign(root, hashes.SHA256())
    letter = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(b"Content-Type: text/plain\r\n\r\nPay me\r\n")
        .add_signer(certificate, signer, hashes.SHA256())
        .sign(serialization.Encoding.SMIME, [pkcs7.PKCS7Options.DetachedSignature])
    )
    known = DeskKeys((SmimeKey(trusted.public_bytes(serialization.Encoding.DER)),))
    message = read(b"From: olga@polden.example\n" + letter, known)

    assert "Pay me" in message.text
    assert message.protection["signature"] == expected


def test_what_a_stranger_put_around_a_secret_takes_it_nowhere(smime_keys: DeskKeys) -> None:
    kind, _, rest = content("smime_des3.eml").partition(b"Content-Type: ")[2].partition(b"\n")
    html = b"--outer\nContent-Type: text/html\n\n"
    raw = (
        b"From: mallory@evil.example\nContent-Type: multipart/mixed; boundary=outer\n\n"
        + html
        + b'<p>Hi</p><img src="http://evil.example/'
        + b"\n--outer\nContent-Type: "
        + kind
        + b"\n"
        + rest.rstrip()
        + b"\n"
        + html
        + b'"><a href="http://evil.example/">x</a>\n--outer--\n'
    )
    message = read(raw, smime_keys)

    assert SIGNED in message.text
    shown = sanitise_mail_html(message.html, remote_url=lambda address: address)
    assert SIGNED in mail_html_to_text(shown)
    assert "evil.example/\n" not in shown


def test_a_letter_of_very_many_encrypted_parts_costs_no_process_each(
    pgp_keys: DeskKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def run(*_words: object, **_more: object) -> object:
        asked.append("process")
        raise OSError

    monkeypatch.setattr("otklik.plugins.channel_email.protection.pgp.subprocess.run", run)
    block = content("pgp_encrypted.asc").strip()
    part = b"--b\nContent-Type: text/plain\n\n" + (block + b"\n") * 5
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + part * 100
    message = read(raw + b"--b--\n", pgp_keys)

    assert len(asked) <= 12
    assert any("stays closed" in note for note in message.notes)
    assert "BEGIN PGP MESSAGE" in message.text


@pytest.mark.parametrize("name", ["enc", "gcm", "des3", "oaep"])
def test_encrypted_letters_open_with_the_desks_key_and_stay_closed_without(
    name: str, smime_keys: DeskKeys
) -> None:
    raw = content(f"smime_{name}.eml")
    opened, closed = read(raw, smime_keys), read(raw, keys("authority.pem"))

    assert opened.text == SIGNED
    assert opened.protection["encryption"] == "decrypted"
    assert ("signature" in opened.protection) == (name in {"enc", "gcm"})
    assert closed.text == ""
    assert closed.protection == {"encryption": "no_key", "encryption_kind": "smime"}
    assert [file.name for file in closed.files] == ["smime.p7m"]


def test_a_damaged_encrypted_letter_is_kept_and_says_that_it_failed(smime_keys: DeskKeys) -> None:
    raw = content("smime_gcm.eml")
    head, _, body = raw.partition(b"\n\n")
    damaged = bytearray(body)
    damaged[-200] = ord("A") if damaged[-200] != ord("A") else ord("B")

    message = read(head + b"\n\n" + bytes(damaged), smime_keys)

    assert message.protection["encryption"] == "failed"
    assert len(message.files) == 1


def pgp_mime(name: str) -> bytes:
    """RFC 3156 §4, with the fields Thunderbird writes."""
    return (
        b"From: olga@demo.example\r\nSubject: ...\r\n"
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n'
        b"\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        b'--b\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
        + content(name)
        + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize("name", ["pgp_signed_encrypted", "pgp_uncompressed"])
def test_openpgp_is_decrypted_and_its_signature_told(name: str, pgp_keys: DeskKeys) -> None:
    message = read(pgp_mime(f"{name}.asc"), pgp_keys)

    assert message.text == SECRET
    assert message.protection == {
        "encryption": "decrypted",
        "encryption_kind": "openpgp",
        "signature": "valid",
        "signature_kind": "openpgp",
        "signer": "olga@demo.example",
    }


def test_openpgp_without_keys_stays_closed_or_unsigned(pgp_keys: DeskKeys) -> None:
    closed = read(pgp_mime("pgp_signed_encrypted.asc"), keys("olga_public.asc"))
    stranger = read(pgp_mime("pgp_signed_encrypted.asc"), keys("desk_secret.asc"))
    unsigned = read(pgp_mime("pgp_encrypted.asc"), pgp_keys)

    assert closed.protection == {"encryption": "no_key", "encryption_kind": "openpgp"}
    assert [file.name for file in closed.files] == ["encrypted.asc"]
    assert stranger.text == SECRET
    assert stranger.protection["signature"] == "unknown_key"
    assert "signature" not in unsigned.protection


def test_what_exchange_made_of_an_encrypted_letter_is_opened(pgp_keys: DeskKeys) -> None:
    raw = pgp_mime("pgp_encrypted.asc").replace(
        b'multipart/encrypted; protocol="application/pgp-encrypted"', b"multipart/mixed"
    )

    assert read(raw, pgp_keys).text == SECRET


def test_inline_openpgp_is_replaced_by_what_it_says(pgp_keys: DeskKeys) -> None:
    head = b"From: olga@demo.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    signed = read(head + content("pgp_clear.asc"), pgp_keys)
    forged = read(
        head + content("pgp_clear.asc").replace("тайно".encode(), "явно".encode()), pgp_keys
    )
    around = read(head + b"Note\r\n\r\n" + content("pgp_clear.asc"), pgp_keys)

    assert signed.text.strip().endswith(SECRET)
    assert "BEGIN PGP" not in signed.text
    assert signed.protection["signature"] == "valid"
    assert forged.protection["signature"] == "invalid"
    assert around.protection["signature"] == "partial"


def test_a_detached_openpgp_signature_is_checked(pgp_keys: DeskKeys) -> None:
    raw = (
        b"From: olga@demo.example\nContent-Type: multipart/signed; micalg=pgp-sha512;\n"
        b' protocol="application/pgp-signature"; boundary=b\n\n--b\n'
        + content("pgp_words.txt").replace(b"\r\n", b"\n")
        + b"\n--b\nContent-Type: application/pgp-signature\n\n"
        + content("pgp_signature.asc")
        + b"\n--b--\n"
    )

    assert read(raw, pgp_keys).protection["signature"] == "valid"
    assert read(raw.replace("тайно".encode(), "явно".encode()), pgp_keys).protection[
        "signature"
    ] == ("invalid")
    assert read(raw, DeskKeys()).protection["signature"] == "unknown_key"


def test_key_files_tell_what_they_hold_or_why_not() -> None:
    own = read_key_file(content("desk.p12"), "geheim")
    (authority,) = read_key_file(content("authority.pem"))
    (secret,) = read_key_file(content("passphrase_secret.asc"), "geheim")

    assert [(one.addresses, bool(one.private)) for one in own] == [(("desk@polden.example",), True)]
    assert authority.is_authority
    assert not authority.private
    assert secret.addresses == ("pw@demo.example",)
    assert secret.private
    for name, passphrase in (("desk.p12", "wrong"), ("passphrase_secret.asc", "wrong")):
        with pytest.raises(NotAKey):
            read_key_file(content(name), passphrase)
    for rubbish in (b"", b"hello", b"\x99" * 100, b"-----BEGIN PGP rubbish", b"\x30\x82\xff"):
        with pytest.raises(NotAKey):
            read_key_file(rubbish)
