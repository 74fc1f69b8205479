"""``make lint``: every check runs, each failure is shown, one failure is enough to fail.

As many run at a time as there are cores, the longest first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.setup_steps import node_environment
from scripts.step import ROOT, VENV


def main() -> int:
    failed = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for title, done, seconds in pool.map(_run, _checks()):
            print(f"{'FAIL' if done.returncode else 'ok  '} {title} ({seconds:.1f} s)", flush=True)
            if done.returncode:
                failed.append(title)
                print(done.stdout.rstrip() or f"exit code {done.returncode}", flush=True)
    print(f"Lint failed: {', '.join(failed)}." if failed else "Lint passed.")
    return 1 if failed else 0


def _run(check: tuple[str, list[str]]) -> tuple[str, subprocess.CompletedProcess[str], float]:
    title, command = check
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=node_environment() if command[0].startswith("node_modules") else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return title, done, time.monotonic() - started


def _checks() -> list[tuple[str, list[str]]]:
    programs = VENV / "bin"
    python = str(programs / "python")
    templates = [
        str(path.relative_to(ROOT)) for path in sorted((ROOT / "otklik").glob("**/*.html"))
    ]
    checks = [
        ("types", [python, "-m", "scripts.check_types"]),
        ("style", [str(programs / "ruff"), "check", "--quiet", "--output-format=concise", "."]),
        ("form", [str(programs / "ruff"), "format", "--check", "--quiet", "."]),
        ("floors", [str(programs / "lint-imports"), "--no-logo"]),
        ("licences", [python, "-m", "scripts.licences", "check"]),
        ("house rules", [python, "-m", "scripts.house_rules"]),
        ("deployment", [python, "-m", "scripts.check_deploy"]),
        ("catalogues", [python, "-m", "scripts.messages", "check"]),
        ("front-end types", ["node_modules/.bin/tsc", "--noEmit"]),
    ]
    if templates:
        djade = [str(programs / "djade"), "--check", "--target-version", "5.2"]
        checks.insert(3, ("form of templates", [*djade, *templates]))
    if shutil.which("bash") and Path(ROOT, ".ci/run").exists():
        checks.append(("CI script", ["bash", "-n", ".ci/run"]))
    return checks


if __name__ == "__main__":
    sys.exit(main())
