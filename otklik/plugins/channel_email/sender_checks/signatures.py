"""DKIM signatures and ARC chains by dkimpy; the questions to the DNS are ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from otklik.plugins.channel_email.authentication import clauses_of

from .lookups import Lookups, NoAnswer

MAX_SIGNATURES = 5
_RESULT = re.compile(r"\s*dmarc\s*=\s*([a-z]+)(?:.*?\bheader\.from\s*=\s*([\w.-]+))?", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Signed:
    """``domains`` whose signature holds for the whole letter."""

    result: str  # pass, fail, policy, none, temperror, permerror
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """``sealer`` is the last one's domain, ``dmarc`` what it found when the letter came there,
    ``sender`` the From: domain it looked at, "" when it does not say."""

    result: str  # pass, fail, none
    sealer: str = ""
    dmarc: str = ""
    sender: str = ""


def check_dkim(raw: bytes, lookups: Lookups) -> Signed:
    import dkim

    ask = _Asking(lookups)
    count = len(re.findall(rb"(?im)^dkim-signature[ \t]*:", raw.partition(b"\r\n\r\n")[0]))
    if not count:
        return Signed("none")
    domains: list[str] = []
    result = "permerror"
    for index in range(min(count, MAX_SIGNATURES)):
        try:
            checked = dkim.DKIM(raw, minkey=1024, timeout=2)
            holds = checked.verify(idx=index, dnsfunc=ask)
        except dkim.ValidationError:
            result = "fail"  # so dkimpy says that the text is not the one that was signed
            continue
        except (dkim.DKIMException, ValueError, KeyError, TypeError, IndexError):
            continue
        # RFC 8601 §2.7.1 calls it "policy" when a signature that holds is not accepted.
        result = "policy" if holds else "fail"
        # With l= anybody may add text below what was signed.
        if holds and b"l" not in checked.signature_fields:
            domains.append(checked.domain.decode("ascii", "replace").lower().rstrip("."))
    if domains:
        return Signed("pass", tuple(dict.fromkeys(domains)))
    return Signed("temperror" if ask.is_without_answer else result)


def check_arc(raw: bytes, lookups: Lookups) -> Chain:
    import dkim

    if not re.search(rb"(?im)^arc-seal[ \t]*:", raw.partition(b"\r\n\r\n")[0]):
        return Chain("none")
    try:
        state, results, _reason = dkim.ARC(raw, minkey=1024, timeout=2).verify(
            dnsfunc=_Asking(lookups)
        )
    except (dkim.DKIMException, ValueError, KeyError, TypeError, IndexError):
        return Chain("fail")
    if state != dkim.CV_Pass or not results:
        return Chain("fail")
    last = max(results, key=lambda one: one["instance"])
    # What the last sealer itself saw: earlier links may have been forged by whoever sent it.
    own = re.search(
        rb"(?im)^arc-authentication-results[ \t]*:\s*i[ \t]*=[ \t]*%d[ \t]*;"
        rb"((?:[^\r\n]|\r?\n[ \t])*)" % int(last["instance"]),
        raw.partition(b"\r\n\r\n")[0],
    )
    # What strangers said and the sealer repeats, in quotes or comments, is no verdict.
    clauses = clauses_of(own[1].decode("ascii", "replace")) if own else []
    verdicts = [found for plain, _said in clauses if (found := _RESULT.match(plain))]
    told = verdicts[0] if len(verdicts) == 1 else None
    sealer = bytes(last.get("as-domain") or b"").decode("ascii", "replace").lower()
    if told is None:
        return Chain("pass", sealer)
    return Chain("pass", sealer, told[1].lower(), (told[2] or "").lower().rstrip("."))


class _Asking:
    """What dkimpy calls for a key: name with a final dot, bytes in and out."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self.is_without_answer = False

    def __call__(self, name: Any, timeout: int = 5) -> bytes | None:
        asked = name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)
        try:
            found = self._lookups.find_txt(asked)
        except NoAnswer:
            self.is_without_answer = True
            return None
        return found[0].encode("utf-8", "replace") if found else None
