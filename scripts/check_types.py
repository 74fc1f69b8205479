"""mypy over everything; the settings it imports get a home of their own, not the person's desk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from scripts.step import ROOT


def main() -> int:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("OTKLIK_")}
    with tempfile.TemporaryDirectory(prefix="otklik-types-") as home:
        return subprocess.run(
            [sys.executable, "-m", "mypy", "otklik", "scripts", "tests", "bench", "conftest.py"],
            cwd=ROOT,
            env={**environment, "OTKLIK_HOME": home, "OTKLIK_DEMO": "0"},
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
