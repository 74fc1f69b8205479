"""OKLCH arithmetic: to and from sRGB, and the contrast of WCAG 2.

Source of the matrices: Björn Ottosson, https://bottosson.github.io/posts/oklab/ (public domain).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Colour:
    """Lightness 0 to 1, chroma 0 to about 0.37, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def from_hex(cls, text: str) -> Colour:
        """Reads ``#rgb`` or ``#rrggbb``. Raises ``ValueError`` for anything else."""
        digits = text.strip().removeprefix("#")
        if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits):
            raise ValueError(f"{text!r} is not a colour like #0b6580")
        if len(digits) == 3:
            digits = "".join(digit * 2 for digit in digits)
        red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
        long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        return cls(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)

    def linear(self) -> tuple[float, float, float]:
        """Linear sRGB; values outside 0 to 1 are outside what screens show."""
        a = self.chroma * math.cos(math.radians(self.hue))
        b = self.chroma * math.sin(math.radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )

    def fits(self) -> bool:
        """Whether sRGB can show it."""
        return all(-0.0005 <= value <= 1.0005 for value in self.linear())

    def fitted(self) -> Colour:
        """The same lightness and hue with as much chroma as sRGB has."""
        fitted = self
        while not fitted.fits() and fitted.chroma > 0:
            fitted = replace(fitted, chroma=max(0.0, fitted.chroma - 0.002))
        return fitted

    def luminance(self) -> float:
        """Relative luminance of WCAG 2, 0 to 1."""
        red, green, blue = (min(1.0, max(0.0, value)) for value in self.linear())
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def to_hex(self) -> str:
        """``#rrggbb``, clipped to sRGB."""
        return "#" + "".join(f"{round(_gamma(value) * 255):02x}" for value in self.linear())

    def to_css(self) -> str:
        """``oklch(L C h)``."""
        return f"oklch({self.lightness:.3f} {self.chroma:.3f} {self.hue:.1f})"


def contrast(one: Colour, other: Colour) -> float:
    """Contrast of WCAG 2, 1 to 21."""
    high, low = sorted((one.luminance(), other.luminance()), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=1)
def _tokens() -> dict[str, Any]:
    text = (Path(__file__).parent / "tokens.json").read_text(encoding="utf-8")
    tokens: dict[str, Any] = json.loads(text)
    return tokens


def theme_colours(theme: str) -> dict[str, Colour]:
    """The tokens of ``light`` or ``dark`` by name."""
    return {name: Colour(*value) for name, value in _tokens()[theme].items()}


def avatar_colours(theme: str, hue: float) -> tuple[Colour, Colour]:
    """Fill and ink of an avatar of this hue."""
    made = _tokens()["avatar"][theme]
    (lightness, chroma), (ink_lightness, ink_chroma) = made["fill"], made["ink"]
    return Colour(lightness, chroma, hue), Colour(ink_lightness, ink_chroma, hue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    value = min(1.0, max(0.0, value))
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
