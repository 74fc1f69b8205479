"""Tasks for these tests; also imported by the processes that the tests start."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from otklik.core.jobs import GiveUp, RetryLater, task

done: list[str] = []
gate = threading.Event()
waiting = threading.Event()


@task(name="errands.note")
def note(*, word: str) -> None:
    done.append(word)


@task(name="errands.fail", max_attempts=2)
def fail(*, word: str) -> None:
    raise ValueError(f"cannot {word}")


@task(name="errands.give_up")
def give_up() -> None:
    raise GiveUp("no such mailbox")


@task(name="errands.later")
def later() -> None:
    raise RetryLater("the server asks for patience", after=timedelta(hours=2))


@task(name="errands.once", unique=True)
def once(*, thing: int) -> None:
    done.append(str(thing))


@task(name="errands.wait")
def wait() -> None:
    waiting.set()
    gate.wait(120)


@task(name="errands.hang")
def hang() -> None:
    print("started", flush=True)
    time.sleep(60)


@task(name="errands.heavy", queue="heavy")
def heavy(*, path: str) -> None:
    with open(path, "w") as stream:
        stream.write("was here")


@task(name="errands.greedy", queue="heavy", memory_limit=512 << 20)
def greedy() -> None:
    bytearray(2 << 30)


@task(name="errands.endless", queue="heavy", time_limit=2)
def endless() -> None:
    time.sleep(60)
