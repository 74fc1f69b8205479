"""Texts: the desk's own words win, values cannot say more than they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from otklik.core.access import NOBODY, SYSTEM, Forbidden, Invalid
from otklik.desk import builtin_texts
from otklik.desk.actions import forget_text, write_text
from otklik.desk.placeholders import Rich
from otklik.desk.tests.factories import make_brand, make_calendar
from otklik.desk.texts import list_texts, render_text

pytestmark = [pytest.mark.django_db, pytest.mark.data]

ACKNOWLEDGED = {
    "ticket": {"number": 4812, "url": "https://help.example/portal/requests/4812/"},
    "brand": {"name": "Полдень"},
    "promised": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
}


def test_an_acknowledgement_tells_number_and_time_in_the_readers_language():
    brand = make_brand(calendar=make_calendar(time_zone="Europe/Moscow"))
    russian = render_text(builtin_texts.ACKNOWLEDGEMENT, brand, "ru-RU", ACKNOWLEDGED)
    assert russian.language == "ru"
    assert "4812" in russian.text
    assert "не позже 24 ноября, 12:30 (UTC+3)" in russian.text
    assert '<a href="https://help.example/portal/requests/4812/">' in russian.html
    english = render_text(builtin_texts.ACKNOWLEDGEMENT, brand, "en", ACKNOWLEDGED)
    assert "by 24 November, 12:30 (UTC+3)" in english.text


def test_a_language_nobody_wrote_falls_back_to_the_brands():
    brand = make_brand(language="ru", languages=["ru", "en"])
    assert render_text(builtin_texts.SIGN_IN, brand, "fr", {}).language == "ru"
    assert render_text(builtin_texts.SIGN_IN, None, "fr", {}).language == "en"


def test_a_line_without_its_value_is_left_out():
    brand = make_brand()
    rendered = render_text(
        builtin_texts.ACKNOWLEDGEMENT, brand, "en", {"ticket": {"number": 7}, "brand": {"name": ""}}
    )
    assert "We will answer" not in rendered.text
    assert "{{" not in rendered.text + rendered.html
    assert not rendered.text.endswith("\n")


def test_values_are_escaped_and_bring_no_links_or_headers():
    brand = make_brand()
    write_text(
        SYSTEM,
        builtin_texts.ACKNOWLEDGEMENT,
        "en",
        subject="{{ brand.name }}",
        body="From {{brand.name|us}}: see https://ours.example/ <b>",
    )
    context = {"brand": {"name": "<img src=x>\r\nBcc: a@b.example https://evil.example"}}
    rendered = render_text(builtin_texts.ACKNOWLEDGEMENT, brand, "en", context)
    assert "\n" not in rendered.subject
    assert "<img" not in rendered.html
    assert "&lt;b&gt;" in rendered.html
    assert rendered.html.count("<a ") == 1
    assert 'href="https://ours.example/"' in rendered.html
    assert "From us:" in render_text(builtin_texts.ACKNOWLEDGEMENT, brand, "en", {}).text


def test_a_reply_keeps_its_html_and_gets_signature_and_number():
    brand = make_brand()
    rendered = render_text(
        builtin_texts.REPLY,
        brand,
        "ru",
        {
            "reply": Rich("Добрый день", "<p>Добрый <b>день</b></p>"),
            "agent": {"signature": "Марина\nСлужба <поддержки>"},
            "ticket": {"number": 7},
            "brand": {"name": "Полдень"},
        },
    )
    assert rendered.html.startswith("<div><p>Добрый <b>день</b></p></div>")
    assert "Марина<br>Служба &lt;поддержки&gt;" in rendered.html
    assert rendered.text.endswith("Полдень, заявка №\u00a07")


def test_the_brands_words_win_over_the_desks_and_those_over_the_built_in_ones():
    brand, other = make_brand(), make_brand()
    key = builtin_texts.SIGN_IN
    write_text(SYSTEM, key, "en", subject="For all", body="{{ link }}")
    write_text(SYSTEM, key, "en", subject="For one", body="{{ link }}", brand=brand)
    assert render_text(key, brand, "en", {}).subject == "For one"
    assert render_text(key, other, "en", {}).subject == "For all"
    forget_text(SYSTEM, key, "en", brand=brand)
    forget_text(SYSTEM, key, "en")
    assert render_text(key, brand, "en", {}).subject == "Your link to sign in"


def test_a_text_needs_its_link_and_knows_its_placeholders():
    key = builtin_texts.SIGN_IN
    with pytest.raises(Invalid) as raised:
        write_text(SYSTEM, key, "en", subject="", body="Come in")
    assert raised.value.code == "missing_placeholder"
    with pytest.raises(Invalid) as raised:
        write_text(SYSTEM, key, "en", subject="", body="{{ link }} {{ ticket.subject }}")
    assert raised.value.code == "unknown_placeholder"
    with pytest.raises(Forbidden):
        write_text(NOBODY, key, "en", subject="", body="{{ link }}")


def test_every_built_in_text_is_there_in_both_languages():
    for text in list_texts():
        assert {"en", "ru"} <= text.defaults.keys()
