"""``make lint``: files under ``deploy/`` are read by the programs they are for, where present.

What is always checked needs nothing: that they parse, that units call commands there are, that the
image names no package host and does not run as root. With systemd, nginx, Caddy or hadolint on
the machine those judge too; the last line says which did.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from scripts.step import ROOT, VENV

DEPLOY = ROOT / "deploy"
_PROGRAM = "/opt/otklik/.venv/bin/otklik"
_COMPOSE_KEYS = {
    *("image", "build", "restart", "environment", "volumes", "read_only", "tmpfs", "cap_drop"),
    *("security_opt", "stop_grace_period", "command", "healthcheck", "depends_on", "ports"),
}
_HOSTS = re.compile(r"--(extra-)?index-url|PIP_INDEX|UV_INDEX|npm_config_registry|registry\.", re.I)


def main() -> int:
    judges: list[str] = []
    problems = [
        *_problems_of_units(judges),
        *_problems_of_image(judges),
        *_problems_of_compose(),
        *_problems_of_proxies(judges),
    ]
    print("\n".join(problems) or f"deploy/ is in order; judged by: {', '.join(judges) or 'us'}.")
    return 1 if problems else 0


def _problems_of_units(judges: list[str]) -> Iterator[str]:
    from otklik.project.cli import COMMANDS

    units = sorted((DEPLOY / "systemd").iterdir())
    for unit in units:
        for line in unit.read_text().splitlines():
            if line.startswith("ExecStart="):
                program, command, *_ = line.removeprefix("ExecStart=").split()
                if program != _PROGRAM or command not in COMMANDS:
                    yield f"{unit.name}: {command} is no command of {_PROGRAM}"
                if "PYTHONDONTWRITEBYTECODE=1" not in unit.read_text():
                    yield f"{unit.name}: would write compiled modules at run time"
    if shutil.which("systemd-analyze") is None:
        return
    judges.append("systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for unit in units:
            copy = Path(folder, unit.name)
            # The program is not installed here; all else is judged as it stands.
            copy.write_text(unit.read_text().replace(_PROGRAM, "/bin/true"))
            copies.append(str(copy))
        yield from _said("systemd", ["systemd-analyze", "verify", "--man=no", *copies])


def _problems_of_image(judges: list[str]) -> Iterator[str]:
    path = DEPLOY / "docker" / "Dockerfile"
    text = path.read_text()
    steps = [line.split()[0] for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    if steps.count("FROM") < 2 or "USER" not in steps:
        yield "Dockerfile: built in a stage of its own, run as a user of its own"
    compiled = [stage for stage in text.split("\nFROM ") if "-m compileall" in stage]
    if len(compiled) < 2 or "PYTHONDONTWRITEBYTECODE=1" not in text:
        yield "Dockerfile: modules of the program and of Python are compiled when it is built"
    if _HOSTS.search(text):
        yield "Dockerfile: names a package host"
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for name in line.split():
            if not (ROOT / name).exists():
                yield f"Dockerfile: there is no {name} to copy"
    found = shutil.which("hadolint") or shutil.which("hadolint", path=str(VENV / "bin"))
    if found:
        judges.append("hadolint")
        yield from _said("Dockerfile", [found, str(path)])


def _problems_of_compose() -> Iterator[str]:
    from otklik.project.cli import COMMANDS

    text = (DEPLOY / "docker" / "compose.yaml").read_text()
    described = yaml.safe_load(text)
    services = described["services"]
    for name, service in services.items():
        unknown = set(service) - _COMPOSE_KEYS
        if unknown:
            yield f"compose.yaml: {name} has {', '.join(sorted(unknown))}"
        if service["image"] == "otklik" and service["command"][0] not in COMMANDS:
            yield f"compose.yaml: {name} runs {service['command'][0]}, which is no command"
        for other in service.get("depends_on", {}):
            if other not in services:
                yield f"compose.yaml: {name} waits for {other}, which is no service"
        for volume in service.get("volumes", []):
            if volume.split(":")[0] not in described["volumes"]:
                yield f"compose.yaml: {name} uses the volume {volume}, which is not named"
    known = set(re.findall(r"\| `(OTKLIK_[A-Z_]+)`", _configuration()))
    for variable in re.findall(r"\bOTKLIK_[A-Z_]+", text):
        if variable not in known:
            yield f"compose.yaml: {variable} is no setting"


def _configuration() -> str:
    return (ROOT / "docs" / "operators" / "configuration.md").read_text()


def _problems_of_proxies(judges: list[str]) -> Iterator[str]:
    nginx, caddy = shutil.which("nginx", path=_PATH), shutil.which("caddy", path=_PATH)
    if nginx:
        judges.append("nginx")
        with tempfile.TemporaryDirectory() as folder:
            yield from _said("nginx", [nginx, "-q", "-t", "-p", folder, "-c", _whole(Path(folder))])
    if caddy:
        judges.append("caddy")
        caddyfile = str(DEPLOY / "caddy" / "Caddyfile")
        yield from _said(
            "caddy", [caddy, "validate", "--adapter", "caddyfile", "--config", caddyfile]
        )


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _whole(folder: Path) -> str:
    """Our site within the least of a configuration, with a certificate made for this."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        + ["-subj", "/CN=desk.example.com", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    site = (DEPLOY / "nginx" / "otklik.conf").read_text()
    site = re.sub(r"(ssl_certificate\s+)\S+;", rf"\1{certificate};", site)
    site = re.sub(r"(ssl_certificate_key\s+)\S+;", rf"\1{key};", site)
    whole = folder / "nginx.conf"
    # Its working folders belong to an installed server; the check makes none outside its own.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    whole.write_text(
        f"pid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}\n{site}\n}}\n"
    )
    return str(whole)


def _said(who: str, command: list[str]) -> Iterator[str]:
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        yield f"{who}: {(done.stdout + done.stderr).strip()}"


if __name__ == "__main__":
    sys.exit(main())
