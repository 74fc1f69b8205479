"""OpenPGP through the child process: decrypt, verify, look into a key file."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from .keys import DeskKeys, PgpKey

logger = structlog.get_logger(__name__)

_CHILD = Path(__file__).with_name("pgp_child.py")
PATIENCE = 30.0
MAX_SIZE = 60 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """``signers`` are fingerprints that hold, ``wanted`` ids of those who signed at all."""

    data: bytes | None = None
    signers: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    is_signed: bool = False
    problem: str = ""


def decrypt(data: bytes, keys: DeskKeys) -> Outcome:
    secrets = [
        {"key": b64encode(one.secret).decode(), "passphrase": one.passphrase}
        for one in keys.pgp
        if one.secret
    ]
    if not secrets:
        return Outcome(problem="no key")
    return _outcome(_ask("decrypt", data, keys.pgp, secrets=secrets))


def verify(data: bytes, keys: DeskKeys, *, signature: bytes = b"") -> Outcome:
    """A detached signature, or a message that carries its own (then ``data`` comes back)."""
    extra = {"signature": b64encode(signature).decode()} if signature else {}
    return _outcome(_ask("verify", data, keys.pgp, **extra))


def inspect(data: bytes, passphrase: str) -> list[dict[str, Any]]:
    """The keys in a file: fingerprint, names, expires, is_secret, public. Raises ValueError."""
    answer = _ask("inspect", data, (), passphrase=passphrase)
    if answer.get("problem") or not answer.get("keys"):
        raise ValueError(str(answer.get("problem", "no key")))
    found: list[dict[str, Any]] = answer["keys"]
    return found


def _ask(what: str, data: bytes, keys: Iterable[PgpKey], **more: Any) -> dict[str, Any]:
    if len(data) > MAX_SIZE:
        return {"problem": "too large"}
    asked = {
        "do": what,
        "data": b64encode(data).decode(),
        "certs": [b64encode(one.public).decode() for one in keys],
        **more,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-W", "ignore", str(_CHILD)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=PATIENCE,
            env={"RUST_BACKTRACE": "0", "PATH": "/usr/bin:/bin"},
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        logger.warning("openpgp_child_failed", what=what, reason=type(error).__name__)
        return {"problem": type(error).__name__}
    return answer


def _outcome(answer: dict[str, Any]) -> Outcome:
    return Outcome(
        data=b64decode(answer["data"]) if "data" in answer else None,
        signers=tuple(answer.get("signers", ())),
        wanted=tuple(answer.get("wanted", ())),
        is_signed=bool(answer.get("is_signed")),
        problem=str(answer.get("problem", "")).partition("\n")[0][:200],
    )
