"""``make test``: everything on SQLite, then what touches data again on PostgreSQL.

Redis, Chromium and mail servers are used where a test asks for them. What was skipped is counted
and named in the last lines; with ``CI=true`` a skipped test is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from scripts.step import ROOT, StepFailed
from scripts.system_packages import install_packages, is_installed, may_install

# One more than cores: tests that kill, restart and look at pages wait for half of their time.
WORKERS = min(4, (os.cpu_count() or 1) + 1)
SLOWEST = 10
# What tests use that Python packages cannot bring, by the tests that ask for it.
SYSTEM_PACKAGES = {
    "screen": ["chromium", "fonts-noto-core", "fonts-noto-color-emoji"],
    "mail": ["dovecot-imapd", "postfix", "swaks"],
}


@dataclass
class Run:
    """One pytest run. ``closing`` is its last line; ``seconds`` pairs times with tests."""

    title: str
    returncode: int = 0
    closing: str = ""
    tests: int = 0
    skipped: list[str] = field(default_factory=list)
    seconds: list[tuple[float, str]] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    everything_twice = arguments == ["--all"]
    if arguments and not everything_twice:
        print("usage: python -m scripts.run_tests [--all]", file=sys.stderr)
        return 2
    _provide_system_packages()
    _make_ready()
    data = [] if everything_twice else ["-m", "data"]
    runs = [
        _run("on SQLite", "sqlite", []),
        _run(
            "on PostgreSQL" if everything_twice else "data tests on PostgreSQL", "postgresql", data
        ),
    ]
    return _report(runs)


def _make_ready() -> None:
    """What both runs copy, on all cores at once. Who fails here fails again in a test, and says."""
    subprocess.run([sys.executable, "-m", "tests.services.ready"], cwd=ROOT)


def _provide_system_packages() -> None:
    missing = [n for names in SYSTEM_PACKAGES.values() for n in names if not is_installed(n)]
    if not missing:
        return
    if not may_install():
        wanted = " ".join(missing)
        print(f"Tests that need {wanted} are skipped: sudo apt-get install {wanted}")
        return
    try:
        install_packages(missing)
    except StepFailed as failure:
        print(failure)


def _run(title: str, database: str, selection: list[str]) -> Run:
    print(f"\n── Tests {title}", flush=True)
    with tempfile.TemporaryDirectory(prefix="otklik-report-") as folder:
        report = Path(folder, "report.xml")
        child = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "loadfile"]
            + ["--no-loadscope-reorder"]  # tests/plugin.py knows which files take long
            + ["-o", "junit_family=xunit1", f"--junitxml={report}", *selection],
            cwd=ROOT,
            env={**os.environ, "OTKLIK_TEST_DB": database},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout
        closing = ""
        for line in child.stdout:
            print(line, end="", flush=True)
            closing = line.strip() or closing
        run = Run(title, returncode=child.wait(), closing=closing)
        if report.exists():
            _read_report(report, run)
    return run


def _read_report(report: Path, run: Run) -> None:
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 — pytest's own file
        run.tests += 1
        name = f"{case.get('file', case.get('classname'))}::{case.get('name')}"
        run.seconds.append((float(case.get("time", 0)), name))
        skip = case.find("skipped")
        if skip is not None and skip.get("type") == "pytest.skip":
            run.skipped.append(skip.get("message") or "no reason given")


def _report(runs: list[Run]) -> int:
    slowest = sorted((each for run in runs for each in run.seconds), reverse=True)[:SLOWEST]
    print("\nSlowest tests:")
    for seconds, name in slowest:
        print(f"  {seconds:6.2f} s  {name}")
    problems = []
    for run in runs:
        print(f"Tests {run.title}: {run.closing}")
        if run.returncode:
            problems.append(f"tests {run.title} failed (pytest ended with {run.returncode})")
        elif not run.tests or run.tests == len(run.skipped):
            problems.append(f"no tests ran {run.title}")
    skipped = Counter(reason for run in runs for reason in run.skipped)
    for reason, count in sorted(skipped.items()):
        print(f"Skipped {count}: {reason}")
    if skipped and os.environ.get("CI") == "true":
        problems.append(f"{skipped.total()} tests were skipped, which CI does not allow")
    print("FAILED: " + "; ".join(problems) if problems else "All tests passed.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
