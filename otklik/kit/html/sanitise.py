"""HTML from strangers reduced to an allow-list, with pictures under the caller's control."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

import nh3

from otklik.kit.html.bounds import is_tractable, without_comments, without_unclosed, word_set
from otklik.kit.html.convert import stripped_text, text_to_html
from otklik.kit.html.css import clean_style

# Kept beside stored HTML: what an older sanitiser let through is cleaned again from the original.
SANITISER_VERSION = 2

AddressMap = Callable[[str], str | None]

_LONGEST_INLINE_PICTURE = 2_000_000
_LONGEST_ADDRESS = 4000
_LONGEST_FALLBACK = 500_000

_REL = "noopener noreferrer nofollow"
_DROPPED_WITH_CONTENT = word_set(
    "script style svg math title template noscript iframe object applet textarea select xmp "
    "noembed noframes plaintext audio video canvas frameset"
)
_MAIL_TAGS = word_set(
    "a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup "
    "dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header "
    "hr i img ins kbd li main mark ol p pre q s samp section small span strike strong sub "
    "summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_CELL = {"align", "valign", "bgcolor", "width", "height", "colspan", "rowspan", "nowrap"}
_MAIL_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "align", "border"},
    "font": {"color", "face", "size"},
    "table": {"align", "bgcolor", "border", "cellpadding", "cellspacing", "width", "height"},
    "tr": {"align", "valign", "bgcolor", "height"},
    "td": _CELL,
    "th": _CELL,
    "col": {"span", "width", "align"},
    "colgroup": {"span", "width", "align"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value"},
    "hr": {"width", "size", "align", "color"},
    **{name: {"align"} for name in ("div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "caption")},
}
_RICH_TAGS = word_set(
    "a b blockquote br code del em h2 h3 h4 hr i img li mark ol p pre s strong sub sup table "
    "tbody td th thead tr u ul"
)
_RICH_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}

_WITH_REFERENCES = {**_RICH_ATTRIBUTES, "span": {"data-ref"}}
# A thing of the desk that our own people named: "person:7", "ticket:4812".
_REFERENCE = re.compile(r"[a-z]{2,20}:[1-9][0-9]{0,17}")
_REFERENCE_TAG = re.compile(r"</?span[^<>]*>", re.I)
_REFERENCE_HELD = re.compile(r'<span data-ref="([a-z]{2,20}):([1-9][0-9]{0,17})">')

# Before the address of a remote picture: a scheme of no browser, so nothing is loaded.
_UNLOADED = "remote:"
_IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f]+")
_INLINE_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+", re.I)
_LINK = re.compile(r"(?:https?|mailto|tel):", re.I)
_REMOTE = re.compile(r"https?://", re.I)


class CleanHtml(str):
    """HTML that is safe to place in a page: the text itself, with what was noticed on the way.

    ``blocked_images`` counts remote pictures that stay unloaded, ``cids`` are the content ids its
    pictures name; ``is_reduced`` says that the markup was too large or too twisted to parse, so
    that only its text is left.
    """

    __slots__ = ("blocked_images", "cids", "is_reduced")

    blocked_images: int
    cids: frozenset[str]
    is_reduced: bool

    def __new__(
        cls,
        html: str,
        blocked_images: int = 0,
        cids: frozenset[str] = frozenset(),
        is_reduced: bool = False,
    ) -> CleanHtml:
        made = super().__new__(cls, html)
        made.blocked_images = blocked_images
        made.cids = cids
        made.is_reduced = is_reduced
        return made


def sanitise_mail_html(
    html: str, *, cid_url: AddressMap | None = None, remote_url: AddressMap | None = None
) -> CleanHtml:
    """Mail HTML without anything that runs, submits, redirects or loads unasked.

    ``cid_url`` gets ``cid:…`` of an inline picture (id decoded), ``remote_url`` the address of a
    remote one; both return what to put there. Without a map, or when it returns None, the picture
    stays unloaded but known: ``cid:…``, ``remote:https://…`` (no browser loads either). So what
    was sanitised for storing is sanitised again, with the reader's maps, for showing.
    """
    pictures = _Pictures(cid_url or _unknown, remote_url or _unknown)
    return _clean(html, _MAIL_TAGS, _MAIL_ATTRIBUTES, pictures)


def sanitise_rich_text(
    html: str,
    *,
    image_url: AddressMap | None = None,
    data_url: AddressMap | None = None,
    keeps_references: bool = False,
) -> CleanHtml:
    """What an editor of ours may produce: structure and links, no styles.

    ``image_url`` judges every picture address (``cid:``, remote or a path of our own),
    ``data_url`` a picture whose bytes stand in the text; without it such a one stays.
    References to things of the desk, ``<span data-ref="ticket:4812">#4812</span>``, become their
    words, unless it is staff that writes or reads.
    """
    judge = image_url or _unknown
    pictures = _Pictures(judge, judge, judge, keeps_unknown=False, data_url=data_url)
    if not keeps_references:
        return _clean(html, _RICH_TAGS, _RICH_ATTRIBUTES, pictures)
    return _clean(html, _RICH_TAGS | {"span"}, _WITH_REFERENCES, pictures)


def references_in(html: str) -> list[tuple[str, int]]:
    """What a sanitised text refers to, each once in order: [("person", 7), ("ticket", 4812)]."""
    found = ((kind, int(number)) for kind, number in _REFERENCE_HELD.findall(html))
    return list(dict.fromkeys(found))


def map_references(html: str, place: Callable[[str, int], str | None]) -> str:
    """A sanitised text whose references are links where ``place`` gives an address."""

    def tag(found: re.Match[str]) -> str:
        url = place(found[1], int(found[2]))
        if url is None:
            return found[0]
        link = f'<a href="{escape(url)}">'
        closing.append("</a>")
        return found[0] + link

    closing: list[str] = []
    pieces = _REFERENCE_TAG.split(html)
    tags = _REFERENCE_TAG.findall(html)
    written = [pieces[0]]
    open_links: list[str] = []
    for one, piece in zip(tags, pieces[1:], strict=True):
        if one.startswith("</"):
            written.append((open_links.pop() if open_links else "") + one)
        else:
            closing.clear()
            written.append(_REFERENCE_HELD.sub(tag, one))
            open_links.append(closing[0] if closing else "")
        written.append(piece)
    return "".join(written)


def without_references(html: str) -> str:
    """A sanitised rich text for readers outside: references are plain words."""
    return _REFERENCE_TAG.sub("", html)


def _unknown(_address: str) -> None:
    return None


@dataclass(slots=True)
class _Pictures:
    cid_url: AddressMap
    remote_url: AddressMap
    own_url: AddressMap = _unknown
    keeps_unknown: bool = True
    data_url: AddressMap | None = None
    blocked: int = 0
    cids: set[str] = field(default_factory=set)

    def place(self, address: str) -> str | None:
        if address[:4].lower() == "cid:":
            content_id = unquote(address[4:])
            self.cids.add(content_id)
            placed = self.cid_url(f"cid:{content_id}")
            return f"cid:{address[4:]}" if placed is None and self.keeps_unknown else placed
        remote = address.removeprefix(_UNLOADED)
        if _REMOTE.match(remote):
            placed = self.remote_url(remote) if len(remote) <= _LONGEST_ADDRESS else None
            if placed is None:
                self.blocked += 1
                return f"{_UNLOADED}{remote}" if self.keeps_unknown else None
            return placed
        if address[:5].lower() == "data:":
            is_picture = len(address) <= _LONGEST_INLINE_PICTURE and _INLINE_PICTURE.fullmatch(
                address
            )
            if not is_picture:
                return None
            return address if self.data_url is None else self.data_url(address)
        return self.own_url(address) if address.startswith("/") else None


def _clean(
    html: str, tags: frozenset[str], attributes: dict[str, set[str]], pictures: _Pictures
) -> CleanHtml:
    # A lone surrogate is no text, and NUL would be judged differently by different parsers.
    html = without_comments(html.encode("utf-8", "replace").decode().replace("\x00", ""))
    html = without_unclosed(html)
    if not is_tractable(html):
        text = stripped_text(html)[:_LONGEST_FALLBACK]
        return CleanHtml(text_to_html(text), is_reduced=True)
    failures: list[Exception] = []

    def judge(tag: str, attribute: str, value: str) -> str | None:
        # What a callback raises would be swallowed by the parser and the value kept.
        try:
            return _judge(tag, attribute, value, pictures)
        except Exception as error:
            failures.append(error)
            return None

    cleaned = nh3.clean(
        html,
        tags=set(tags),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=attributes,
        attribute_filter=judge,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data", "remote"},
        link_rel=_REL,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    if failures:
        raise failures[0]
    return CleanHtml(cleaned, pictures.blocked, frozenset(pictures.cids))


def _judge(tag: str, attribute: str, value: str, pictures: _Pictures) -> str | None:
    if attribute == "data-ref":
        return value if _REFERENCE.fullmatch(value) else None
    if attribute == "style":
        return clean_style(value) or None
    if attribute == "src":
        return pictures.place(_IGNORED_IN_ADDRESSES.sub("", value)) if tag == "img" else None
    if attribute == "href":
        address = _IGNORED_IN_ADDRESSES.sub("", value)
        is_link = tag == "a" and len(address) <= _LONGEST_ADDRESS and _LINK.match(address)
        return address if is_link else None
    return value if len(value) <= _LONGEST_ADDRESS else None
