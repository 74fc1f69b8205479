"""Tags that are one word spelt twice: by dashes and spaces, a letter, or the keyboard's layout."""

from __future__ import annotations

import re

from otklik.core.db.briefly import briefly
from otklik.kit.text import sort_key, swap_layout
from otklik.tickets.models import Tag

_MOST = 5000  # tags that are looked through; a desk with more of them has other troubles
_SEPARATORS = re.compile(r"[\s\-_\u2010-\u2015]+")
_LEAST = 4  # letters: shorter words differ by one and mean another thing


def find_same(key: str) -> Tag | None:
    """The tag that is spelt so apart from dashes and spaces; not where digits are: 1-2 is no 12."""
    wanted = _joined(key)
    if any(letter.isdigit() for letter in wanted):
        return None
    for pk, known in _keys():
        if known != key and _joined(known) == wanted:
            return Tag.objects.filter(pk=pk).first()
    return None


def find_near(name: str, limit: int = 3) -> list[Tag]:
    """What may have been meant by a name that is no tag yet, the likeliest first."""
    key = sort_key(name, 60)
    if not key:
        return []
    wanted, swapped = _joined(key), _joined(sort_key(swap_layout(key), 60))
    found: list[tuple[int, int]] = []
    for pk, known in _keys():
        joined = _joined(known)
        if known == key:
            continue
        if joined == wanted:
            found.append((0, pk))
        elif joined == swapped:
            found.append((1, pk))
        elif min(len(joined), len(wanted)) >= _LEAST and _differ_by_one(joined, wanted):
            found.append((2, pk))
    ids = [pk for _rank, pk in sorted(found)[:limit]]
    rows = Tag.objects.in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


@briefly
def _keys() -> list[tuple[int, str]]:
    return list(Tag.objects.order_by("pk").values_list("pk", "key")[:_MOST])


def _joined(key: str) -> str:
    return _SEPARATORS.sub("", key)


def _differ_by_one(one: str, two: str) -> bool:
    """By a letter more, less or another, or two neighbours the other way round."""
    if abs(len(one) - len(two)) > 1:
        return False
    same = 0
    while same < min(len(one), len(two)) and one[same] == two[same]:
        same += 1
    if len(one) == len(two):
        swapped = one[same : same + 2] == two[same : same + 2][::-1]
        return one[same + 1 :] == two[same + 1 :] or (
            swapped and one[same + 2 :] == two[same + 2 :]
        )
    longer, shorter = (one, two) if len(one) > len(two) else (two, one)
    return longer[same + 1 :] == shorter[same:]
