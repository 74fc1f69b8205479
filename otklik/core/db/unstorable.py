"""Values that no column can hold: what the database, or the way to it, says of them.

SQLite refuses whole numbers beyond 64 bits and lone surrogates, PostgreSQL also NUL characters and
texts too long, Python numbers of thousands of digits. Whoever sent such a value is told so; it is
no failure of the desk.
"""

from __future__ import annotations

from django.db import DataError

UNSTORABLE = (DataError, OverflowError, UnicodeEncodeError)


def is_unstorable(error: BaseException) -> bool:
    return isinstance(error, UNSTORABLE) or (
        type(error) is ValueError and "for integer string conversion" in str(error)
    )
