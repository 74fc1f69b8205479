"""From the one colour a brand chooses to the colours its pages use, readable in both themes.

Hue is kept; chroma is at most 0.14; lightness goes down (dark theme: up) by 0.01 until text
in the colour reads at 4.5 : 1 on the page and on the brand's soft tint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from otklik.ui.colour import Colour, contrast, theme_colours

CORNERS = (0, 8, 12)
MOST_CHROMA = 0.14
READABLE = 4.5
_STEP = 0.01
_SOFT = {"light": (0.97, 0.011), "dark": (0.27, 0.028)}


@dataclass(frozen=True, slots=True)
class BrandTheme:
    """The colours of one theme; ``ink`` is for words and marks, ``fill`` for the main button."""

    fill: Colour
    on_fill: Colour
    hover: Colour
    ink: Colour
    soft: Colour


@dataclass(frozen=True, slots=True)
class BrandColours:
    """What was asked for, what is used, and why they differ (empty when they do not)."""

    asked: str
    used: str
    used_dark: str
    why: str
    light: BrandTheme
    dark: BrandTheme


def derive_brand(asked: str) -> BrandColours:
    """Raises ``ValueError`` when ``asked`` is not ``#rgb`` or ``#rrggbb``."""
    chosen = Colour.from_hex(asked)
    calm = replace(chosen, chroma=min(chosen.chroma, MOST_CHROMA)).fitted()
    light, dark = _derive_theme(calm, "light"), _derive_theme(calm, "dark")
    return BrandColours(
        asked=asked,
        used=light.fill.to_hex(),
        used_dark=dark.fill.to_hex(),
        why=_explain(chosen, light.fill),
        light=light,
        dark=dark,
    )


def brand_css(asked: str, corner: int = 8) -> str:
    """A style sheet for ``portal.css`` to stand on: custom properties of both themes.

    ``corner`` is in CSS pixels, one of ``CORNERS``. Raises ``ValueError`` for other values.
    """
    if corner not in CORNERS:
        raise ValueError(f"A corner is one of {CORNERS}, not {corner!r}")
    brand = derive_brand(asked)
    light, dark = _properties(brand.light), _properties(brand.dark)
    return (
        f":root{{--brand-corner:{corner}px}}"
        f':root,[data-theme="light"]{{{light}}}'
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}'
        f'[data-theme="dark"]{{{dark}}}\n'
    )


def _derive_theme(colour: Colour, theme: str) -> BrandTheme:
    tokens = theme_colours(theme)
    lightness, chroma = _SOFT[theme]
    soft = Colour(lightness, min(chroma, colour.chroma), colour.hue).fitted()
    surfaces = [tokens[name] for name in ("bg", "sunken", "hover", "raised")] + [soft]
    step = -_STEP if theme == "light" else _STEP
    ink = colour
    while min(contrast(ink, surface) for surface in surfaces) < READABLE:
        ink = replace(colour, lightness=ink.lightness + step).fitted()
    choices = (Colour(1, 0, 0), theme_colours("light")["ink"])
    # What is readable on the page is so against white or ink as well; the test walks all hues.
    on_fill = max(choices, key=lambda choice: contrast(choice, ink))
    hover = replace(ink, lightness=ink.lightness - 0.05).fitted()
    if contrast(on_fill, hover) < READABLE:
        hover = replace(ink, lightness=ink.lightness + 0.05).fitted()
    return BrandTheme(fill=ink, on_fill=on_fill, hover=hover, ink=ink, soft=soft)


def _explain(asked: Colour, used: Colour) -> str:
    calmer = asked.chroma - used.chroma > 0.012
    darker = asked.lightness - used.lightness > 0.008
    if calmer and darker:
        return str(_("Made calmer and darker, so that words in it can be read."))
    if darker:
        return str(_("Made darker, so that words in it can be read."))
    if calmer:
        return str(_("Made calmer, so that it does not tire the eye."))
    return ""


def _properties(theme: BrandTheme) -> str:
    values = {
        "brand": theme.fill,
        "on-brand": theme.on_fill,
        "brand-hover": theme.hover,
        "brand-ink": theme.ink,
        "brand-soft": theme.soft,
    }
    return ";".join(f"--{name}:{colour.to_css()}" for name, colour in values.items())
