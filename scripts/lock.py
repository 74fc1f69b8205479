"""``make lock``: resolve requirements/*.in and package.json anew into locks without hosts.

``python -m scripts.lock --upgrade`` takes the newest versions; otherwise what is locked stays.
"""

from __future__ import annotations

import subprocess
import sys

from scripts.package_index import uv_environment
from scripts.setup_steps import PYTHON, REQUIREMENTS, node_environment
from scripts.step import ROOT, VENV

# dev.in names base.txt as its constraint, so base comes first.
_ORDER = ("base", "dev", "build", "node")
_OPTIONS = [
    *("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"),
    *("--universal", "--python-version", "3.11", "--quiet"),
]


def main(arguments: list[str]) -> int:
    for name in _ORDER:
        source, lock = (REQUIREMENTS / f"{name}.{ending}" for ending in ("in", "txt"))
        command = [str(VENV / "bin" / "uv"), "pip", "compile", *_OPTIONS, *arguments]
        done = subprocess.run(
            [*command, str(source.relative_to(ROOT)), "-o", str(lock.relative_to(ROOT))],
            cwd=ROOT,
            env=uv_environment(PYTHON),
        )
        if done.returncode:
            return done.returncode
    command = ["npm", "update" if arguments else "install", "--package-lock-only"]
    return subprocess.run(command, cwd=ROOT, env=node_environment()).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
