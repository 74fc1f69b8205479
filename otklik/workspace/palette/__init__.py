"""The palette (Ctrl K): whatever is asked for in a few letters, found in one place.

Rooms and parts register a *source* from ``apps.ready()``; what the page itself can do (its keys and
menus) is gathered by the page.
"""

from otklik.workspace.palette.sources import Asked, Group, Item, Source, find, register_source

__all__ = ["Asked", "Group", "Item", "Source", "find", "register_source"]
