"""Reversible work: what was moved, from where to where, so that it can be moved back."""

from otklik.core.operations.restoring import register_undo

__all__ = ["register_undo"]
