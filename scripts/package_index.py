"""What pip has been told about package indexes, said in uv's words (uv reads only its own)."""

from __future__ import annotations

import os
import ssl
import subprocess
from pathlib import Path

_SAME = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}


def uv_environment(python: Path) -> dict[str, str]:
    """The process environment with pip's settings passed on; what is set for uv stays."""
    environment = dict(os.environ)
    for name, value in _pip_settings(python).items():
        if name in _SAME:
            separator = "," if name == "find-links" else " "
            environment.setdefault(_SAME[name], separator.join(value))
    # pip takes the best match of all indexes; with hashes in the lock that is safe here too.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    if not _has_system_certificates(environment):
        environment.setdefault("UV_SYSTEM_CERTS", "false")
    return environment


def _pip_settings(python: Path) -> dict[str, list[str]]:
    """``{"index-url": [...]}`` from pip's files and variables; the strongest source counts."""
    listing = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, text=True
    )
    settings: dict[str, list[str]] = {}
    ranked: dict[str, int] = {}
    for line in listing.stdout.splitlines():
        key, divider, value = line.partition("=")
        section, dot, name = key.partition(".")
        if not (divider and dot):
            continue
        rank = _STRONGEST_FIRST.get(section, len(_STRONGEST_FIRST))
        if rank < ranked.get(name, len(_STRONGEST_FIRST)):
            ranked[name] = rank
            settings[name] = value.strip().strip("'\"").replace("\\n", " ").split()
    return settings


_STRONGEST_FIRST = {":env:": 0, "install": 1, "global": 2}


def _has_system_certificates(environment: dict[str, str]) -> bool:
    """A fresh container may have none; then uv has to use the ones it carries."""
    if environment.get("SSL_CERT_FILE") or environment.get("SSL_CERT_DIR"):
        return True
    paths = ssl.get_default_verify_paths()
    if paths.cafile and Path(paths.cafile).stat().st_size:
        return True
    return bool(paths.capath) and any(Path(str(paths.capath)).glob("*.0"))
