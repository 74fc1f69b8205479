"""OpenPGP in a process of its own: a bomb in a letter takes this process and no other.

Started by path, with the library alone: one JSON object in, one out. Never imported by the desk.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from collections.abc import Callable
from typing import Any

MEMORY = 1 << 30
SECONDS = 20


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.load(sys.stdin)
    answer = {"decrypt": _decrypt, "verify": _verify, "inspect": _inspect}[asked["do"]](asked)
    json.dump(answer, sys.stdout)


def _decrypt(asked: dict[str, Any]) -> dict[str, Any]:
    import pysequoia

    data = base64.b64decode(asked["data"])
    store, wanted = _store(asked)
    problem = ""
    for one in asked["secrets"]:
        try:
            secret = pysequoia.Tsk.from_bytes(base64.b64decode(one["key"]))
            decryptor = secret.decryptor(one["passphrase"] or None)
            found = pysequoia.decrypt(bytes=data, decryptor=decryptor, store=store)
        except Exception as error:
            problem = str(error)
            if "Unexpected message structure" in problem:
                return _unpacked(data, one, store, wanted)
            continue
        return _told(bytes(found.bytes or b""), found.valid_sigs, wanted)
    return {"problem": (problem or "no key")[:300]}


def _unpacked(data: bytes, one: dict[str, Any], store: Any, wanted: set[str]) -> dict[str, Any]:
    """A compressed message, as GnuPG writes them: decrypted by the one library, which gives it
    uncompressed, and its signature checked by the other."""
    import pgpy
    import pysequoia

    key, _others = pgpy.PGPKey.from_blob(base64.b64decode(one["key"]))
    message = pgpy.PGPMessage.from_blob(data)
    if key.is_protected:
        with key.unlock(one["passphrase"]):
            opened = key.decrypt(message)
    else:
        opened = key.decrypt(message)
    content = opened.message
    content = content.encode("utf-8") if isinstance(content, str) else bytes(content)
    if not opened.is_signed:
        return _told(content, [], wanted)
    try:
        found = pysequoia.verify(bytes=bytes(opened), store=store)
    except Exception:
        return {**_told(content, [], wanted), "is_signed": True}
    return _told(bytes(found.bytes or b""), found.valid_sigs, wanted)


def _told(content: bytes, signatures: list[Any], wanted: set[str]) -> dict[str, Any]:
    return {
        "data": base64.b64encode(content).decode(),
        "signers": [str(one.certificate) for one in signatures],
        "wanted": sorted(wanted),
        "is_signed": bool(signatures) or bool(wanted),
    }


def _verify(asked: dict[str, Any]) -> dict[str, Any]:
    import pysequoia

    data = base64.b64decode(asked["data"])
    store, wanted = _store(asked)
    try:
        if asked.get("signature"):
            signature = pysequoia.Sig.from_bytes(base64.b64decode(asked["signature"]))
            found = pysequoia.verify(bytes=data, store=store, signature=signature)
            content = b""
        else:
            found = pysequoia.verify(bytes=data, store=store)
            content = bytes(found.bytes or b"")
    except Exception as error:
        return {"problem": str(error)[:300] or "invalid", "wanted": sorted(wanted)}
    return _told(content, found.valid_sigs, wanted)


def _inspect(asked: dict[str, Any]) -> dict[str, Any]:
    """What is in a key file: fingerprint, names, expiry, whether the secret opens."""
    import pysequoia

    data = base64.b64decode(asked["data"])
    found: list[dict[str, Any]] = []
    for cert in pysequoia.Cert.split_bytes(data):
        expires = cert.expiration
        found.append(
            {
                "fingerprint": str(cert.fingerprint),
                "names": [str(one) for one in cert.user_ids][:20],
                "expires": expires.isoformat() if expires else "",
                "is_secret": not found and _opens(cert, data, asked.get("passphrase", "")),
                "public": base64.b64encode(bytes(cert)).decode(),
            }
        )
    return {"keys": found}


def _opens(cert: Any, data: bytes, passphrase: str) -> bool:
    """Whether there is a secret key; raises when the passphrase is another."""
    import pysequoia

    if not cert.has_secret_keys:
        return False
    pysequoia.Tsk.from_bytes(data).decryptor(passphrase or None)
    return True


def _store(asked: dict[str, Any]) -> tuple[Callable[[list[str]], list[Any]], set[str]]:
    import pysequoia

    certs = [pysequoia.Cert.from_bytes(base64.b64decode(one)) for one in asked["certs"]]
    wanted: set[str] = set()

    def look(key_ids: list[str]) -> list[Any]:
        wanted.update(str(one) for one in key_ids)
        return certs

    return look, wanted


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        json.dump({"problem": f"{type(error).__name__}: {error}"[:300]}, sys.stdout)
