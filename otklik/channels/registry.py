"""The channels that are installed, by kind. Plug-ins register theirs when they start."""

from __future__ import annotations

from otklik.channels.contract import Channel

_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    _channels[channel.kind] = channel


def get_channel(kind: str) -> Channel:
    """Raises LookupError when the plug-in for this kind is not installed."""
    try:
        return _channels[kind]
    except KeyError:
        raise LookupError(f"no plug-in speaks the channel {kind!r}") from None


def find_channel(kind: str) -> Channel | None:
    return _channels.get(kind)


def list_channels() -> list[Channel]:
    return [_channels[kind] for kind in sorted(_channels)]
