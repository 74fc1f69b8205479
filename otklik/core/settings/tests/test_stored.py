from dataclasses import replace

import pytest

from otklik.core import settings
from otklik.core.access import NOBODY, SYSTEM, Forbidden, Invalid
from otklik.core.settings import secrets
from otklik.core.settings.models import Setting
from otklik.core.settings.sealed import find_unreadable, seal_anew

pytestmark = [pytest.mark.django_db, pytest.mark.data]

DASHA = replace(NOBODY, permissions=frozenset({"settings.change"}))


@pytest.fixture(autouse=True)
def declared() -> None:
    settings.register("test.greeting", str, "Hello", "Greeting")
    settings.register("test.limit", int, 5, "Limit", choices=(5, 10))
    settings.register("test.password", str, "", "Password", is_secret=True)


def test_an_administrator_changes_a_setting_and_an_agent_does_not() -> None:
    from otklik.core.events.models import EventRow

    assert settings.get("test.greeting") == "Hello"
    settings.put(DASHA, "test.greeting", "Здравствуйте")
    assert settings.get("test.greeting") == "Здравствуйте"
    event = EventRow.objects.get(name="setting.changed")
    assert event.data == {"key": "test.greeting"}
    with pytest.raises(Forbidden):
        settings.put(NOBODY, "test.greeting", "Pwned")
    settings.put(DASHA, "test.greeting", "Здравствуйте")
    assert EventRow.objects.filter(name="setting.changed").count() == 1


def test_values_of_another_type_or_outside_the_choices_are_refused() -> None:
    settings.put(DASHA, "test.limit", 10)
    for wrong in (7, "10", True):
        with pytest.raises(Invalid):
            settings.put(DASHA, "test.limit", wrong)
    with pytest.raises(LookupError):
        settings.get("test.nobody_declared_this")


def test_secret_settings_are_sealed_in_the_database_and_follow_a_rotation() -> None:
    settings.put(SYSTEM, "test.password", "hunter2")
    before = Setting.objects.get(key="test.password").value
    assert "hunter2" not in before
    assert settings.get("test.password") == "hunter2"
    secrets.add_key()
    assert seal_anew() == (1, 0)
    after = Setting.objects.get(key="test.password").value
    assert secrets.is_current(after)
    assert not secrets.is_current(before)
    assert settings.get("test.password") == "hunter2"
    assert seal_anew() == (0, 0)


def test_secrets_of_a_lost_key_are_counted_not_guessed() -> None:
    settings.put(SYSTEM, "test.password", "hunter2")
    assert find_unreadable() == []
    Setting.objects.filter(key="test.password").update(value="k9abcdef:AAAA")
    (found,) = find_unreadable()
    assert (found.model, found.field, found.count) == ("settings.Setting", "value", 1)
    assert seal_anew() == (0, 1)
