"""What a thread works in is its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from otklik.core.web.current import Current
from tests.services import environment_without_desk


def test_two_threads_speak_and_reckon_each_in_its_own_way_at_the_same_moment() -> None:
    both = Barrier(2)

    def work(language: str, zone: str) -> tuple[str | None, str]:
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            both.wait(10)
            said = (translation.get_language(), timezone.get_current_timezone_name())
            both.wait(10)
        return said

    with ThreadPoolExecutor(2) as threads:
        anna = threads.submit(work, "ru", "Europe/Moscow")
        olga = threads.submit(work, "en", "Asia/Yekaterinburg")
        assert anna.result(20) == ("ru", "Europe/Moscow")
        assert olga.result(20) == ("en", "Asia/Yekaterinburg")


def test_a_thread_begins_with_what_the_desk_speaks_and_not_with_what_another_said() -> None:
    with translation.override("ru"), ThreadPoolExecutor(1) as threads:
        assert threads.submit(translation.get_language).result(10) == "en"
        assert translation.get_language() == "ru"


def test_what_was_taken_back_is_gone_and_what_was_there_before_stays() -> None:
    held = Current()
    with pytest.raises(AttributeError):
        _ = held.value
    held.value = "Anna"
    assert Current(held).value == "Anna"
    del held.value
    assert getattr(held, "value", "nobody") == "nobody"


def test_two_coroutines_do_not_hear_each_others_language() -> None:
    async def speak(language: str) -> str | None:
        with translation.override(language):
            await asyncio.sleep(0)
            return translation.get_language()

    async def both() -> list[str | None]:
        return list(await asyncio.gather(speak("ru"), speak("en")))

    assert asyncio.run(both()) == ["ru", "en"]


def test_a_desk_that_starts_asks_without_a_lock_and_finds_its_addresses(tmp_path: Path) -> None:
    # In a process of its own: tests that change the languages put Django's own place back.
    program = """
import django; django.setup()
from django.urls import base, get_script_prefix, get_urlconf, reverse, set_urlconf
from django.utils import timezone
from django.utils.translation import trans_real
held = trans_real._active, vars(timezone)["_active"], base._urlconfs, base._prefixes
print(*{type(each).__name__ for each in held}, get_script_prefix(), get_urlconf())
set_urlconf("otklik.core.web.urls")
print(get_urlconf())
set_urlconf(None)
print(get_urlconf(), reverse("workspace:ticket", args=[7]))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **environment_without_desk(),
            "OTKLIK_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "otklik.project.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == (
        ["Current", "/", "None", "otklik.core.web.urls", "None", "/tickets/7/"]
    )
