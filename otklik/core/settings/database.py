"""Take a database URL apart; which engine runs it is the business of ``core.db``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class DatabaseAddress:
    """``kind`` is "sqlite" (then ``name`` is an absolute path) or "postgresql"."""

    kind: str
    name: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict, repr=False)


def read_address(url: str, home: Path) -> DatabaseAddress:
    """Raises ``ValueError`` with the end of a sentence that starts with the setting's name."""
    if not url:
        return DatabaseAddress("sqlite", str(home / "otklik.sqlite3"))
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        # sqlite:///relative is a path beside the home folder's files, sqlite:////x is absolute.
        written = unquote(rest.removeprefix("/")) if rest.startswith("/") else unquote(rest)
        if not written:
            raise ValueError("names no file, such as sqlite:////srv/otklik/otklik.sqlite3")
        return DatabaseAddress("sqlite", str((home / written).absolute()))
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name or "/" in name:
        raise ValueError("names no database, such as postgres://user:password@host/otklik")
    return DatabaseAddress(
        "postgresql",
        name,
        host=unquote(parts.hostname or ""),
        port=parts.port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=dict(parse_qsl(parts.query)),
    )
