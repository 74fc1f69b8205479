"""What is on screen can be read: every pair of tokens that meets, in both themes."""

from __future__ import annotations

import pytest

from otklik.ui.brand import READABLE, brand_css, derive_brand
from otklik.ui.colour import Colour, avatar_colours, contrast, theme_colours

SURFACES = ("bg", "sunken", "hover", "selected", "raised", "own", "note", "accent-soft")
INKS = ("ink", "ink-2", "ink-3", "accent-ink", "note-ink", "danger-ink", "warn-ink", "ok-ink")
MARKS = ("accent", "focus", "line-strong", "danger-ink", "warn-ink", "ok-ink", "ink-3")
THEMES = ("light", "dark")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", INKS)
def test_every_ink_reads_on_every_surface(theme: str, name: str) -> None:
    colours = theme_colours(theme)
    lowest = min((contrast(colours[name], colours[on]), on) for on in SURFACES)
    assert lowest[0] >= 4.5, lowest


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["danger", "warn", "ok"])
def test_a_state_reads_on_its_own_tint(theme: str, name: str) -> None:
    colours = theme_colours(theme)
    for ink in (f"{name}-ink", "ink"):
        assert contrast(colours[ink], colours[f"{name}-soft"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("ink", "fill"),
    [
        ("on-accent", "accent"),
        ("on-accent", "accent-hover"),
        ("on-danger", "danger"),
        ("on-toast", "toast"),
        ("toast-accent", "toast"),
    ],
)
def test_words_on_filled_things_read(theme: str, ink: str, fill: str) -> None:
    colours = theme_colours(theme)
    assert contrast(colours[ink], colours[fill]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", MARKS)
def test_marks_and_borders_are_seen(theme: str, name: str) -> None:
    colours = theme_colours(theme)
    # A field stands on the work surface, in a menu or a dialog, never on a row or a tint.
    surfaces = ("bg", "sunken", "raised", "own") if name == "line-strong" else SURFACES
    lowest = min((contrast(colours[name], colours[on]), on) for on in surfaces)
    assert lowest[0] >= 3.0, lowest


@pytest.mark.parametrize("theme", THEMES)
def test_avatars_of_all_hues_read(theme: str) -> None:
    for hue in range(0, 360, 10):
        fill, ink = avatar_colours(theme, hue)
        assert contrast(fill, ink) >= 7.0, hue


def test_a_colour_survives_the_way_to_oklch_and_back() -> None:
    for text in ("#000000", "#ffffff", "#0b6580", "#ff0000", "#8a3b22", "#12ab9f"):
        assert Colour.from_hex(text).to_hex() == text
    # The white, red and blue that the CSS Color 4 specification lists.
    red = Colour.from_hex("#f00")
    assert (round(red.lightness, 3), round(red.chroma, 3), round(red.hue, 1)) == (
        0.628,
        0.258,
        29.2,
    )


@pytest.mark.parametrize(
    "asked",
    [f"#{r}{g}{b}" for r in ("00", "80", "ff") for g in ("00", "80", "ff") for b in ("00", "ff")],
)
def test_any_brand_colour_becomes_readable(asked: str) -> None:
    brand = derive_brand(asked)
    for theme, made in (("light", brand.light), ("dark", brand.dark)):
        page = theme_colours(theme)["bg"]
        assert contrast(made.ink, page) >= READABLE
        assert contrast(made.ink, made.soft) >= READABLE
        assert contrast(made.on_fill, made.fill) >= READABLE
        assert contrast(made.on_fill, made.hover) >= READABLE
        assert contrast(theme_colours(theme)["ink-3"], made.soft) >= READABLE
        assert made.ink.chroma <= 0.1401


def test_a_good_colour_is_kept_and_a_loud_one_is_explained() -> None:
    kept = derive_brand("#8a3b22")
    assert (kept.used, kept.why) == ("#8a3b22", "")
    loud = derive_brand("#ffe100")
    assert loud.used != "#ffe100"
    assert loud.why


@pytest.mark.parametrize("asked", ["red", "#12345", "#12345g", "", "};body{display:none"])
def test_what_is_no_colour_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        brand_css(asked)


def test_a_brand_sheet_holds_both_themes_and_the_corner() -> None:
    sheet = brand_css("#8a3b22", corner=12)
    assert sheet.count("--on-brand:") == 3
    assert "--brand-corner:12px" in sheet
    with pytest.raises(ValueError, match="corner"):
        brand_css("#8a3b22", corner=7)
