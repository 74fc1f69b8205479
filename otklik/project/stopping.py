"""How a command ends early."""

from __future__ import annotations


class Stop(Exception):
    """End the command with one line for whoever typed it; ``code`` is the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
