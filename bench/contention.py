"""What an agent feels while letters come in all the time."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

from bench.clients import Client, Figures
from bench.letters import Steady
from bench.lines import MEANWHILE, RATES, STEADY, Line, line_of
from bench.plan import BEGIN, Plan
from bench.running import Running

# An agent reads between two clicks; one who never does would measure himself.
_BETWEEN = 0.05
_CSRF = "c" * 32


def measure_contention(desk: Running, *, seconds: float) -> Iterator[Line]:
    rate = RATES[desk.kind]
    agent = Client(desk.port).sign_in()
    agent.keep_cookie("otklik_csrf", _CSRF)
    plan = Plan(desk.size, {})
    # Of the newest twentieth, which wants work.
    numbers = list(range(int(desk.size * 0.95) + 1, desk.size + 1))
    random.Random(7).shuffle(numbers)  # noqa: S311
    pages, replies = Figures(), Figures()
    _reply(agent, numbers[-1], plan)
    steady = Steady(desk.mail_port, plan.people, rate=rate, seconds=seconds)
    begun = time.perf_counter()
    at = 0
    while steady.is_sending:
        number = numbers[at % len(numbers)]
        for figures, do in ((pages, _look), (replies, _reply)):
            started = time.perf_counter()
            do(agent, number, plan)
            figures.seconds.append(time.perf_counter() - started)
            time.sleep(_BETWEEN)
        at += 1
    pages.elapsed = replies.elapsed = time.perf_counter() - begun
    letters = steady.end()
    yield line_of(f"{MEANWHILE}page", pages)
    yield line_of(f"{MEANWHILE}reply", replies)
    line = line_of(STEADY, letters, 4)
    line.note = f"asked for: {rate:g} a second"
    yield line


def _look(agent: Client, number: int, plan: Plan) -> None:
    agent.get(f"/tickets/{number}/")


def _reply(agent: Client, number: int, plan: Plan) -> None:
    form = {
        "kind": "public",
        "html": "Мастер приедет завтра до обеда.",
        "client_key": str(uuid.uuid4()),
        "to": f"c{plan.person(number) - BEGIN}@customers.example",
        "csrfmiddlewaretoken": _CSRF,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    agent.ask("POST", f"/tickets/{number}/messages/", urlencode(form), headers, expect=(200, 302))
