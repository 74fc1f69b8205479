"""Keeping what the desk knows: backup, restore, moving between databases, upgrades, upkeep.

Only `project` knows every room's tables, so it lives here. Rooms take part through
`core.hooks.program` (`register_after_restore`, `register_backfill`).
"""
