"""Transactions, the write gate and column types. Import models from `otklik.core.db.models`."""

from otklik.core.db.write import action, after_commit, unhurried, write

__all__ = ["action", "after_commit", "unhurried", "write"]
