"""Rules that no linter knows: file lengths, names, what may be committed, what locks may say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.step import ROOT

LONGEST = 400
_SOURCES = {".py", ".ts", ".mjs", ".css", ".html", ".sh", ".toml"}
_NAMES_OF_NOTHING = {"utils", "helpers", "common", "misc", "manager", "managers"}
_LOCKS = ("requirements/base.txt", "requirements/dev.txt", "requirements/build.txt")
_THIRD_PARTY = re.compile(
    r"(^|/)(node_modules|vendor|third_party|site-packages|ui/dist)/"
    r"|\.min\.(js|css)$|\.(whl|woff2?|ttf|otf|mo|map)$"
)
_HOST = re.compile(
    r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b|https?://|file:"
)


def main() -> int:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [Path(name) for name in listing.stdout.decode().split("\0") if name]
    problems = [*_problems_of_files(paths), *_problems_of_locks()]
    print("\n".join(problems) or f"{len(paths)} files keep the house rules.")
    return 1 if problems else 0


def _problems_of_files(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        if _THIRD_PARTY.search(path.as_posix()):
            yield f"{path}: built or third-party files are not committed"
        if path.stem in _NAMES_OF_NOTHING and path.suffix in {".py", ".ts"}:
            yield f"{path}: a name that says nothing"
        if not (ROOT / path).is_file() or path.suffix not in _SOURCES:
            continue
        if "migrations" in path.parts:
            continue
        length = len((ROOT / path).read_text().splitlines())
        if length > LONGEST:
            yield f"{path}: {length} lines; more than {LONGEST} want a split"


def _problems_of_locks() -> Iterator[str]:
    for name in (*_LOCKS, "requirements/node.txt"):
        text = (ROOT / name).read_text()
        for number, line in enumerate(text.splitlines(), 1):
            if _HOST.search(line):
                yield f"{name}:{number}: a lock names no host"
        for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]:
            if "--hash=" not in block:
                yield f"{name}: no hash for {block.split()[0]}"
    if '"resolved"' in (ROOT / "package-lock.json").read_text():
        yield "package-lock.json: a lock names no host (see .npmrc)"


if __name__ == "__main__":
    sys.exit(main())
