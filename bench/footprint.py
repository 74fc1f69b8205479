"""What the desk takes: memory of its processes, bytes of its pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from bench.clients import Client
from bench.lines import FIRST_LOAD, MEMORY, Line
from bench.running import Running

# What a module fetches before it runs; import() comes later and is no part of the first load.
_IMPORTED = re.compile(r'(?:from|import)\s*"(\.[^"]+\.js)"')


def measure_memory(desk: Running) -> Line:
    found = _pss(desk.pid)
    note = f"{len(found)} processes" + (", without the server's" if desk.is_postgresql else "")
    return Line(MEMORY, value=round(sum(found) / 1024, 1), unit="MB", note=note)


def memory_of(desk: Running) -> float:
    """Megabytes of all processes of the desk."""
    return sum(_pss(desk.pid)) / 1024


def _pss(pid: int) -> list[int]:
    """Kilobytes, of the process and of all below it."""
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
            tasks = Path(f"/proc/{each}/task")
            children = [(tasks / task / "children").read_text() for task in os.listdir(tasks)]
        except OSError:  # it has just ended
            continue
        size = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        found.append(int(size[1]) if size else 0)
        waiting += [int(child) for line in children for child in line.split()]
    return found


def measure_weight(desk: Running) -> Iterator[Line]:
    """What the inbox's first load fetches, as it comes over the wire."""
    client = Client(desk.port).sign_in()
    inbox = "/tickets/?list=all"
    html = client.get(inbox, encoding="identity").decode()
    tags = re.findall(r"<(?:script|link)\b[^>]*>", html)
    found = [re.search(r'(?:src|href)="(/[^"]+\.(?:js|css))"', tag) for tag in tags]
    waiting = [each[1] for each in found if each]
    paths: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        if path in paths:
            continue
        paths[path] = len(client.get(path))
        if path.endswith(".js"):
            code = client.get(path, encoding="identity").decode()
            waiting += [urljoin(path, each) for each in _IMPORTED.findall(code)]
    parts = {
        "JavaScript": sum(size for path, size in paths.items() if path.endswith(".js")),
        "CSS": sum(size for path, size in paths.items() if path.endswith(".css")),
        "page": len(client.get(inbox)),
    }
    note = ", ".join(f"{name} {size / 1024:.1f}" for name, size in parts.items())
    yield Line(FIRST_LOAD, value=round(sum(parts.values()) / 1024, 1), unit="kB", note=note)
