"""Figures, and what is said of them."""

import json
import sys
import time
from pathlib import Path

import pytest

from bench.__main__ import read_size
from bench.clients import Figures, measure
from bench.letters import Steady, make_letter
from bench.lines import DEFAULT, EFFECTS, LARGE, MIX, OPENING, STEADY, Line, judge, line_of
from bench.live import most_within, waits
from bench.pages import mixed_words
from bench.screens import is_scan
from bench.texts import MIDDLE, serial


def test_every_request_is_counted_and_an_error_is_no_figure() -> None:
    done: list[int] = []
    figures = measure(lambda _client: done.append, times=20, clients=4)
    assert len(figures.seconds) == 20
    assert sorted(at for at in done if at >= 0) == list(range(20))

    def fail(at: int) -> None:
        if at == 3:
            raise RuntimeError("refused")

    with pytest.raises(RuntimeError, match="refused"):
        measure(lambda _client: fail, times=5)


def test_a_steady_sender_ends_however_much_it_has_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told.json"
    told.write_text(json.dumps({"seconds": [0.123456789] * 20_000, "elapsed": 20.0}))
    program = tmp_path / "sender"
    program.write_text(f"#!/bin/sh\necho begun\ncat {told}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    steady = Steady(1, 1, rate=1.0, seconds=1.0)
    until = time.monotonic() + 60
    while steady.is_sending and time.monotonic() < until:
        time.sleep(0.01)
    assert not steady.is_sending
    assert len(steady.end().seconds) == 20_000


def test_the_ninety_fifth_percentile_is_near_the_top() -> None:
    figures = Figures(seconds=[at / 100 for at in range(100)], elapsed=2)
    assert (figures.p50, figures.p95, figures.per_second) == (0.495, 0.95, 50)


@pytest.mark.parametrize(
    ("line", "size", "kind", "verdict"),
    [
        (Line("inbox page", p50=20.0), DEFAULT, "sqlite", "met"),
        (Line("inbox page", p50=20.1), DEFAULT, "postgresql", "missed"),
        (Line("inbox page", clients=4, p50=9.0), DEFAULT, "sqlite", ""),
        (Line("inbox page", p50=90.0), 2000, "sqlite", ""),
        (Line("LMTP, acknowledged", per_second=200.0), DEFAULT, "sqlite", "met"),
        (Line("LMTP, acknowledged", per_second=10.0), DEFAULT, "postgresql", ""),
        (Line(EFFECTS, value=61.0), DEFAULT, "postgresql", "missed"),
        (Line("growth: list mine", ratio=1.5), LARGE, "postgresql", "met"),
        (Line("growth: list mine", ratio=9.0), 100_000, "postgresql", ""),
        (Line("filter: rare tag", p95=301.0), LARGE, "sqlite", "missed"),
        (Line(MIX, p95=150.0), LARGE, "postgresql", "met"),
        (Line("while letters come in: reply", p95=99.0), LARGE, "sqlite", "met"),
        (Line(STEADY, clients=4, per_second=96.0), DEFAULT, "sqlite", "met"),
        (Line(STEADY, clients=4, per_second=96.0), DEFAULT, "postgresql", "missed"),
        (Line("IMAP, taken in", note="skipped"), DEFAULT, "sqlite", ""),
        (Line("pipe"), DEFAULT, "sqlite", ""),
    ],
)
def test_a_line_is_met_or_missed_only_where_it_is_asked_for(
    line: Line, size: int, kind: str, verdict: str
) -> None:
    judged = judge(line, size, kind)
    assert judged.verdict == verdict
    assert bool(judged.reach) == bool(verdict)


def test_a_line_stands_beside_its_bare_cost_and_goes_into_json() -> None:
    figures = Figures(seconds=[0.01, 0.02, 0.03], elapsed=0.1)
    line = judge(line_of("ticket page", figures, 1, Figures([0.004], 0.004)), DEFAULT, "sqlite")
    kept = json.loads(json.dumps(line.as_dict()))
    assert (kept["p50"], kept["per_second"], kept["count"]) == (20.0, 30.0, 3)
    assert (kept["bare_p50"], kept["ratio"]) == (4.0, 5.0)
    assert (kept["reach"], kept["verdict"]) == ("p50 ≤ 15 ms", "missed")
    assert kept["why"]
    quick = judge(line_of("ticket page", Figures([0.01], 0.01)), DEFAULT, "sqlite").as_dict()
    assert (quick["verdict"], "why" in quick) == ("met", False)


def test_sizes_are_read_as_people_write_them() -> None:
    assert [read_size(text) for text in ("10k", "1m", "2500", "2K")] == [10_000, LARGE, 2500, 2000]


def test_the_mix_has_all_kinds_of_words() -> None:
    words = mixed_words(1000, 6)
    assert {len(each) for each in words.values()} == {6}
    assert set(words["middle"]) <= set(MIDDLE)
    assert all(serial(0)[:2] == word[:2] for word in words["rare"])


def test_letters_are_whole_and_never_the_same_twice() -> None:
    sender, raw = make_letter(3, 50)
    again = make_letter(3, 50)[1]
    assert sender.encode() in raw
    assert b"\r\n\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.partition(b"Message-ID: ")[2][:40] != again.partition(b"Message-ID: ")[2][:40]


def test_what_a_page_had_to_wait_for_is_counted_from_each_commit() -> None:
    commits = [(1, 5, 10.0), (1, 6, 10.2), (2, 9, 10.4)]
    arrived = [(1, 4, 9.0), (1, 6, 10.7)]
    # A newer one brings an older change along; what never came counts as long as was waited.
    assert [round(one, 1) for one in waits(commits, arrived, 20.0)] == [0.7, 0.5, 9.6]
    assert [round(one, 1) for one in waits(commits, arrived, 20.0, frozenset({1}))] == [0.7, 0.5]
    assert most_within([0.0, 0.5, 1.0, 1.2], 0.475) == 2
    assert most_within([], 0.475) == 0


def test_a_plan_is_judged_by_how_it_reads_the_table() -> None:
    scans = ["->  Seq Scan on tickets_ticket (cost=0.00..9)", "SCAN tickets_ticket"]
    bounded = [
        "Index Scan using tickets_all on tickets_ticket",
        "SCAN tickets_ticket USING INDEX x",
    ]
    assert all(map(is_scan, scans))
    assert not any(map(is_scan, bounded))
    assert judge(Line("view: urgent, plan", value=1), LARGE, "sqlite").verdict == "missed"
    assert judge(Line(OPENING, p95=149.0), DEFAULT, "postgresql").verdict == "met"
