"""Which licences the locks bring in: ``python -m scripts.licences check|write``.

``check`` refuses GPL and AGPL (and anything nobody has looked at) in what Otklik ships or imports;
``write`` makes THIRD_PARTY.md.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata

from scripts.step import ROOT

NOTICE = ROOT / "THIRD_PARTY.md"
# Used as a library, unmodified and replaceable, which the LGPL allows beside any licence.
LGPL_ALLOWED = {"psycopg", "psycopg-binary", "psycopg-pool"}
# Looked at by hand, where a package names its licence in no known word.
READ = {"dkimpy": "zlib"}
_FREE = re.compile(
    r"apache|\bmit\b|mit-|\bbsd\b|bsd-|0bsd|\bisc\b|psf|python software|mpl|mozilla|zlib|unlicense"
    r"|cc0|zpl|public domain|blueoak",
    re.IGNORECASE,
)
_GPL = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)([^\\\n]*)", re.MULTILINE)
_LGPL = re.compile(r"LGPL|Lesser General", re.IGNORECASE)


@dataclass(frozen=True)
class Library:
    name: str
    version: str
    licence: str


def main(arguments: list[str]) -> int:
    if arguments == ["write"]:
        NOTICE.write_text(_notice())
        print(f"Wrote {NOTICE.name}.")
        return 0
    if arguments != ["check"]:
        print("usage: python -m scripts.licences check|write", file=sys.stderr)
        return 2
    problems = [found for library in _shipped() if (found := problem(library))]
    if not NOTICE.exists() or NOTICE.read_text() != _notice():
        problems.append(f"{NOTICE.name} is not what the locks say: make third-party")
    print("\n".join(problems) or "Licences are free of GPL and AGPL.")
    return 1 if problems else 0


def _shipped() -> list[Library]:
    return _python_libraries() + _browser_libraries()


def _python_libraries() -> list[Library]:
    lock = (ROOT / "requirements" / "base.txt").read_text()
    libraries: dict[str, Library] = {}
    for name, version, marker in _PINNED.findall(lock):
        if "python_full_version <" in marker:
            continue  # so that the list is the same whatever Python it is made with
        try:
            licence = _licence_of(name)
        except PackageNotFoundError:
            continue  # for another system than this one
        libraries.setdefault(name, Library(name, version, licence))
    return list(libraries.values())


def _licence_of(name: str) -> str:
    if name in READ:
        return READ[name]
    about = metadata(name).json
    if expression := about.get("license_expression"):
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in about.get("classifier", [])
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    text = str(about.get("license") or "").strip().splitlines()
    return ", ".join(classifiers) or (text[0][:60] if text else "")


def _browser_libraries() -> list[Library]:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return [
        Library(path.rpartition("node_modules/")[2], each["version"], each.get("license", ""))
        for path, each in sorted(packages.items())
        if path and not each.get("dev") and not each.get("optional")
    ]


def problem(library: Library) -> str:
    licence = library.licence
    if _LGPL.search(licence):
        return (
            "" if library.name in LGPL_ALLOWED else f"{library.name}: {licence} (not on the list)"
        )
    if _GPL.search(licence) and not re.search(r"\bOR\b", licence):
        return f"{library.name}: {licence} is not allowed in what Otklik ships"
    return "" if _FREE.search(licence) else f"{library.name}: unknown licence {licence!r}"


def _notice() -> str:
    lines = ["# Libraries that Otklik uses", ""]
    lines += [
        "Made by `make third-party` from the locks. None of this code lies in the repository."
    ]
    for title, libraries in (
        ("Python", _python_libraries()),
        ("In the browser", _browser_libraries()),
    ):
        lines += ["", f"## {title}", "", "| library | version | licence |", "|---|---|---|"]
        lines += [f"| {each.name} | {each.version} | {each.licence} |" for each in libraries]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
