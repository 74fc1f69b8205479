"""Signed and encrypted parts opened while a letter is read; what was found out is written down.

A letter keeps one outcome per question: whether it was encrypted and could be read, whether it is
signed and what that is worth. The innermost signature counts: it is over the words.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from otklik.plugins.channel_email.body import Body
from otklik.plugins.channel_email.charsets import decode
from otklik.plugins.channel_email.files import named
from otklik.plugins.channel_email.tree import Node, parse

from .keys import Checked, DeskKeys, Encryption, Signature

if TYPE_CHECKING:
    from . import pgp

MAX_LAYERS = 4
MAX_TRIES = 12
MAX_SECONDS = 40.0
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_MESSAGE = (b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----")
_CLEAR = (b"-----BEGIN PGP SIGNED MESSAGE-----", b"-----END PGP SIGNATURE-----")
MAX_BLOCKS = 5
_ARMOR_CHARSET = re.compile(rb"^Charset:\s*([\w.:-]{2,40})\s*$", re.MULTILINE)


@dataclass(slots=True)
class Opener:
    """Opens the protected parts of one letter from ``sender``."""

    keys: Callable[[], DeskKeys]
    sender: str = ""
    layers: int = 0
    tries: int = 0
    spent: float = 0.0  # seconds waited for OpenPGP
    is_whole: bool = True

    def open(self, part: Node, body: Body, *, is_whole: bool) -> Node | None:
        """The part inside, or None when there is nothing to open or it stays closed.

        ``is_whole``: there is nothing in the letter beside this part.
        """
        self.is_whole = is_whole
        if self.layers >= MAX_LAYERS or not self._may_try(body):
            return None
        kind = part.kind
        if kind == "multipart/signed":
            return self._open_signed(part, body)
        encrypted = _pgp_payload(part)
        if encrypted is not None:
            return self._open_pgp(part, encrypted, body)
        is_named = kind == "application/octet-stream" and named(part).lower().endswith(".p7m")
        if kind in _SMIME or is_named:
            return self._open_cms(part, body)
        return None

    def _may_try(self, body: Body) -> bool:
        """Each part may cost a process and half a minute, whether it opens or not."""
        self.tries += 1
        if self.tries > MAX_TRIES or self.spent > MAX_SECONDS:
            body.notes.append("too many signed or encrypted parts; the rest stays closed")
            return False
        return True

    def _timed(self, work: Callable[..., pgp.Outcome], *given: Any, **more: Any) -> pgp.Outcome:
        begun = time.monotonic()
        try:
            return work(*given, **more)
        finally:
            self.spent += time.monotonic() - begun

    def _inner(self, data: bytes) -> Node:
        self.layers += 1
        return parse(data)

    def _open_signed(self, part: Node, body: Body) -> Node | None:
        if len(part.children) < 2:
            return part.children[0] if part.children else None
        signed, signature = part.children[0], part.children[-1]
        kind = signature.kind or part.parameters.text("protocol").lower()
        forms = _forms(signed.whole)
        if "pgp" in kind:
            self._note_pgp(forms, signature.content(), body)
        else:
            self._note_smime(signature.content(), forms, body)
        self.layers += 1
        return signed

    def _note_smime(self, data: bytes, forms: tuple[bytes, ...], body: Body) -> None:
        from . import smime

        try:
            _kind, content = smime.load_content(data)
            checked = smime.verify(content, forms, self.keys())
        except smime.Unopened:
            checked = Checked(Signature.UNCHECKED)
        self._note(body, "smime", checked)

    def _note_pgp(self, forms: tuple[bytes, ...], signature: bytes, body: Body) -> None:
        from . import pgp

        outcome = pgp.Outcome()
        for form in forms:
            outcome = self._timed(pgp.verify, form, self.keys(), signature=signature)
            if outcome.signers or self.spent > MAX_SECONDS:
                break
        self._note(body, "openpgp", self._judge_pgp(outcome))

    def _open_cms(self, part: Node, body: Body) -> Node | None:
        from . import smime

        try:
            kind, content = smime.load_content(part.content())
            if kind == "signed_data":
                data = smime.signed_content(content)
                if data is None:
                    return None
                self._note(body, "smime", smime.verify(content, (data,), self.keys()))
                return self._inner(data)
            if kind == "compressed_data":
                return self._inner(smime.decompressed(content))
            if kind not in {"enveloped_data", "authenticated_enveloped_data"}:
                return None
            _note_encryption(body, "smime", Encryption.NO_KEY)
            data = smime.decrypt(kind, content, self.keys())
        except smime.Unopened as problem:
            if not problem.is_keyless:
                _note_encryption(body, "smime", Encryption.FAILED)
            body.notes.append(f"S/MIME: {problem}")
            return None
        _note_encryption(body, "smime", Encryption.DECRYPTED)
        return self._inner(data)

    def _open_pgp(self, part: Node, data: bytes, body: Body) -> Node | None:
        opened = self._decrypt_pgp(data, body)
        if opened is not None:
            return self._inner(opened)
        # What stays closed is one file; "Version: 1" beside it tells nobody anything.
        part.children = [one for one in part.children if one.kind != "application/pgp-encrypted"]
        for child in part.children:
            if not named(child):
                child.parameters.plain["name"] = "encrypted.asc"
        return None

    def _decrypt_pgp(self, data: bytes, body: Body) -> bytes | None:
        from . import pgp

        keys = self.keys()
        if not any(one.secret for one in keys.pgp):
            _note_encryption(body, "openpgp", Encryption.NO_KEY)
            return None
        outcome = self._timed(pgp.decrypt, data, keys)
        if outcome.data is None:
            is_keyless = "key" in outcome.problem.lower()
            _note_encryption(
                body, "openpgp", Encryption.NO_KEY if is_keyless else Encryption.FAILED
            )
            body.notes.append(f"OpenPGP: {outcome.problem}")
            return None
        _note_encryption(body, "openpgp", Encryption.DECRYPTED)
        if outcome.is_signed:
            self._note(body, "openpgp", self._judge_pgp(outcome))
        return outcome.data

    def open_text(self, content: bytes, body: Body) -> bytes:
        """A plain text with armoured blocks in it: each replaced by what it says."""
        if b"-----BEGIN PGP " not in content:
            return content
        self.is_whole = _is_one_block(content)
        content = _replaced(content, _MESSAGE, lambda block: self._inline_message(block, body))
        return _replaced(content, _CLEAR, lambda block: self._inline_signed(block, body))

    def _inline_message(self, block: bytes, body: Body) -> bytes:
        opened = self._decrypt_pgp(block, body) if self._may_try(body) else None
        if opened is None:
            return block
        label = _ARMOR_CHARSET.search(block[:2000])
        text, _note = decode(opened, label[1].decode() if label else "")
        return text.encode("utf-8", "replace")

    def _inline_signed(self, block: bytes, body: Body) -> bytes:
        from . import pgp

        if not self._may_try(body):
            return block
        outcome = self._timed(pgp.verify, block, self.keys())
        self._note(body, "openpgp", self._judge_pgp(outcome))
        if outcome.signers and outcome.data is not None:
            return outcome.data  # the very words that were signed
        # Without a key the frame is taken off by hand.
        head, _, rest = block.partition(b"\n\n" if b"\r\n\r\n" not in block else b"\r\n\r\n")
        words = rest.partition(b"-----BEGIN PGP SIGNATURE-----")[0]
        return re.sub(rb"^- ", b"", words, flags=re.MULTILINE) if head else words

    def _judge_pgp(self, outcome: object) -> Checked:
        from . import pgp, store

        assert isinstance(outcome, pgp.Outcome)
        if outcome.signers:
            owner = store.owner_of(outcome.signers[0], self.keys())
            return Checked(Signature.VALID, owner[0] if owner else outcome.signers[0], owner)
        known = store.fingerprints_of(self.keys())
        if any(_is_known(one, known) for one in outcome.wanted):
            return Checked(Signature.INVALID)
        if not outcome.wanted and outcome.problem:
            return Checked(Signature.UNCHECKED)
        return Checked(Signature.UNKNOWN_KEY, outcome.wanted[0] if outcome.wanted else "")

    def _note(self, body: Body, kind: str, checked: Checked) -> None:
        signature = checked.signature
        # A certificate that names no address (a web server's, say) vouches for no sender.
        is_foreign = not self.sender or self.sender not in checked.addresses
        if signature is Signature.VALID and is_foreign:
            signature = Signature.OTHER_SENDER
        elif signature is Signature.VALID and not self.is_whole:
            signature = Signature.PARTIAL
        body.protection["signature"] = signature.value
        body.protection["signature_kind"] = kind
        if checked.signer:
            body.protection["signer"] = checked.signer[:200]


def _note_encryption(body: Body, kind: str, outcome: Encryption) -> None:
    body.protection["encryption"] = outcome.value
    body.protection["encryption_kind"] = kind


def _replaced(
    content: bytes, marks: tuple[bytes, bytes], change: Callable[[bytes], bytes]
) -> bytes:
    """Each block between two marks changed; a block that never ends is none."""
    begin, end = marks
    pieces: list[bytes] = []
    position = 0
    for _count in range(MAX_BLOCKS):
        start = content.find(begin, position)
        stop = content.find(end, start) if start >= 0 else -1
        if stop < 0:
            break
        stop += len(end)
        pieces += [content[position:start], change(content[start:stop])]
        position = stop
    return b"".join([*pieces, content[position:]])


def _is_one_block(content: bytes) -> bool:
    text = content.strip()
    return (
        text.startswith(b"-----BEGIN PGP ")
        and text.count(b"-----BEGIN PGP ") <= 2
        and (text.endswith((b"-----END PGP MESSAGE-----", b"-----END PGP SIGNATURE-----")))
    )


def _pgp_payload(part: Node) -> bytes | None:
    """The encrypted bytes of RFC 3156, also when Exchange made a multipart/mixed of it."""
    if part.kind not in {"multipart/encrypted", "multipart/mixed"} or not part.children:
        return None
    marks = [one for one in part.children if one.kind == "application/pgp-encrypted"]
    if not marks and part.kind != "multipart/encrypted":
        return None
    for child in part.children:
        if child.kind != "application/pgp-encrypted":
            content = child.content()
            if b"-----BEGIN PGP MESSAGE" in content[:4000] or child.kind.startswith("application/"):
                return content
    return None


def _forms(signed: bytes) -> tuple[bytes, ...]:
    """What may have been signed: as it came, and with the line ends it had on the wire."""
    wire = re.sub(rb"\r*\n", b"\r\n", signed)
    ended = wire if wire.endswith(b"\r\n") else wire + b"\r\n"
    return tuple(dict.fromkeys((signed, wire, ended)))


def _is_known(wanted: str, known: set[str]) -> bool:
    wanted = wanted.lower()
    return any(one.endswith(wanted) or wanted.endswith(one[-16:]) for one in known)
