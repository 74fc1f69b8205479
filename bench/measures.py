"""What is measured, in order, each through the running desk and beside its bare cost."""

from __future__ import annotations

from collections.abc import Iterator

from bench.bare import bare, fsync
from bench.contention import measure_contention
from bench.footprint import measure_memory, measure_weight
from bench.growth import measure_growth
from bench.lines import DEFAULT, Line, line_of
from bench.live import measure_live
from bench.mail import measure_mail, wait_for_effects
from bench.pages import measure_pages, measure_rest
from bench.running import Running, seeded_desk
from bench.screens import measure_screens

# From here on growth is asked for, beside a desk of the default size.
GROWN = 100_000


def run(desk: Running, *, quick: bool = False) -> Iterator[Line]:
    """Measure everything, one line at a time; ``quick``: a fifth of everything."""
    times = 40 if quick else 200
    with bare(desk) as plain:
        yield from measure_pages(desk, plain, times)
        if desk.size >= GROWN:
            with seeded_desk(DEFAULT, desk.kind) as small:
                yield from measure_growth(desk, small, times)
        yield from measure_rest(desk, plain, times)
        written = plain.write_tickets(times)
    yield line_of("bare: rows of a ticket, committed", written)
    yield line_of("bare: 4 kB and fsync", fsync(desk.home))
    wait_for_effects(desk)
    letters, waiting = (200, 60) if quick else (1000, 300)
    yield from measure_mail(desk, written, letters=letters, waiting=waiting)
    wait_for_effects(desk)
    yield from measure_contention(desk, seconds=4 if quick else 20)
    wait_for_effects(desk)
    yield from measure_screens(desk, times)
    yield from measure_live(desk, seconds=4 if quick else 20)
    yield measure_memory(desk)
    yield from measure_weight(desk)
