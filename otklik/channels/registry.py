"""The channels that are installed, by kind. Plug-ins register theirs when they start."""

from __future__ import annotations

from otklik.channels.contract import Channel

_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    _channels[channel.kind] = channel


def find_channel(kind: str) -> Channel | None:
    """None where no plug-in that is installed speaks it."""
    return _channels.get(kind)
