"""Tags, fields and marks as HTML."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django import forms
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone

from otklik.ui import marks
from otklik.ui.assets import DIST, UnknownAsset, icon_drawing
from otklik.ui.toasts import with_toast

PACKAGE = Path(__file__).resolve().parents[2]


def _render(text: str, **context: object) -> str:
    return str(engines["django"].from_string("{% load ui %}" + text).render(context))


class Letter(forms.Form):
    subject = forms.CharField(help_text="What it is about")
    copy = forms.EmailField(required=False)
    urgent = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.PasswordInput)
    audience = forms.ChoiceField(choices=[("a", "All")], widget=forms.RadioSelect)


def test_an_error_takes_the_place_of_the_help_and_is_announced() -> None:
    calm = _render("{% field form.subject %}", form=Letter())
    assert "What it is about" in calm
    assert 'aria-describedby="id_subject_note"' in calm
    wrong = _render("{% field form.subject %}", form=Letter({}))
    assert "What it is about" not in wrong
    assert 'aria-invalid="true"' in wrong
    assert 'class="field-error" id="id_subject_note"' in wrong


def test_optional_is_marked_and_required_is_not() -> None:
    form = Letter()
    assert "optional" in _render("{% field form.copy %}", form=form)
    assert "optional" not in _render("{% field form.subject %}", form=form)
    assert "optional" not in _render("{% field form.urgent %}", form=form)


def test_every_shape_of_field_names_its_control() -> None:
    form = Letter()
    for name in form.fields:
        html = _render("{% field bound %}", bound=form[name])
        assert "<label" in html or "<legend>" in html
        assert "style=" not in html
    assert "<legend>Audience" in _render("{% field form.audience %}", form=form)


def test_attributes_of_a_field_reach_its_control() -> None:
    html = _render('{% field form.copy hx_get="/x/" autocomplete="off" %}', form=Letter())
    assert 'hx-get="/x/"' in html
    assert 'autocomplete="off"' in html


def test_labels_of_marks_are_escaped_and_bare_marks_are_hidden() -> None:
    assert "<script>" not in marks.status_mark("half", "<script>")
    assert 'aria-hidden="true"' in marks.priority_mark("bars-2")
    with pytest.raises(KeyError):
        marks.status_mark("heart")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ольга Нестерова", "ОН"),
        ("Кофейня «Полдень»", "КП"),
        ("o.nesterova@polden.example", "OE"),
        ("Мария", "М"),
        ("«»", ""),
        ("李 小龙", "李小"),
    ],
)
def test_initials_are_letters_of_the_name(name: str, letters: str) -> None:
    assert marks.initials(name) == letters


def test_a_person_keeps_their_hue_and_nobody_is_a_dashed_circle() -> None:
    one = marks.avatar("Marina", 7)
    assert one == marks.avatar("Marina", 7)
    assert marks.hue_class(7) in one
    assert "avatar-nobody" in marks.avatar("")
    assert "&lt;" in marks.avatar("Marina", picture='"><script>')


def test_a_time_is_in_the_readers_zone_and_its_moment_is_exact() -> None:
    moment = datetime(2020, 5, 14, 21, 30, tzinfo=UTC)
    with timezone.override("Europe/Samara"):
        html = _render("{% when moment %}", moment=moment)
    assert 'datetime="2020-05-14T21:30:00+00:00"' in html
    assert "15\u00a0May\u00a02020" in html
    assert re.search(r"\d\d:\d\d<", _render("{% when moment 'time' %}", moment=moment))
    now = datetime(2026, 6, 3, 12, tzinfo=UTC)
    with time_machine.travel(now):
        for days, word in ((0, "today"), (-1, "yesterday"), (1, "tomorrow")):
            assert word in _render("{% when moment %}", moment=now + timedelta(days=days))
    assert _render("{% when moment %}", moment=None) == ""


def test_a_toast_rides_on_a_fragment_or_waits_for_the_next_page() -> None:
    fragment = with_toast(
        RequestFactory().post("/", headers={"HX-Request": "true"}),
        HttpResponse(headers={"HX-Trigger": '{"closeDialog": true}'}),
        "Решена",
        undo="/undo/",
    )
    sent = json.loads(fragment.headers["HX-Trigger"])
    assert sent["closeDialog"] is True
    assert sent["toast"]["text"] == "Решена"
    assert fragment.headers["HX-Trigger"].isascii()
    page = with_toast(RequestFactory().post("/"), HttpResponse(), "Решена; path=/evil")
    assert "HX-Trigger" not in page.headers
    assert ";" not in page.cookies["otklik_toast"].value


@pytest.mark.skipif(not DIST.is_dir(), reason="the front end is not built")
def test_every_icon_named_in_a_template_exists() -> None:
    used = {
        name
        for template in PACKAGE.rglob("templates/**/*.html")
        for name in re.findall(r"{% icon [\"']([^\"']+)", template.read_text(encoding="utf-8"))
    }
    unknown = []
    for name in sorted(used):
        try:
            icon_drawing(name)
        except UnknownAsset:
            unknown.append(name)
    assert not unknown


def test_no_template_or_drawing_carries_inline_code_or_style() -> None:
    for template in PACKAGE.rglob("templates/**/*.html"):
        if "mail" in template.parts or template.name == "letter.html":
            continue  # Letters, also in their sandboxed frames, have no other place for style.
        text = template.read_text(encoding="utf-8")
        found = re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|<script(?![^>]*\ssrc=)", text)
        assert not found, f"{template}: {found.group()}"


def test_options_of_a_menu_are_escaped_and_one_of_them_is_chosen() -> None:
    menu = [(1, "Marina"), (20, '<b>"Ilya" & sons</b>'), ("incident", "Incident")]
    shown = _render("{{ menu|options:chosen }}", menu=menu, chosen=20)
    assert shown == (
        '<option value="1">Marina</option>'
        '<option value="20" selected>&lt;b&gt;&quot;Ilya&quot; &amp; sons&lt;/b&gt;</option>'
        '<option value="incident">Incident</option>'
    )
    assert "selected" not in _render(
        "{{ menu|options }}{{ menu|options:none }}", menu=menu, none=None
    )
