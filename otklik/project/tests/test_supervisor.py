"""The desk as an operator runs it: real processes, real signals."""

import gc
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from otklik.project import supervisor
from tests.services import PATIENCE, environment_without_desk, free_port
from tests.services.ready import fill_home


class Desk:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.mail_port = free_port(), free_port()
        kept = environment_without_desk()
        self.environment = {
            **kept,
            "OTKLIK_HOME": str(home),
            "OTKLIK_PORT": str(self.port),
            "OTKLIK_MAIL_PORT": str(self.mail_port),
            "OTKLIK_DEMO": "0",
        }
        self.command = [sys.executable, "-m", "otklik.project.cli", "up"]
        self.process: subprocess.Popen[str] | None = None
        self.output = home.with_name(home.name + ".out")

    def start(self, patience: float = 3 * PATIENCE) -> float:
        started = time.monotonic()
        with self.output.open("w") as stream:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=stream,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        while self.ask("/readyz") != 200:
            assert time.monotonic() - started < patience, self.output.read_text()
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.05)
        return time.monotonic() - started

    def ask(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def children(self) -> list[int]:
        assert self.process is not None
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(pid) for pid in found.stdout.split()]

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One whose database is there and whose first start is not."""
    fill_home(tmp_path / "home")
    made = Desk(tmp_path / "home")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], patience: float = PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_desk_starts_from_nothing_ends_cleanly_and_starts_again_at_once(desk: Desk) -> None:
    shutil.rmtree(desk.home)
    desk.start()
    assert wait_for(lambda: "Ctrl-C ends it." in desk.output.read_text())
    first = desk.output.read_text()
    assert f"http://127.0.0.1:{desk.port}" in first
    assert "Preparing the database" in first
    started = time.monotonic()
    children = desk.children()
    assert len(children) == 3
    assert desk.stop(signal.SIGINT) == 0
    assert time.monotonic() - started < 30
    assert not any(is_alive(pid) for pid in children)
    assert "Traceback" not in desk.output.read_text()

    desk.start()
    assert wait_for(lambda: "Ctrl-C ends it." in desk.output.read_text())
    assert "Preparing the database" not in desk.output.read_text()
    assert desk.stop(signal.SIGTERM) == 0


def test_a_desk_that_nobody_set_up_says_so_even_where_a_demo_would_be_welcome(desk: Desk) -> None:
    desk.start()
    assert wait_for(lambda: "Set up the desk here" in desk.output.read_text())
    assert desk.stop() == 0

    desk.environment["OTKLIK_DEMO"] = "1"  # no first start any more: nothing is loaded
    desk.start()
    assert wait_for(lambda: "Ctrl-C ends it." in desk.output.read_text())
    assert "Set up the desk here" in desk.output.read_text()
    assert "Demo passwords" not in desk.output.read_text()
    assert desk.stop() == 0


def test_a_front_that_takes_long_is_announced_all_the_same_when_it_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter([False, False, False, True])
    monkeypatch.setattr(supervisor, "_answers", lambda: next(answers))
    monkeypatch.setattr(supervisor, "_STARTING", 0.0)
    monkeypatch.setattr(supervisor, "give_back_memory", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(supervisor, "make_children", lambda *_: [])
    announced: list[str] = []

    def when_ready() -> None:
        announced.append("accounts and addresses")
        running._asked_to_end()

    nudge, alive = supervisor.Nudge(), os.pipe()
    with socket.socket() as listener:
        running = supervisor._Supervisor(listener, 0, nudge, alive)
        assert running.run(when_ready) == 0
    for end in (*nudge.ends, *alive):
        os.close(end)
    assert announced == ["accounts and addresses"]
    assert capsys.readouterr().err.count("does not answer yet") == 1


def test_a_second_desk_in_the_same_home_is_refused_and_a_taken_port_named(
    desk: Desk, tmp_path: Path
) -> None:
    desk.start()
    again = subprocess.run(
        desk.command, env=desk.environment, capture_output=True, text=True, timeout=400, check=False
    )
    assert again.returncode == 1
    assert re.search(r"running already in .* \(process \d+\)", again.stderr)
    elsewhere = {**desk.environment, "OTKLIK_HOME": str(tmp_path / "other")}
    taken = subprocess.run(
        desk.command, env=elsewhere, capture_output=True, text=True, timeout=400, check=False
    )
    assert taken.returncode == 1
    assert f"port {desk.port} is taken" in taken.stderr
    assert "Traceback" not in again.stderr + taken.stderr


def test_a_part_that_dies_is_started_again_and_orphans_end_themselves(desk: Desk) -> None:
    desk.start()
    before = desk.children()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: len(desk.children()) == 3 and not set(desk.children()) & set(before))
    assert wait_for(lambda: desk.ask("/readyz") == 200)
    children = desk.children()
    assert desk.process is not None
    desk.process.kill()
    desk.process.wait()
    assert wait_for(lambda: not any(is_alive(pid) for pid in children))


_SOON_AT_REST = """
import sys
from otklik.project import supervisor
from otklik.project.cli import main
supervisor._HEALTHY = 0.3
sys.exit(main())
"""


def is_at_rest(desk: Desk) -> bool:
    assert desk.process is not None
    return b"resting.py" in Path(f"/proc/{desk.process.pid}/cmdline").read_bytes()


def test_a_supervisor_at_rest_holds_nothing_and_wakes_for_a_part_that_dies(desk: Desk) -> None:
    desk.command = [sys.executable, "-c", _SOON_AT_REST, "up"]
    desk.start()
    assert desk.process is not None
    pid = desk.process.pid
    assert wait_for(lambda: is_at_rest(desk))
    said = Path(f"/proc/{pid}/status").read_text()
    assert int(re.findall(r"RssAnon:\s+(\d+) kB", said)[0]) < 8_000
    front, back, mail = desk.children()
    again = subprocess.run(
        desk.command, env=desk.environment, capture_output=True, text=True, timeout=400, check=False
    )
    assert f"(process {pid})" in again.stderr  # the home is still taken

    os.kill(back, signal.SIGKILL)
    found: list[set[int]] = []

    def is_back_again() -> bool:
        found.append(set(desk.children()))
        return len(found[-1]) == 3 and back not in found[-1]

    assert wait_for(is_back_again)
    assert {front, mail} < found[-1]
    assert wait_for(lambda: is_at_rest(desk))
    assert desk.ask("/readyz") == 200
    assert '"event": "process_died"' in desk.output.read_text()
    children = desk.children()
    assert desk.stop(signal.SIGTERM) == 0
    assert not any(is_alive(pid) for pid in children)
    assert "Traceback" not in desk.output.read_text()

    desk.start()
    assert wait_for(lambda: is_at_rest(desk))
    children = desk.children()
    assert desk.process is not None
    desk.process.kill()
    desk.process.wait()
    assert wait_for(lambda: not any(is_alive(pid) for pid in children))
