"""Telling spam from letters: what agents called so, what filters in front and lists say."""
