"""A folded template says what a whole one does, in every language, for every kind of value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.template import Context, Engine, TemplateDoesNotExist
from django.template.base import TextNode, VariableDoesNotExist
from django.template.loader import get_template
from django.test import RequestFactory, override_settings
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from otklik.ui.folding import Loader

LOCMEM = "django.template.loaders.locmem.Loader"
CACHED = "django.template.loaders.cached.Loader"
FOLDED = "otklik.ui.folding.Loader"
BUILTINS = ["django.templatetags.i18n", "otklik.ui.templatetags.ui"]
PAGES = {
    "base": (
        "<title>{% block title %}{% translate 'Save' %}{% endblock %}</title>"
        "{% block body %}{% endblock %}"
    ),
    "page": (
        "{% extends 'base' %}{% load ui %}"
        "{% block title %}{{ block.super }}: {{ name }}{% endblock %}"
        "{% block body %}{# nothing #}{% comment %}no{% endcomment %}"
        "{% icon 'inbox' %}{% icon 'inbox' size=20 label=_('Save') %}{% icon which %}"
        "{% translate 'Cancel' %}{% translate 'Cancel' as word %}{{ word|upper }}"
        "{% translate '100 %%' %}{% for each in values %}{{ forloop.counter }}{{ each }}|"
        "{{ each|default:'-' }};{% empty %}none{% endfor %}"
        "{% if name %}{% translate 'Save' %}{% elif count %}x{% else %}y{% endif %}"
        "{% with a=count %}{{ a }}{{ missing }}{{ missing.deeper }}{% endwith %}"
        "{% autoescape off %}{{ name }}{{ count }}{% endautoescape %}{{ _('Save') }}{{ 'a<b' }}"
        "{% url 'workspace:ticket' 7 %}{% url 'workspace:ticket' number=count %}"
        "{% url 'workspace:inbox' %}{% url 'workspace:inbox' as there %}{{ there }}"
        "{% csrf_token %}{% include 'part' with each=name %}{% endblock %}"
    ),
    "part": "[{{ each }}{% translate 'Close' %}]",
}


def _engine(loader: str, pages: dict[str, str] = PAGES, *, debug: bool = False) -> Engine:
    return Engine(
        loaders=[(loader, [(LOCMEM, pages)])],
        builtins=BUILTINS,
        libraries={"ui": BUILTINS[1]},
        debug=debug,
    )


def _values(**more: Any) -> dict[str, Any]:
    values = ["<b>", mark_safe("<i>"), 1_234_567, 1.5, True, None, gettext_lazy("Save")]
    moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    return {
        "name": "O'Hara & <Söhne>",
        "count": 42,
        "which": "x",
        "values": [*values, moment, {"a": "<"}],
        "csrf_token": 'a"b',
        "request": RequestFactory().get("/"),
        **more,
    }


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    "more", [{}, {"name": "", "values": []}, {"name": "", "count": 0, "csrf_token": ""}]
)
@pytest.mark.parametrize("grouped", [False, True])
def test_a_folded_page_says_what_a_whole_one_does(
    language: str, more: dict[str, Any], grouped: bool
) -> None:
    with override(language), override_settings(USE_THOUSAND_SEPARATOR=grouped):
        said = [
            _engine(loader).get_template("page").render(Context(_values(**more)))
            for loader in (CACHED, FOLDED)
        ]
    assert said[0] == said[1]
    assert ("Сохранить" in said[1]) == (language == "ru")


class _Removing:
    alters_data = True

    def __call__(self) -> str:
        raise AssertionError("a template must not")


class _Thing:
    """As view code hands them to templates."""

    kind = "thing"
    empty = None

    def __init__(self) -> None:
        self.name, self.rows, self.more = "Anna & co", ["first", "second"], {"items": "own", "a": 1}

    def __str__(self) -> str:
        return "<thing>"

    @property
    def gone(self) -> str:
        raise ObjectDoesNotExist

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    def shout(self) -> str:
        return self.name.upper()

    def needs(self, what: str) -> str:
        return what

    remove = _Removing()


class _Keyed(_Thing):
    """A key wins over an attribute of the same name."""

    def __getitem__(self, key: object) -> str:
        if key == "name":
            return "by key"
        raise KeyError(key)


_LOOKED_UP = """
    thing.name thing.kind thing.empty thing.gone thing.shout thing.needs thing.remove
    thing.rows.1 thing.rows.7 thing.rows.first thing.more.items thing.more.a thing.more.keys
    thing.name.upper thing.nothing.deeper keyed.name keyed.kind keyed.shout maker.name
    thing call words.0 words.title nothing none.name dicts autoescape True None False
"""


@pytest.mark.parametrize("name", _LOOKED_UP.split())
@pytest.mark.parametrize(
    "form",
    [
        "{{%s}}",
        "{%% if %s %%}+{%% else %%}-{%% endif %%}",
        "{%% if not %s and %s == 'by key' or %s in words %%}+{%% endif %%}",
        "{{ %s|default:'-' }}{{ 'x'|default:%s }}",
        "{%% for each in %s %%}{{ each }},{%% endfor %%}",
        "{%% with a=%s %%}[{{ a }}]{%% endwith %%}",
        "{%% icon 'inbox' label=%s %%}",
    ],
)
def test_what_is_looked_up_is_found_as_ever(form: str, name: str) -> None:
    said = [
        _say(loader, form.replace("%s", name).replace("%%", "%")) for loader in (CACHED, FOLDED)
    ]
    assert said[0] == said[1]


def _say(loader: str, page: str) -> str:
    """What it says, or the failure that the page would have met."""
    values = {
        "thing": _Thing(), "keyed": _Keyed(), "maker": _Thing, "call": lambda: "called",
        "words": "a word", "none": None,
    }  # fmt: skip
    try:
        return str(_engine(loader, {"page": page}).get_template("page").render(Context(values)))
    except VariableDoesNotExist as error:
        return str(error).partition(" in ")[0]
    except Exception as error:
        return repr(error)


def test_words_that_a_value_names_are_translated_and_each_reader_has_their_own_language() -> None:
    pages = {
        "named": "{% translate word %}{% translate word as said %}|{{ said }}|{{ word }}",
        "part": "{% translate 'Save' %}",
        "both": "{% for each in languages %}"
        "{% language each %}{% include 'part' %} {% endlanguage %}{% endfor %}",
    }
    for loader in (CACHED, FOLDED):
        engine = _engine(loader, pages)
        with override("ru"):
            for _again in range(2):
                shown = engine.get_template("named").render(Context({"word": "Save"}))
                assert shown == "Сохранить|Сохранить|Save"
        with override("en"):
            both = engine.get_template("both")
        for languages in (["ru", "en"], ["en", "ru"]):
            shown = both.render(Context({"languages": languages}))
            said = {"ru": "Сохранить", "en": "Save"}
            assert shown.split() == [said[each] for each in languages]


def test_what_fails_inside_of_a_property_is_not_taken_for_a_name_that_is_missing() -> None:
    said = [_say(loader, "{{ thing.broken }}") for loader in (CACHED, FOLDED)]
    assert said == ["AttributeError('inside')"] * 2


def test_a_part_that_includes_itself_and_one_named_by_a_value_are_found() -> None:
    pages = {
        "tree": "{{ node.name }}{% for node in node.below %}({% include 'tree' %}){% endfor %}",
        "chosen": "{% include name with node=node only %}",
        "missing": "{% include 'nowhere' %}",
    }
    leaf: dict[str, Any] = {"name": "c", "below": []}
    root = {"name": "a", "below": [{"name": "b", "below": [leaf]}, leaf]}
    for loader in (CACHED, FOLDED):
        engine = _engine(loader, pages)
        for name in ("tree", "chosen"):
            shown = engine.get_template(name).render(Context({"node": root, "name": "tree"}))
            assert shown == "a(b(c))(c)"
        with pytest.raises(TemplateDoesNotExist):
            engine.get_template("missing").render(Context())


def test_each_language_has_a_template_of_its_own_and_asking_again_gives_the_same() -> None:
    engine = _engine(FOLDED, {"words": "{% translate 'Save' %} {% translate 'Cancel' %}"})
    shown = {}
    for language in ("ru", "en", "ru"):
        with override(language):
            template = engine.get_template("words")
            assert template is engine.get_template("words")
            assert [type(node) for node in template.nodelist] == [TextNode]
            shown[language] = template.render(Context())
    assert shown["en"] == "Save Cancel"
    assert shown["ru"].startswith("Сохранить")


def test_addresses_take_numbers_in_any_order_and_names_go_the_long_way() -> None:
    pages = {
        "address": "{% url 'workspace:ticket' number %}",
        "named": "{% url view %}",
        "none": "{% url 'workspace:nowhere' 1 %}",
    }
    engine = _engine(FOLDED, pages)

    def say(name: str, **values: Any) -> str:
        return str(engine.get_template(name).render(Context(values)))

    assert say("address", number=5) == "/tickets/5/"
    assert say("address", number="6") == "/tickets/6/"
    assert say("named", view="workspace:inbox") == "/tickets/"
    for name, values in (("address", {"number": "x"}), ("address", {"number": -1}), ("none", {})):
        with pytest.raises(Exception, match="Reverse for"):
            say(name, **values)


def test_while_debugging_templates_stay_whole_and_missing_ones_are_missed() -> None:
    engine = _engine(FOLDED, debug=True)
    assert len(engine.get_template("part").nodelist) == 4
    with pytest.raises(TemplateDoesNotExist):
        _engine(FOLDED).get_template("nowhere")


def test_the_desk_folds_its_templates() -> None:
    engine = get_template("workspace/ticket.html").template.engine  # type: ignore[attr-defined]
    assert isinstance(engine.template_loaders[0], Loader)
