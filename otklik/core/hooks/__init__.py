"""Registries that rooms fill when they start: what the program runs, what the health page asks.

They know nobody, so every room may.
"""
