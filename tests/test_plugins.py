"""A channel is a folder and nothing else: a package nobody here knows takes in and sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.services import environment_without_desk

FOLDER = Path(__file__).parent / "plugins"


def test_a_channel_from_a_foreign_package_takes_in_and_sends(tmp_path: Path) -> None:
    environment = environment_without_desk()
    environment |= {
        "OTKLIK_HOME": str(tmp_path / "home"),
        "PYTHONPATH": f"{FOLDER}{os.pathsep}{FOLDER.parent.parent}",
    }
    (tmp_path / "home").mkdir()
    ran = subprocess.run(
        [sys.executable, str(FOLDER / "fly.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    assert told["dispositions"] == ["opened", "duplicate"]
    assert told["identity"] == ["pigeon", "42"]
    assert told["flown"] == [["42", "ring-1", True]]
    assert told["state"] == "sent"
    assert told["messages"] == 2
