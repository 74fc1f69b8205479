"""A part that is kept says what it would say drawn anew, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine
from django.template import Context, Engine, TemplateSyntaxError
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import override

from otklik.ui.kept import Keep, kept, today_in

PARTS = {
    "pin": (
        "<form action=\"{% url 'workspace:pin' number id %}\">{% csrf_token %}"
        "{% if is_pinned %}{% translate 'Close' %}{% else %}{% translate 'Save' %}{% endif %}"
        " 100 % of {{ words }}{{ stranger }}#{{ number }}</form>"
    ),
    "asked": "{% kept 'pin' is_pinned=is_pinned words=words put number=number id=id %}",
    "drawn": "{% include 'pin' with is_pinned=is_pinned words=words number=number id=id %}",
    "day": "{% kept 'today' %}",
    "today": "{% now 'j E' %}",
    "named": "{% kept 'name' one=one %}",
    "name": "{{ one.name }}",
    "shown": "{% kept 'all' rows=rows %}",
    "all": "{% for number, words in rows %}{{ number }}{{ words }}{% endfor %}",
    "numbers": "{% kept 'same' put a=a %}{% kept 'same' put b=b %}",
    "values": "{% kept 'same' a=a %}{% kept 'same' b=a %}",
    "same": "[{% if a %}a{{ a }}{% endif %}{{ b }}]",
}


@dataclass
class Row:
    """Equal to another of the same id, as rows of the database are."""

    id: int
    name: str

    def __hash__(self) -> int:
        return self.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.id == other.id


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    kept.clear()
    yield
    kept.clear()


def render(template: str, **values: Any) -> str:
    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", PARTS)],
        builtins=["django.templatetags.i18n", "otklik.ui.templatetags.ui"],
    )
    return engine.get_template(template).render(Context(values))


def of_a_pin(**other: Any) -> dict[str, Any]:
    values = {"is_pinned": True, "words": "<мельница> & 5 %s", "number": 7, "id": 41}
    return values | {"csrf_token": "abc"} | other


def test_it_says_what_it_would_say_drawn_anew():
    for language in ("en", "ru"):
        for other in (
            {}, {"number": 8}, {"id": 10**15}, {"is_pinned": False}, {"csrf_token": "of-another"},
            {"csrf_token": ""}, {"words": mark_safe("<мельница> & 5 %s")}, {"words": "100 %(id)d"},
            {"words": "%(csrf_token)s"}, {"number": 0}, {"is_pinned": None},
        ):  # fmt: skip
            with override(language):
                drawn = render("drawn", **of_a_pin(**other))
                for _again in range(2):
                    assert render("asked", **of_a_pin(**other)) == drawn


def test_tickets_share_it_and_have_their_own_number_and_token():
    first = render("asked", **of_a_pin(number=7, csrf_token="of-marina"))
    assert len(kept) == 1
    second = render("asked", **of_a_pin(number=12, csrf_token="of-ilya"))
    assert len(kept) == 1
    assert re.findall(r"#\d+|of-\w+", first) == ["of-marina", "#7"]
    assert re.findall(r"#\d+|of-\w+", second) == ["of-ilya", "#12"]


def test_it_sees_nothing_of_the_page_but_what_it_is_given():
    assert "secret" not in render("asked", **of_a_pin(stranger="secret"))
    assert "secret" in render("asked", **of_a_pin(words="secret"))


def test_what_is_equal_and_shown_otherwise_is_told_apart():
    safe, hostile = mark_safe("<b>hi</b>"), "<b>hi</b>"
    assert "<b>hi</b>" in render("asked", **of_a_pin(words=safe))
    assert "<b>hi</b>" not in render("asked", **of_a_pin(words=hostile))
    assert "<b>hi</b>" in render("shown", rows=((1, safe),))
    assert render("shown", rows=((1, hostile),)) == "1&lt;b&gt;hi&lt;/b&gt;"
    assert render("shown", rows=((True, hostile),)).startswith("True")
    assert len(kept) == 5


def test_what_can_change_and_still_be_equal_is_drawn_each_time_and_said_in_the_log():
    moment = datetime(2026, 6, 3, 18, 50, tzinfo=UTC)
    with structlog.testing.capture_logs() as lines:
        assert render("named", one=Row(1, "Marina")) == "Marina"
        assert render("named", one=Row(1, "Ilya")) == "Ilya"
        assert render("shown", rows=[(1, "Dasha")]) == "1Dasha"
        assert "Olga" in render("shown", rows=((1, Row(2, "Olga")),))
        assert "18:50" in render("shown", rows=((1, moment),))
    assert len(kept) == 0
    assert {line["event"] for line in lines} == {"part_not_kept"}
    assert render("shown", rows=((1, "Dasha"), (2, None))) == "1Dasha2None"
    assert len(kept) == 1


def test_a_day_is_told_anew_when_the_next_one_begins_and_in_another_zone():
    before_midnight_in_samara = datetime(2026, 6, 3, 19, 59, tzinfo=UTC)
    for minutes, day_in_samara in ((0, 3), (1, 4), (241, 4)):
        now = before_midnight_in_samara + timedelta(minutes=minutes)
        with time_machine.travel(now, tick=False):
            with timezone.override("UTC"):
                assert render("day") == f"{now.day} June"
            with timezone.override("Europe/Samara"):
                assert render("day") == f"{day_in_samara} June"
                assert today_in(timezone.get_current_timezone()).day == day_in_samara


def test_one_template_may_be_given_different_names():
    assert render("numbers", a=1, b=2) == "[a1][2]"
    assert render("numbers", a=3, b=4) == "[a3][4]"
    assert render("numbers", a="<x>", b=4) == "[a&lt;x&gt;][4]"
    assert render("values", a="x") == "[ax][x]"


@pytest.mark.parametrize("wrong", ["{% kept %}", "{% kept name %}", "{% kept 'pin' number %}"])
def test_a_tag_that_is_written_wrongly_says_so(wrong: str):
    with pytest.raises(TemplateSyntaxError, match="kept takes"):
        Engine(builtins=["otklik.ui.templatetags.ui"]).from_string(wrong)


def test_what_nobody_asks_for_any_more_is_let_go_and_what_is_too_long_is_not_kept():
    keep = Keep(most=2500)
    for number in range(40):
        keep.put(number, "x" * 50 * (number % 2))  # a key weighs something too
        assert keep.get(0) is not None  # asked for all the time
    assert len(keep) <= 24
    assert keep.get(1) is None
    keep.put("long", "x" * 140_000)
    assert keep.get("long") is None
