"""Otklik: an omnichannel help desk. See docs/extenders/architecture.md."""

__version__ = "0.1.0"
