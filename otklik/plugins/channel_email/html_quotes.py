"""HTML mail as plain text in which quotes keep their ``>`` marks, as in a text part.

What a program says of its own markup (this is a quote, here the old message begins, this is a
signature) is kept beside the lines: it needs no words of any language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from otklik.kit.html import html_to_text

from .html_links import name_links

MAX_DEPTH = 9  # deeper quotes are shown at this depth
MAX_MARKS = 2000
_LARGEST = 2_000_000

# Private characters that travel through the conversion to text as lines of their own.
_QUOTE, _CITE, _QUOTE_END, _CUT, _SAID, _SAID_END, _SIGNED, _SIGNED_END, _RULE = map(
    chr, range(0xE0F0, 0xE0F9)
)
_ALL = "".join(map(chr, range(0xE0F0, 0xE0F9)))
_FOREIGN = re.compile(f"[{_ALL}]|&#(?:x0*e0f[0-8]|0*575(?:8[4-9]|9[0-2]));?", re.IGNORECASE)
_MARK = re.compile(f"[{_ALL}]")

_TAG = re.compile(
    r"<(/?)(blockquote|div|hr|span|pre|p|table|td|section)\b([^<>]{0,2000})>", re.IGNORECASE
)
_WORTH_READING = re.compile(
    r"blockquote|<hr|quote|signature|appendonsend|divrplyfwdmsg|border-top|border-left|zwchr|cite|"
    r"reply|reference-message|separator|olk_src|messageheader|__sig|mailContent|isForward|"
    r"stopspelling",
    re.IGNORECASE,
)
# Indented by hand in Gmail: a blockquote without a border is the author's own text.
_INDENT = re.compile(
    r"border\s*:\s*(?:none|0(?:px)?\b)(?!.*border-left)|webkit-indent", re.IGNORECASE
)
_NAMED = (
    r"(?:id|class|name|data-marker|data-smartmail)\s*=\s*[\"']?[^\"'<>]{0,300}?"
    r"(?<![\w-])(?:[\w-]{0,12}_)?"
)
_BORDERED = re.compile(r"border-left", re.IGNORECASE)
# Written by a program alone; "gmail_quote" is also what Gmail's button for quoting sets.
_IS_CITE = re.compile(
    r"type\s*=\s*[\"']?cite|(?:class|id)\s*=\s*[\"']?[^\"'<>]{0,200}"
    r"(?:protonmail_quote|tutanota_quote|missive_quote|front-blockquote|yahoo|auto-quote|cite)",
    re.IGNORECASE,
)
# Outlook marks quotes with a blue line, GMX and WEB.DE with a div of their own.
_QUOTE_DIV = re.compile(
    r"border-left\s*:\s*solid\s+(?:blue|#0000ff|windowtext)|border-left\s*:\s*(?:blue|"
    r"#0000ff)[^;\"']{0,20}solid|"
    r"name\s*=\s*[\"']?quote[\"'\s>]|class\s*=\s*[\"'][^\"']{0,100}(?:zmail_extra|quoted-text)",
    re.IGNORECASE,
)
_CUT_DIV = re.compile(
    _NAMED + r"(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|"
    r"ms-outlook-mobile-body-separator-line|OLK_SRC_BODY_SECTION|OutlookMessageHeader|"
    r"isReplyContent|(?:ydp\w{0,16})?yahoo_quoted|zwchr|__QUOTED_TEXT__|__DIVIDER__|stopSpelling|"
    r"replySplit|"
    r"messageReplySection|gmail_quote|gmail_quote_container|protonmail_quote|tutanota_quote|"
    r"reply_fwd_msg|bloop_original_html|quotedMessage|orm-content)(?![\w-])",
    re.IGNORECASE,
)
_HEADER_DIV = re.compile(
    r"border-top\s*:\s*(?:solid\s+#?(?:E1E1E1|B5C4DF)|(?:#(?:E1E1E1|B5C4DF)|"
    r"rgb\((?:225, ?225, ?225|181, ?196, ?223)\))"
    r"[^;\"']{0,20}solid|[\d.]+p[tx]\s+solid\s+(?:#(?:E1E1E1|B5C4DF)|rgb\((?:225, ?225, ?225|"
    r"181, ?196, ?223)\)))",
    re.IGNORECASE,
)
_SAID_DIV = re.compile(
    _NAMED + r"(?:gmail_attr|moz-cite-prefix|reply-intro|protonmail_quote_header|"
    r"missive_attribution|front-attribution|quote-header|cite-prefix)(?![\w-])",
    re.IGNORECASE,
)
_SIGNED_DIV = re.compile(
    _NAMED
    + r"(?:gmail_signature|_rc_sig|rc_sig|composer_signature|mail-app-auto-default-signature|"
    r"moz-signature|signature_old|ms-outlook-mobile-signature|Signature|"
    r"AppleMailSignature|lineBreakAtBeginningOfSignature|protonmail_signature_block|"
    r"__SIG_PRE__|__SIG_POST__|messageSignatureSection|tutanota_signature|yahoo-signature|"
    r"yahoo_signature|missive_signature|front-signature|mail-signature|email-signature|"
    r"mail_signature|bloop_sign\w*)(?![\w-])|data-signatureblock\s*=|"
    r"data-signature-widget\s*=\s*[\"']?(?:container|"
    r"content)",
    re.IGNORECASE,
)
# Gmail and Outlook send emoji as pictures: an answer may be nothing else.
_EMOJI_PICTURE = re.compile(
    r"<img\b[^<>]{0,1000}?\balt\s*=\s*[\"']?([^\w\s\x00-\x7f]{1,12})(?=[\"'\s/>])[^<>]{0,2000}>",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Marks:
    """Lines of which the markup itself says something. Ranges end before their second number."""

    cuts: set[int] = field(default_factory=set)
    rules: set[int] = field(default_factory=set)
    cites: set[int] = field(default_factory=set)
    introductions: dict[int, int] = field(default_factory=dict)
    signatures: list[tuple[int, int]] = field(default_factory=list)

    def shifted(self, by: int) -> Marks:
        return Marks(
            {one + by for one in self.cuts},
            {one + by for one in self.rules},
            {one + by for one in self.cites},
            {start + by: end + by for start, end in self.introductions.items()},
            [(start + by, end + by) for start, end in self.signatures],
        )

    def update(self, other: Marks) -> None:
        self.cuts |= other.cuts
        self.rules |= other.rules
        self.cites |= other.cites
        self.introductions |= other.introductions
        self.signatures += other.signatures

    def __bool__(self) -> bool:
        return bool(self.cuts or self.rules or self.cites or self.introductions or self.signatures)


def mail_html_to_text(html: str) -> str:
    """Like ``kit.html.html_to_text``, with the text of each quote behind ``>`` and the address of
    each link that its words do not say."""
    return "\n".join(read_html(html, names_links=True)[0])


@lru_cache(maxsize=2)  # a letter without a text part is read for its text, then for its marks
def read_html(html: str, *, names_links: bool = False) -> tuple[list[str], Marks]:
    """The lines of a letter, and what its markup says of them. Neither may be changed."""
    if names_links and len(html) <= _LARGEST:
        html = name_links(html)
    if "<img" in html or "<IMG" in html:
        html = _EMOJI_PICTURE.sub(r"\1", html)
    if len(html) > _LARGEST or not _WORTH_READING.search(html):
        return html_to_text(html).split("\n"), Marks()
    return _lines(html_to_text(_marked(html)))


def has_marks(html: str) -> bool:
    """Whether the markup may say more of quotes or signatures than the words do."""
    return len(html) <= _LARGEST and bool(_WORTH_READING.search(html))


def _marked(html: str) -> str:
    """The markup with a private character on a line of its own where something begins or ends."""
    html = _FOREIGN.sub("", html)
    pieces: list[str] = []
    position = marks = 0
    quotes: list[bool] = []  # for each open blockquote: is it a quote
    open_marks: list[tuple[str, str, int]] = []  # name of the element, what ends it, depth
    for tag in _TAG.finditer(html):
        is_end, name, attributes = bool(tag[1]), tag[2].lower(), tag[3]
        if name == "blockquote":
            mark = ""
            if is_end:
                mark = _QUOTE_END if quotes and quotes.pop() else ""
            elif marks < MAX_MARKS:
                is_quote = (
                    not _INDENT.search(attributes)
                    or bool(_IS_CITE.search(attributes))
                    or bool(_BORDERED.search(attributes))
                )
                quotes.append(is_quote)
                mark = (_CITE if _IS_CITE.search(attributes) else _QUOTE) if is_quote else ""
                marks += 1
            # Marked by hand, it needs no indent.
            pieces += [html[position : tag.start()], "</div>" if is_end else "<div>"]
            pieces[-1] = f"<div>{mark}</div></div>" if is_end else f"<div><div>{mark}</div>"
            position = tag.end()
            continue
        begins = ends = ""
        if is_end:
            if open_marks and open_marks[-1][0] == name:
                _name, ends, depth = open_marks.pop()
                if depth:
                    open_marks.append((name, ends, depth - 1))
                    ends = ""
        else:
            if open_marks and open_marks[-1][0] == name and not attributes.endswith("/"):
                open_marks[-1] = (name, open_marks[-1][1], open_marks[-1][2] + 1)
            if (attributes.strip() or name == "hr") and marks < MAX_MARKS:
                begins, closes = _meaning(name, attributes)
                marks += bool(begins)
                if closes and name != "hr":
                    if open_marks and open_marks[-1][0] == name:
                        open_marks[-1] = (name, open_marks[-1][1], open_marks[-1][2] - 1)
                    open_marks.append((name, closes, 0))
        if begins and name == "table":
            pieces += [html[position : tag.start()], f"<div>{begins}</div>"]
            position = tag.start()
        elif begins:
            pieces += [html[position : tag.end()], f"<div>{begins}</div>"]
            position = tag.end()
        elif ends:
            at = tag.end() if name == "table" else tag.start()
            pieces += [html[position:at], f"<div>{ends}</div>"]
            position = at
    pieces.append(html[position:])
    return "".join(pieces)


def _meaning(name: str, attributes: str) -> tuple[str, str]:
    """The mark to set where an element begins, and the one to set where it ends."""
    if _SAID_DIV.search(attributes):
        return _SAID, _SAID_END
    if _SIGNED_DIV.search(attributes):
        return _SIGNED, _SIGNED_END
    if _CUT_DIV.search(attributes):
        return _CUT, ""
    if name in ("div", "table", "td", "p") and _QUOTE_DIV.search(attributes):
        return _CITE, _QUOTE_END
    if name in ("div", "p", "td") and _HEADER_DIV.search(attributes):
        return _CUT, ""
    return (_RULE, "") if name == "hr" else ("", "")


def _lines(text: str) -> tuple[list[str], Marks]:
    lines: list[str] = []
    marks = Marks()
    depth = blanks = 0
    said = signed = -1
    is_cite = is_cut = is_ruled = False
    blank_depth = 0

    for raw in text.split("\n"):
        found = _MARK.findall(raw) if raw and _MARK.search(raw) else []
        line = _MARK.sub("", raw).rstrip() if found else raw
        for mark in found:
            if mark in (_QUOTE, _CITE):
                blank_depth = min(blank_depth, depth) if blanks else depth
                depth += 1
                is_cite = is_cite or mark == _CITE
            elif mark == _QUOTE_END:
                depth = max(0, depth - 1)
                blank_depth = min(blank_depth, depth)
            elif mark == _CUT:
                is_cut = True
            elif mark == _RULE:
                is_ruled = True
            elif mark == _SAID:
                said = -2
            elif mark == _SIGNED and signed == -1:
                signed = -2
            elif mark == _SAID_END:
                if said >= 0:
                    marks.introductions[said] = len(lines)
                said = -1
            elif mark == _SIGNED_END:
                if signed >= 0:
                    marks.signatures.append((signed, len(lines)))
                signed = -1
        if not line.strip():
            if not found:
                if not blanks:
                    blank_depth = depth
                blanks += 1
            continue
        if blanks and lines:
            lines.append(">" * min(blank_depth, depth, MAX_DEPTH))
        blanks = 0
        blank_depth = depth
        index = len(lines)
        if is_cut:
            marks.cuts.add(index)
        if is_cite:
            marks.cites.add(index)
        if is_ruled:
            marks.rules.add(index)
        is_cut = is_cite = is_ruled = False
        said = index if said == -2 else said
        signed = index if signed == -2 else signed
        lines.append(f"{'>' * min(depth, MAX_DEPTH)} {line}" if depth else line)
    if signed >= 0:
        marks.signatures.append((signed, len(lines)))
    if said >= 0:
        marks.introductions[said] = len(lines)
    return lines, marks
