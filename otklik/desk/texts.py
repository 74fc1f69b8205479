"""Texts the desk sends: built in by rooms, in the desk's own words where somebody wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.functional import Promise

from otklik.desk.models import Brand, TextTemplate
from otklik.desk.placeholders import Filler, Kind, flatten

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What may stand in a text; ``label`` explains it to whoever writes one."""

    name: str
    label: str | Promise
    kind: Kind = Kind.LINE
    example: Any = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A registered text. ``defaults``: language → (subject, body), English always among them."""

    key: str
    label: str | Promise
    placeholders: tuple[Placeholder, ...]
    defaults: Mapping[str, tuple[str, str]]
    required: frozenset[str] = field(default_factory=frozenset)

    @property
    def kinds(self) -> dict[str, Kind]:
        return {each.name: each.kind for each in self.placeholders}


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one text in one language; ``is_own``: the desk wrote them itself."""

    subject: str
    body: str
    language: str
    is_own: bool


_texts: dict[str, Text] = {}


def register_text(
    key: str,
    label: str | Promise,
    placeholders: tuple[Placeholder, ...],
    defaults: Mapping[str, tuple[str, str]],
    *,
    required: tuple[str, ...] = (),
) -> None:
    """From ``apps.ready``. ``required`` placeholders must stay in every wording (the link of a
    sign-in letter). Raises ValueError for a key that is taken or without English words.
    """
    if key in _texts and _texts[key].defaults != defaults:
        raise ValueError(f"text {key!r} is registered twice")
    if FALLBACK_LANGUAGE not in defaults:
        raise ValueError(f"text {key!r} has no English words")
    _texts[key] = Text(key, label, placeholders, defaults, frozenset(required))


def get_text(key: str) -> Text:
    """Raises LookupError for a key nobody registered."""
    try:
        return _texts[key]
    except KeyError:
        raise LookupError(f"no room registered the text {key!r}") from None


def list_texts() -> list[Text]:
    return sorted(_texts.values(), key=lambda text: text.key)


def list_languages() -> list[tuple[str, str]]:
    """(code, name in that language's own words) of the languages the desk speaks."""
    own = {"en": "English", "ru": "Русский"}
    return [(code, own.get(code, str(name))) for code, name in settings.LANGUAGES]


def find_wording(key: str, brand: Brand | None, language: str) -> Wording:
    """The words in force: the brand's, the desk's, the built-in ones; in ``language``, else in
    the brand's, else in English. One query.
    """
    text = get_text(key)
    wanted = [_primary(language), brand.language if brand else "", FALLBACK_LANGUAGE]
    rows = {
        (row.brand_id, row.language): row
        for row in TextTemplate.objects.filter(key=key)
        if row.brand_id in (None, brand.pk if brand else None)
    }
    for code in dict.fromkeys(filter(None, wanted)):
        for brand_id in (brand.pk if brand else None, None):
            row = rows.get((brand_id, code))
            if row is not None:
                return Wording(row.subject, row.body, code, is_own=True)
        if code in text.defaults:
            return Wording(*text.defaults[code], code, is_own=False)
    raise AssertionError("English words are always there")


def render_text(
    key: str, brand: Brand | None, language: str, context: Mapping[str, Any]
) -> Rendered:
    """Fill a text for one reader. ``context`` may be nested (``{"ticket": {"number": 1}}``);
    a placeholder without a value comes out empty, and a line of only such is left out. Moments
    are told in the time zone of the brand's calendar.
    """
    wording = find_wording(key, brand, language)
    return fill_wording(get_text(key), wording, brand, context)


def fill_wording(
    text: Text, wording: Wording, brand: Brand | None, context: Mapping[str, Any]
) -> Rendered:
    """Also for the preview of words that are not stored yet."""
    filler = Filler(
        kinds=text.kinds,
        context=flatten(context),
        language=wording.language,
        zone=brand.calendar.time_zone if brand else "UTC",
    )
    return Rendered(
        subject=filler.line(wording.subject),
        text=filler.text(wording.body),
        html=filler.html(wording.body),
        language=wording.language,
    )


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
