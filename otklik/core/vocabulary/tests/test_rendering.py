import time
from typing import Any

import pytest

from otklik.core.vocabulary import (
    Placeholder,
    Target,
    list_placeholders,
    register_placeholder,
    render,
    unknown_placeholders,
)
from otklik.core.vocabulary.placeholders import Context


def broken(context: Context) -> str:
    raise LookupError("no such thing")


@pytest.fixture(autouse=True)
def words() -> None:
    for name, resolve in {
        "letter.number": lambda context: str(context["number"]),
        "letter.name": lambda context: context.get("name", ""),
        "letter.broken": broken,
        "letter.long": lambda context: "x" * 50_000,
    }.items():
        register_placeholder(Placeholder(name, name, resolve))


def text(template: str, **context: Any) -> str:
    return render(template, context, target=Target.TEXT)


def test_placeholders_are_filled_in_and_fall_back() -> None:
    assert text("Заявка {{letter.number}}, {{ letter.name }}", number=7, name="Olga") == (
        "Заявка 7, Olga"
    )
    assert text("Hello {{letter.name|there}}", name="") == "Hello there"
    assert text("Hello {{letter.name|}}!{{letter.broken|?}}") == "Hello !?"
    assert text("{{letter.gone|a friend}} {{letter.gone}}") == "a friend "
    assert text("{{&nbsp;letter.name&nbsp;}}", name="Olga") == "Olga"


def test_what_is_no_placeholder_stays_as_it_is() -> None:
    for template in ("{{ }}", "{{name}}", "{% if x %}", "{letter.name}", "{{letter.name", "{{{{"):
        assert text(template) == template


def test_a_value_is_never_filled_in_again() -> None:
    assert text("{{letter.name}}", name="{{letter.number}}", number=7) == "{{letter.number}}"


@pytest.mark.parametrize(
    ("target", "written"),
    [
        (Target.TEXT, "<b>Olga</b>\nBcc: x@y & co"),
        (Target.HTML, "&lt;b&gt;Olga&lt;/b&gt;<br>Bcc: x@y &amp; co"),
        (Target.HEADER, "<b>Olga</b> Bcc: x@y & co"),
        (Target.URL, "%3Cb%3EOlga%3C%2Fb%3E%0ABcc%3A%20x%40y%20%26%20co"),
    ],
)
def test_values_are_escaped_for_where_they_go(target: Target, written: str) -> None:
    name = "<b>Olga</b>\nBcc: x@y & co"
    assert render("{{letter.name}}", {"name": name}, target=target) == written


def test_a_fall_back_in_html_is_text_too() -> None:
    assert render("<p>{{letter.name|a &amp; b}}</p>", {}, target=Target.HTML) == (
        "<p>a &amp; b</p>"
    )


def test_size_and_time_are_bounded() -> None:
    with pytest.raises(ValueError, match="at most"):
        text("x" * 200_001)
    assert len(text("{{letter.long}}" * 10_000)) <= 1_000_000
    for nasty in ("{{" * 90_000, "{{ " * 60_000, "{{a" + "a" * 190_000, "{{a.b|" * 30_000):
        started = time.thread_time()
        text(nasty)
        assert time.thread_time() - started < 2


def test_names_nobody_brings_are_told_while_writing() -> None:
    template = "{{letter.name}} {{letter.nmae}} {{x.y|z}} {{letter.nmae}}"
    assert unknown_placeholders(template) == ["letter.nmae", "x.y"]
    assert "letter.name" in [placeholder.name for placeholder in list_placeholders("letter")]
    assert list_placeholders("nothing") == []
