import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import environment_without_desk
from tests.services.ready import fill_home


def otklik(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = environment_without_desk()
    return subprocess.run(
        [sys.executable, "-m", "otklik.project.cli", *words],
        env={**kept, "OTKLIK_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=400,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_help_names_every_command_and_a_typing_mistake_gets_a_hint(tmp_path: Path) -> None:
    shown = otklik(tmp_path, "help")
    assert shown.returncode == 0
    assert "rebuild tickets" in shown.stdout
    assert "person export" in shown.stdout
    said = otklik(tmp_path, "person")
    assert "otklik person erase" in said.stderr
    assert said.returncode == 64
    wrong = otklik(tmp_path, "chekc")
    assert wrong.returncode == 64
    assert "Did you mean check?" in wrong.stderr


def test_a_wrong_setting_is_one_line_never_a_trace(tmp_path: Path) -> None:
    done = otklik(tmp_path, "config", OTKLIK_PRT="1")
    assert done.returncode == 78
    assert done.stderr == (
        "otklik: OTKLIK_PRT is no setting of Otklik. Did you mean OTKLIK_PORT?\n"
    )


def test_config_shows_sources_and_hides_passwords(tmp_path: Path) -> None:
    done = otklik(tmp_path, "config", OTKLIK_SMTP_URL="smtp://desk:geheim@mail.example:587")
    assert "OTKLIK_SMTP_URL" in done.stdout
    assert "(environment)" in done.stdout
    assert "geheim" not in done.stdout


@pytest.mark.parametrize("command", ["up", "web"])
def test_the_demo_refuses_to_listen_to_others_unless_told(tmp_path: Path, command: str) -> None:
    done = otklik(tmp_path, command, OTKLIK_HOST="0.0.0.0", OTKLIK_PORT="18391")
    assert done.returncode == 78
    assert "OTKLIK_DEMO=public" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = otklik(tmp_path / "file" / "home", "check")
    assert done.returncode == 78
    assert "cannot be" in done.stderr
    assert "Traceback" not in done.stderr


def test_looking_at_a_home_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    done = otklik(tmp_path / "typo", "check")
    assert done.returncode == 1
    assert "there is no desk in" in done.stderr
    assert "OTKLIK_HOME" in done.stderr
    assert not (tmp_path / "typo").exists()


def test_the_pipe_answers_before_any_framework_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from otklik.project.cli import main\n"
        "try:\n    main(['mail', 'deliver', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'django', 'structlog', 'pydantic', 'cryptography'} & set(sys.modules)))"
    )
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OTKLIK_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    after = os.times()
    # Processor time: unlike the clock's, a busy machine does not add to it.
    assert after.children_user - before.children_user < 1


def test_whatever_goes_wrong_in_the_pipe_the_letter_stays_with_the_mail_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from otklik.project import cli

    monkeypatch.setitem(sys.modules, "otklik.plugins.channel_email.pipe", None)
    assert cli.main(["mail", "deliver", "--to", "support@demo.example"]) == 75
    assert "for now" in capsys.readouterr().err


def test_a_lost_key_file_is_explained_and_can_be_given_up(tmp_path: Path) -> None:
    assert otklik(tmp_path, "init").returncode == 0
    (tmp_path / "keys" / "secret.keys").unlink()
    lost = otklik(tmp_path, "check")
    assert lost.returncode == 78
    assert "Put the key file back" in lost.stderr
    assert otklik(tmp_path, "key", "rotate").returncode == 78
    assert otklik(tmp_path, "key", "rotate", "--lost").returncode == 0
    assert otklik(tmp_path, "check").returncode == 0


def test_a_rotated_key_is_current_and_the_old_one_stays(tmp_path: Path) -> None:
    fill_home(tmp_path)
    before = (tmp_path / "keys" / "secret.keys").read_text()
    done = otklik(tmp_path, "key", "rotate")
    assert done.returncode == 0
    assert "New key k2" in done.stdout
    after = (tmp_path / "keys" / "secret.keys").read_text()
    assert after.startswith(before)
    assert len(after.splitlines()) == len(before.splitlines()) + 1


def test_a_key_file_of_another_installation_stops_every_part(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    fill_home(home)
    otklik(other, "key", "rotate")
    (home / "keys" / "secret.keys").write_bytes((other / "keys" / "secret.keys").read_bytes())
    for command in ("worker", "mail", "init"):
        done = otklik(home, command)
        assert done.returncode == 78
        assert "does not belong to this database" in done.stderr
