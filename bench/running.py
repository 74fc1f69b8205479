"""A seeded home (cached by schema) and the real desk on it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import free_port, stop, wait_until

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
_PROGRAM = Path(sys.executable).with_name("otklik")
_READY = "seeded"


@dataclass(frozen=True)
class Running:
    """A running desk with ``size`` tickets."""

    url: str
    port: int
    mail_port: int
    home: Path
    environment: Mapping[str, str]
    tokens: tuple[str, ...]
    pid: int
    size: int
    database_url: str

    @property
    def is_postgresql(self) -> bool:
        return bool(self.database_url)


@contextmanager
def seeded_desk(size: int, database_url: str = "") -> Iterator[Running]:
    """Seed (or take from the cache), start ``otklik up``, end it and clear away."""
    folder = Path(tempfile.mkdtemp(prefix="otklik-bench-"))
    home = folder / "home"
    try:
        if database_url:
            _seed(home, size, database_url)
        else:
            shutil.copytree(_cached(size), home)
        environment = _environment(home, database_url)
        port, mail_port = int(environment["OTKLIK_PORT"]), int(environment["OTKLIK_MAIL_PORT"])
        url, log = f"http://127.0.0.1:{port}", folder / "log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [str(_PROGRAM), "up"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            wait_until(lambda: _is_ready(url), child, log, seconds=90)
            tokens = tuple(json.loads((home / "bench.json").read_text())["tokens"])
            desk = Running(
                url, port, mail_port, home, environment, tokens, child.pid, size, database_url
            )
            try:
                yield desk
            except BaseException:
                print("\n".join(log.read_text(errors="replace").splitlines()[-12:])[-4000:])
                raise
        finally:
            stop(child, seconds=20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def schema_hash() -> str:
    """Changes with any migration and with the generator."""
    digest = hashlib.sha256()
    sources = [*ROOT.glob("otklik/**/migrations/*.py"), *Path(__file__).parent.glob("[rs]*.py")]
    for path in sorted(sources):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _cached(size: int) -> Path:
    home = CACHE / f"{schema_hash()}-{size}"
    if not (home / _READY).exists():
        for old in CACHE.glob(f"*-{size}"):
            shutil.rmtree(old, ignore_errors=True)
        print(f"Writing {size:,} tickets …", flush=True)
        _seed(home, size, "")
        (home / _READY).touch()
    return home


def _seed(home: Path, size: int, database_url: str) -> None:
    home.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "bench.seed", str(size)],
        env=_environment(home, database_url),
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _environment(home: Path, database_url: str) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")
    }
    return {
        **inherited,
        "OTKLIK_HOME": str(home),
        "OTKLIK_HOST": "127.0.0.1",
        "OTKLIK_PORT": str(free_port()),
        "OTKLIK_MAIL_PORT": str(free_port()),
        "OTKLIK_DEMO": "0",
        **({"OTKLIK_DATABASE_URL": database_url} if database_url else {}),
    }


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
