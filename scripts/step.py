"""One step of the set-up: run a command with visible progress, remember what it was made from."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOGS = ROOT / ".cache"
_STAMPS = VENV / "otklik-stamps.json"
_LAST_LINES = 15


class StepFailed(Exception):
    """Says in plain words what is missing or went wrong; printed as it is."""


def run_step(title: str, command: list[str], *, environment: Mapping[str, str]) -> None:
    """Run ``command`` in the checkout, its output in a log file; raises ``StepFailed``."""
    LOGS.mkdir(exist_ok=True)
    log = LOGS / f"setup-{command_name(command)}.log"
    started = time.monotonic()
    with log.open("wb") as output:
        try:
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise StepFailed(f"{title}: {command[0]} does not start ({error.strerror}).") from None
        try:
            _wait(child, title, started)
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise
    if child.returncode:
        tail = log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        raise StepFailed(
            "\n".join([*tail, f"{title}: failed. Whole output: {log.relative_to(ROOT)}"])
        )


def command_name(command: list[str]) -> str:
    """``python -m venv …`` → ``venv``; else the program's own name."""
    return command[2] if command[1:2] == ["-m"] else Path(command[0]).name


def _wait(child: subprocess.Popen[bytes], title: str, started: float) -> None:
    live = sys.stdout.isatty()
    if not live:
        print(f"{title} …", flush=True)
    announced = 0.0
    while True:
        seconds = time.monotonic() - started
        if live:
            print(f"\r{title} … {seconds:.0f} s", end="", flush=True)
        elif seconds - announced >= 10:
            announced = seconds
            print(f"{title} … {seconds:.0f} s", flush=True)
        try:
            child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
        break
    if live:
        print(f"\r{title} … {time.monotonic() - started:.1f} s")


def digest(paths: Iterable[Path], *, also: str = "") -> str:
    """One hash over names and contents; a file that is missing counts as that."""
    total = hashlib.sha256(also.encode())
    for path in sorted(set(paths)):
        total.update(os.fsencode(path.relative_to(ROOT)) + b"\0")
        try:
            total.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            total.update(b"missing")
    return total.hexdigest()


def is_current(step: str, made_from: str, outputs: Iterable[Path] = ()) -> bool:
    return _read_stamps().get(step) == made_from and all(path.exists() for path in outputs)


def stamp(step: str, made_from: str) -> None:
    stamps = {**_read_stamps(), step: made_from}
    beside = _STAMPS.with_suffix(".new")
    beside.write_text(json.dumps(stamps, indent=1))
    beside.replace(_STAMPS)


def _read_stamps() -> dict[str, str]:
    try:
        stamps = json.loads(_STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}
