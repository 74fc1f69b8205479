"""The tools of the checkout say what is wrong, and cost nothing when nothing is."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from otklik.core.hooks.program import list_early
from otklik.project.opening import _LATE
from scripts import interpreters, licences, messages, package_index, system_packages
from scripts.setup_steps import front_end_sources
from scripts.step import ROOT, StepFailed, run_step


def test_a_second_setup_does_nothing_and_is_quick() -> None:
    command = [sys.executable, "-m", "scripts.bootstrap", "base"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    before = _cpu_of_children()
    second = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert second.stdout == ""
    assert _cpu_of_children() - before < 1


def test_the_front_end_is_built_anew_whatever_it_is_made_of_changes() -> None:
    watched = set(front_end_sources())
    rooms = ROOT / "otklik"
    scripts = {path for path in rooms.glob("**/*.ts") if not path.name.endswith(".d.ts")}
    styles = {path for path in rooms.glob("**/*.css") if "dist" not in path.parts}
    assert scripts | styles | {rooms / "ui" / "tokens.json"} <= watched
    assert not any("dist" in path.parts for path in watched)


def test_what_the_desk_imports_is_what_a_setup_without_tests_installs() -> None:
    named = {name.split(".")[0] for name in (*list_early(), *_LATE)}
    for path in (ROOT / "otklik").rglob("*.py"):
        if "tests" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                named.add(str(node.module).split(".")[0])
    locked = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    installed = {_folded(name) for name in re.findall(r"^([\w.-]+)==", locked, re.MULTILINE)}
    brought_by = packages_distributions()
    foreign = named - set(sys.stdlib_module_names) - {"otklik"}
    assert "django" in foreign
    missing = {
        name for name in foreign if not {_folded(one) for one in brought_by[name]} & installed
    }
    assert not missing


def test_a_plainly_compiled_python_gives_way_unless_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(interpreters.os.path, "realpath", lambda _: "/usr/bin/python3.12")
    monkeypatch.setattr(interpreters.glob, "glob", lambda name: [name])
    monkeypatch.setattr(sys, "base_prefix", "/home/anna/.pyenv/versions/3.12.1")
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.delenv("PYTHON", raising=False)
    built = {"CONFIG_ARGS": "'--prefix=/home/anna/.pyenv/versions/3.12.1'"}
    monkeypatch.setattr(interpreters.sysconfig, "get_config_var", built.get)
    assert interpreters.find_quicker() == "/usr/bin/python3.12"

    with monkeypatch.context() as other:
        other.setenv("PYTHON", "python3.12")
        assert interpreters.find_quicker() is None
    with monkeypatch.context() as other:
        other.setitem(built, "CONFIG_ARGS", "'--enable-optimizations' '--with-lto'")
        assert interpreters.find_quicker() is None
    with monkeypatch.context() as other:  # the program's own environment is there already
        other.setattr(sys, "prefix", str(tmp_path))
        assert interpreters.find_quicker() is None
    with monkeypatch.context() as other:  # Debian's python3 without python3-venv
        other.setattr(interpreters.glob, "glob", lambda _: [])
        assert interpreters.find_quicker() is None
    with monkeypatch.context() as other:
        other.setattr(interpreters.os.path, "realpath", lambda _: "/usr/bin/python3.9")
        assert interpreters.find_quicker() is None


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _cpu_of_children() -> float:
    """Seconds of processor time: unlike the clock's, a busy machine does not add to them."""
    spent = os.times()
    return spent.children_user + spent.children_system


def test_a_failed_step_shows_the_end_of_its_output_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = [sys.executable, "-c", "print('no space left'); raise SystemExit(3)"]
    with pytest.raises(StepFailed, match=r"no space left\nTrying something: failed\."):
        run_step("Trying something", command, environment={})
    assert capsys.readouterr().out == "Trying something …\n"


def test_a_package_that_may_not_be_installed_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system_packages, "may_install", lambda: False)
    with pytest.raises(StepFailed) as failure:
        system_packages.install_packages(["python3.11-venv"])
    assert str(failure.value).count("\n") == 0
    assert "python3.11-venv" in str(failure.value)


def test_uv_is_told_what_pip_was_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://mirror.example/a\nfind-links = /one /two\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/b")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("UV_NO_INDEX", "set by hand")
    told = package_index.uv_environment(Path(sys.executable))
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.example/b"
    assert told["UV_FIND_LINKS"] == "/one,/two"
    assert told["UV_NO_INDEX"] == "set by hand"


@pytest.mark.parametrize(
    ("name", "licence", "is_allowed"),
    [
        ("django", "BSD-3-Clause", True),
        ("psycopg", "LGPL-3.0-only", True),
        ("endesive", "LGPL-3.0-only", False),
        ("aioimaplib", "GNU General Public License v3 (GPLv3)", False),
        ("paramount", "AGPL-3.0-or-later", False),
        ("dual", "MIT OR GPL-2.0-only", True),
        ("mystery", "", False),
    ],
)
def test_licences_that_bind_us_are_refused(name: str, licence: str, is_allowed: bool) -> None:
    assert (licences.problem(licences.Library(name, "1", licence)) == "") is is_allowed


def test_catalogues_must_be_whole_and_keep_placeholders() -> None:
    template = Catalog()
    for text in ("Reply", "Close", "%(name)s waits", "Solve"):
        template.add(text, locations=[("otklik/x.py", 1)])
    russian = Catalog(locale="ru")
    russian.add("Reply", "Ответить")
    russian.add("Close", "")
    russian.add("%(name)s waits", "%(who)s ждёт", flags={"python-format"})
    found = "\n".join(messages.problems_of(russian, template))
    assert "Reply" not in found
    assert "ru: empty: Close" in found
    assert "%(name)s waits" in found
    assert "not in ru (make messages): Solve" in found


def test_templates_are_read_as_django_reads_them() -> None:
    page = (
        '{% load i18n %}\n  <p>{% translate "May" context "month" %} (“unbalanced</p>\n'
        "{% blocktranslate count n=n trimmed %}\n  {{ n }} ticket\n{% plural %}\n"
        '  {{ n }} tickets\n{% endblocktranslate %}{{ _("All") }}'
    )
    found = [(name, text) for _, name, text, _ in messages.read_template(page, (), {})]
    assert ("pgettext", ("month", "May")) in found
    assert ("ngettext", ("%(n)s ticket", "%(n)s tickets", None)) in found
    assert ("_", "All") in found


def test_messages_are_found_under_whatever_name_gettext_has() -> None:
    program = (
        b"from django.utils.translation import gettext as _now\n"
        b"from django.utils.translation import ngettext as several\n"
        b'_now("Late"); several("%(n)d day", "%(n)d days", 2); print("no message")\n'
    )
    found = list(messages.extract_program(io.BytesIO(program), None, (), {}))
    told = [(name, text) for _, name, text, _ in found]
    assert ("gettext", "Late") in told
    assert ("ngettext", ("%(n)d day", "%(n)d days", None)) in told
    assert len(told) == 2
