"""What is looked for when a person is erased: their addresses and their name, however spelled."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from otklik.kit.addresses import display_email

MARK = "[…]"  # what stands where something was
_PHONE = re.compile(r"\+?\d{7,15}")
_LEAST_ADDRESS = 5  # shorter ones are everywhere in other words


@dataclass(frozen=True, slots=False)
class Traces:
    """Of one person. ``addresses`` as the identities hold and show them, ``name`` whole.

    Only what came ``before`` is theirs: whoever writes from the same address later is somebody
    new, and nothing of theirs is touched.

    A name of one word is looked for in nobody else's texts: it is half the town's.
    """

    person_id: int
    identity_ids: tuple[int, ...]
    addresses: tuple[str, ...]
    before: datetime
    name: str = ""

    def touches(self, text: str) -> bool:
        return bool(self._pattern and self._pattern.search(text))

    def redact(self, text: str) -> str:
        return self._pattern.sub(MARK, text) if self._pattern and text else text

    def redact_json(self, value: Any) -> Any:
        """The same value with every text in it redacted, keys too."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, list):
            return [self.redact_json(each) for each in value]
        if isinstance(value, dict):
            return {self.redact(key): self.redact_json(each) for key, each in value.items()}
        return value

    def touches_bytes(self, content: bytes) -> bool:
        """Whether a raw content names them, as far as it can be read without decoding it."""
        return self.touches(content.decode("utf-8", "replace"))

    def is_address(self, value: str) -> bool:
        folded = value.strip().casefold()
        return any(folded == each.casefold() for each in self.addresses)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        parts = [_address_pattern(each) for each in self._spellings()]
        words = self.name.split()
        if len(words) > 1:
            parts += [_name_pattern(words), _name_pattern(words[::-1])]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def _spellings(self) -> list[str]:
        found: dict[str, None] = {}
        for each in self.addresses:
            for spelled in (each, display_email(each) if "@" in each else each):
                if len(spelled) >= _LEAST_ADDRESS:
                    found |= dict.fromkeys((spelled, quote(spelled), html.escape(spelled)))
        return sorted(found, key=len, reverse=True)


def _address_pattern(address: str) -> str:
    if _PHONE.fullmatch(address):
        digits = address.removeprefix("+")
        # In Russia and Kazakhstan +7 is also dialled as 8.
        first = "[78]" if digits[0] == "7" and len(digits) == 11 else digits[0]
        spelled = r"[\s().-]{0,2}".join([first, *digits[1:]])
        return rf"(?<!\d)\+?{spelled}(?!\d)"
    # Neither the end of a longer address nor the beginning of a longer domain.
    return rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)"


def _name_pattern(words: Iterable[str]) -> str:
    spelled = (rf"(?:{re.escape(word)}|{re.escape(html.escape(word))})" for word in words)
    return r"(?<!\w)" + r"(?:\s|&nbsp;|&#160;)+".join(spelled) + r"(?!\w)"
