"""Which Python a checkout is made with. The syntax stays readable for older Pythons.

What version managers build (pyenv, asdf) is compiled plainly unless asked otherwise; pages and
letters take a quarter longer with it than with the Python of a distribution, which is built with
the profile of a run (https://docs.python.org/3/using/configure.html#performance-options).
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import sys
import sysconfig

OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
OF_DISTRIBUTION = "/usr/bin/python3"


def find_newer() -> str | None:
    """For one that is too old: the path of the newest, the system's own first."""
    places = ("/usr/local/bin:/usr/bin", None)
    found = (shutil.which(name, path=path) for path in places for name in NEWER)
    return next(filter(None, found), None)


def find_quicker() -> str | None:
    """The path of the distribution's, for one that is compiled plainly and was not asked for."""
    is_asked_for = os.environ.get("PYTHON") or sys.prefix != sys.base_prefix
    if is_asked_for or not _is_plain():
        return None
    python = os.path.realpath(OF_DISTRIBUTION)
    version = re.match(r"/usr/bin/python3\.(\d+)$", python)
    if not version or (3, int(version.group(1))) < OLDEST:
        return None
    can_make_environments = glob.glob("/usr/lib*/" + os.path.basename(python) + "/ensurepip")
    return python if can_make_environments else None


def _is_plain() -> bool:
    asked = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return sys.base_prefix != "/usr" and "--enable-optimizations" not in asked
