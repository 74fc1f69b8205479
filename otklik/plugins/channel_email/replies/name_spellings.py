"""Names in either alphabet: «Ольга Нестерова» signs what "Olga Nesterova" sent."""

from __future__ import annotations

import re
from functools import lru_cache

_LATIN = str.maketrans(
    {
        **dict(zip("абвгдезиклмнопрстуфыэіїё", "abvgdeziklmnoprstufieiie", strict=True)),
        "ж": "zh",
        "й": "i",
        "х": "h",
        "ц": "c",
        "ч": "ch",
        "ш": "sh",
        "щ": "sh",
        "ю": "u",
        "я": "a",
        "є": "e",
        "ў": "u",
        "ъ": "",
        "ь": "",
        "’": "",
        "'": "",
        "ґ": "g",
        "ә": "a",
        "ө": "o",
        "ү": "u",
        "ұ": "u",
        "қ": "k",
        "ң": "n",
        "ғ": "g",
    }
)
# What transliterations disagree about is made alike: Yulia, Julia, Iuliia; Khabarov, Habarov.
_ALIKE = (
    (re.compile(r"shch|sch"), "sh"),
    (re.compile(r"kh"), "h"),
    (re.compile(r"ts|tz"), "c"),
    (re.compile(r"ks"), "x"),
    (re.compile(r"[ijy]+(?=[aeou])"), ""),
    (re.compile(r"[ijy]+"), "i"),
    (re.compile(r"w"), "v"),
)


@lru_cache(maxsize=512)
def spelt_alike(name: str) -> str:
    """A form that the usual spellings of one name share; for comparing, never for showing."""
    text = name.lower().translate(_LATIN)
    for pattern, letters in _ALIKE:
        text = pattern.sub(letters, text)
    return text or name.lower()
