"""Turn the text of one setting into a typed value, or say in plain words why it is none.

Every reader takes text (environment) or a TOML value and raises ``ValueError`` with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network

Reader = Callable[[Any], Any]

_UNITS = {"": 1, "B": 1, "K": 1 << 10, "KB": 1 << 10, "M": 1 << 20, "MB": 1 << 20, "G": 1 << 30}


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")  # noqa: TRY004  every reader says ValueError
    return value.strip()


def path(value: Any) -> Path:
    if not text(value):
        raise ValueError("must be a path")
    return Path(text(value)).expanduser().absolute()


def optional_path(value: Any) -> Path | None:
    return path(value) if text(value) else None


def integer(lowest: int, highest: int) -> Reader:
    def read(value: Any) -> int:
        number = value if isinstance(value, int) and not isinstance(value, bool) else None
        if number is None and isinstance(value, str) and value.strip().isascii():
            number = int(value) if value.strip().isdigit() else None
        if number is None or not lowest <= number <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return number

    return read


def size(value: Any) -> int:
    """Bytes; ``"25 MB"``, ``"1G"`` and a bare number are understood (1 MB = 1,048,576)."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    written = text(value).upper().replace(" ", "") if isinstance(value, str) else ""
    digits = written.rstrip("BKMG")
    unit = written[len(digits) :]
    if not digits.isdigit() or unit not in _UNITS or int(digits) == 0:
        raise ValueError('must be a size such as "25 MB"')
    return int(digits) * _UNITS[unit]


def room(value: Any) -> int:
    """A size, or 0 for none at all."""
    is_none = not isinstance(value, bool) and str(value).strip() == "0"
    return 0 if is_none else size(value)


def choice(*allowed: str) -> Reader:
    def read(value: Any) -> str:
        written = str(value) if isinstance(value, int) else text(value)
        for name in allowed:
            if written.lower() == name.lower():
                return name
        raise ValueError("must be one of " + ", ".join(allowed))

    return read


def demo(value: Any) -> str:
    if value is True or value is False:
        return "1" if value else "0"
    return str(choice("1", "0", "public")(value))


def words(value: Any) -> tuple[str, ...]:
    """A TOML list of texts, or one text divided by commas."""
    parts = value if isinstance(value, list) else text(value).split(",")
    return tuple(part for part in (text(each) for each in parts) if part)


def networks(value: Any) -> tuple[Network, ...]:
    from ipaddress import ip_network

    found = []
    for word in words(value):
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            raise ValueError(f'"{word}" is no address or network such as 10.0.0.0/8') from None
    return tuple(found)


def url(*schemes: str) -> Reader:
    """An absolute URL of one of ``schemes`` without a trailing slash, or the empty text."""

    def read(value: Any) -> str:
        from urllib.parse import urlsplit

        written = text(value).rstrip("/")
        if not written:
            return ""
        try:
            parts = urlsplit(written)
            _ = parts.port
        except ValueError:
            raise ValueError("is no valid URL") from None
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError("must start with " + " or ".join(f"{name}://" for name in schemes))
        return written

    return read


def time_zone(value: Any) -> str:
    from zoneinfo import ZoneInfo

    written = text(value)
    try:
        ZoneInfo(written)
    except (KeyError, ValueError, OSError):
        raise ValueError('must be a time zone such as "Europe/Moscow"') from None
    return written
