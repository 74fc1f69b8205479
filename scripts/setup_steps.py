"""The steps from a bare checkout to a program that runs, each skipped while nothing changed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import package_index
from scripts.step import ROOT, VENV, StepFailed, digest, is_current, run_step, stamp
from scripts.system_packages import install_packages

PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
DIST = ROOT / "otklik" / "ui" / "dist"
OLDEST_NODE = 20


def prepare(*, with_tests: bool, is_compiled: bool = False) -> None:
    """Bring ``.venv``, the built front end and the catalogues up to date. Raises ``StepFailed``."""
    make_environment()
    install_python_packages(with_tests=with_tests)
    install_otklik()
    build_front_end()
    compile_catalogues()
    if is_compiled:
        compile_modules()


def make_environment() -> None:
    made_from = digest([], also=f"{VENV} {sys.version_info[:2]}")
    if is_current("environment", made_from, [PYTHON]):
        return
    if VENV.exists():
        # Made for another Python, or the checkout has moved: its programs name the old path.
        shutil.rmtree(VENV)
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", str(VENV)]
    elif shutil.which("uv"):
        command = ["uv", "venv", "--seed", "--python", sys.executable, str(VENV)]
    else:
        install_packages([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
        command = [sys.executable, "-m", "venv", str(VENV)]
    run_step("Making the Python environment", command, environment=os.environ)
    stamp("environment", made_from)


def install_python_packages(*, with_tests: bool) -> None:
    build, base, dev = (REQUIREMENTS / f"{name}.txt" for name in ("build", "base", "dev"))
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
    made_from = digest([build])
    if not is_current("build packages", made_from):
        run_step("Installing the installer", [*pip, str(build)], environment=os.environ)
        stamp("build packages", made_from)
    for name, lock in (("packages", base), ("test packages", dev)):
        if lock == dev and not with_tests:
            continue
        made_from = digest([lock])
        if is_current(name, made_from):
            continue
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON)]
        command = [*uv, "--require-hashes", "-r", str(lock)]
        environment = package_index.uv_environment(PYTHON)
        run_step(f"Installing Python {name}", command, environment=environment)
        stamp(name, made_from)


def install_otklik() -> None:
    made_from = digest([ROOT / "pyproject.toml"], also=str(ROOT))
    program = VENV / "bin" / "otklik"
    if is_current("otklik", made_from, [program]):
        return
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON)]
    command = [*uv, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    environment = package_index.uv_environment(PYTHON)
    run_step("Installing the program otklik", command, environment=environment)
    stamp("otklik", made_from)


def build_front_end() -> None:
    locks = [ROOT / "package.json", ROOT / "package-lock.json"]
    made_from = digest([*locks, *front_end_sources()])
    if is_current("front end", made_from, [DIST / "manifest.json"]):
        return
    environment = node_environment()
    packages = digest(locks)
    if not is_current("node packages", packages, [ROOT / "node_modules" / ".package-lock.json"]):
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        run_step("Installing front-end packages", command, environment=environment)
        stamp("node packages", packages)
    command = ["node", "scripts/build_frontend.mjs"]
    run_step("Building the front end", command, environment=environment)
    stamp("front end", made_from)


def front_end_sources() -> list[Path]:
    """Our own files that the built front end is made of."""
    patterns = ("**/*.ts", "**/islands/**/*.json", "**/css/**/*", "**/icons/**/*", "ui/tokens.json")
    found = {path for each in patterns for path in (ROOT / "otklik").glob(each) if path.is_file()}
    return [ROOT / "tsconfig.json", *(ROOT / "scripts").glob("*.mjs"), *found]


def node_environment() -> dict[str, str]:
    """The environment in which ``node`` is recent enough: the system's, else one from a wheel."""
    environment = dict(os.environ)
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return environment
    lock = REQUIREMENTS / "node.txt"
    made_from = digest([lock])
    if not is_current("node", made_from, [VENV / "bin" / "node"]):
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON)]
        run_step(
            "Installing Node for the front-end build",
            [*uv, "--require-hashes", "-r", str(lock)],
            environment=package_index.uv_environment(PYTHON),
        )
        stamp("node", made_from)
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return environment


def _node_version() -> int:
    try:
        answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.match(r"v(\d+)\.", answer.stdout)
    return int(version[1]) if version else 0


def compile_catalogues() -> None:
    catalogues = list((ROOT / "otklik").glob("**/locale/*/LC_MESSAGES/*.po"))
    made_from = digest(catalogues)
    if is_current("catalogues", made_from, [path.with_suffix(".mo") for path in catalogues]):
        return
    command = [str(PYTHON), "-m", "scripts.messages", "compile"]
    run_step("Compiling message catalogues", command, environment=os.environ)
    stamp("catalogues", made_from)


def compile_modules() -> None:
    """Beside their sources, where a service finds them that may write nothing here; whatever this
    shell keeps elsewhere. What is compiled already is passed over."""
    elsewhere = ("PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
    sources = [str(ROOT / "otklik"), str(VENV / "lib")]
    command = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", *sources]
    run_step("Compiling modules", command, environment=environment)


def main() -> int:
    """``python -m scripts.setup_steps front-end``: one step by itself, for those who work on it."""
    steps = {"front-end": build_front_end, "catalogues": compile_catalogues}
    try:
        steps[sys.argv[1]]()
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
