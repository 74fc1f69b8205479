"""Packages of the operating system: installed where we may, named in one line where we may not."""

from __future__ import annotations

import os
import shutil
import subprocess

from scripts.step import StepFailed, run_step


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_packages(names: list[str]) -> None:
    """Install Debian packages without a question asked. Raises ``StepFailed`` naming them."""
    wanted = " ".join(names)
    if not may_install():
        raise StepFailed(f"Otklik needs {wanted}: sudo apt-get install {wanted}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    if not _are_known(names):
        run_step("Reading the package lists", ["apt-get", "update"], environment=environment)
    run_step(f"Installing {wanted}", command, environment=environment)


def is_installed(name: str) -> bool:
    """Whether dpkg knows the package as installed; False where there is no dpkg."""
    try:
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Status}", name], capture_output=True, text=True
        )
    except OSError:
        return False
    return answer.stdout == "install ok installed"


def _are_known(names: list[str]) -> bool:
    known = subprocess.run(["apt-cache", "show", *names], capture_output=True)
    return known.returncode == 0
