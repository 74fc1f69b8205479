"""Thin routes over this room's actions and queries."""
