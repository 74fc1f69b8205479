"""A large desk beside a small one: what people open all day must not grow with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote

from bench.clients import measure
from bench.lines import FILTER, GROWTH, Line, line_of
from bench.pages import COUNTS, mixed_words, page
from bench.plan import BEGIN, RARE_CHANNEL
from bench.running import Running

_LISTS = ("mine", "unassigned", "team", "all", "solved")


def measure_growth(desk: Running, small: Running, times: int) -> Iterator[Line]:
    """The five common lists in their default order, the counts and the ticket page, each on a
    small desk and right after it on the large one; then filters and words on the large one."""
    asked: dict[str, tuple[str, dict[str, str]]] = {
        f"list {name}": (f"/tickets/?list={name}", {}) for name in _LISTS
    }
    asked["counts"] = ("/tickets/?list=all", COUNTS)
    asked["ticket"] = ("", {})
    for name, (path, headers) in asked.items():
        before, after = (
            measure(page(each, _path(each, path, times), **headers), times=times)
            for each in (small, desk)
        )
        line = line_of(f"{GROWTH}{name}", after)
        line.ratio = round(after.p50 / before.p50, 2)
        line.note = f"of {small.size:,}: {before.p50 * 1000:.2f} ms"
        yield line
    few = max(times // 4, 10)
    for name, path in _filters(desk).items():
        yield line_of(f"{FILTER}{name}", measure(page(desk, partial(_same, path)), times=few))
    for name, words in mixed_words(desk.size, few).items():
        yield line_of(f"search, {name}", measure(page(desk, partial(_word, words)), times=few))


def _path(desk: Running, path: str, times: int) -> Callable[[int], str]:
    """Always the same address; without one, tickets by lot."""
    if path:
        return partial(_same, path)
    numbers = random.Random(6).choices(range(1, desk.size + 1), k=times)  # noqa: S311
    return lambda at: f"/tickets/{numbers[at]}/"


def _same(path: str, _at: int) -> str:
    return path


def _word(words: list[str], at: int) -> str:
    return f"/tickets/?q={quote(words[at])}"


def _filters(desk: Running) -> dict[str, str]:
    categories = [row[0] for row in desk.ask("SELECT id FROM tickets_category ORDER BY id")]
    root, common, rare = categories[0], categories[2], categories[-3]
    queries = {
        "common tag": "tag=tag0",
        "rare tag": "tag=tag9",
        "common category": f"category={common}",
        "rare category": f"category={rare}",
        "branch of categories": f"category={root}",
        "rare channel": f"channel={RARE_CHANNEL}",
        "busiest requester": f"requester={BEGIN}",
        "requester": f"requester={BEGIN + 7}",
        "busiest organisation": f"organisation={BEGIN}",
        "organisation": f"organisation={BEGIN + 1}",
        "priority and rare tag": "priority=40&tag=tag8",
        "category, channel, kind": f"category={rare}&channel={RARE_CHANNEL}&kind=question",
        "tag and requester": f"tag=tag1&requester={BEGIN}",
        "tag and word": "tag=tag6&q=%D0%BF%D0%BE%D0%BC%D0%BF%D0%B0",
    }
    found = {name: f"/tickets/?list=any&{query}" for name, query in queries.items()}
    found |= {
        f"{name}, oldest first": f"/tickets/?list=any&{queries[name]}&sort=oldest"
        for name in ("rare tag", "rare category")
    }
    found |= {f"all, {sort}": f"/tickets/?list=any&sort={sort}" for sort in ("created", "priority")}
    found["team, priority first"] = "/tickets/?list=team&sort=priority"
    return found
