"""When a listener hears an event: the fixed order of after-commit work on one ticket."""

from enum import IntEnum


class Phase(IntEnum):
    CLASSIFY = 1
    RULES = 2
    ROUTE = 3
    CLOCKS = 4
    NOTIFY = 5
