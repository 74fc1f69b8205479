"""Raw bytes into a tree of MIME parts, every part with its exact bytes.

The standard library's parser translates line ends, so that signatures no longer hold, files sent
as binary are spoilt and a lone carriage return makes a header field; and what it calls a defect
it gives up on. This one cuts the bytes and decodes nothing. Bounded: parts, depth, fields.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from .headers import Fields
from .parameters import Parameters, read_parameters
from .transfer import decode_transfer, encoding_name

MAX_PARTS = 500
MAX_DEPTH = 30
MAX_HEADER = 4 * 1024 * 1024
MAX_LINES = 20_000
LOOK_AHEAD = 200
LONGEST_DELIMITER = 1000  # with the spaces that were hung on

_MBOX = re.compile(rb">?From (?![ \t]*:)")
_FIELD = re.compile(rb"([!-9;-~]{1,120})[ \t]*:")
_KIND = re.compile(r"\s*[\"']?([\w!#$&^.+-]{1,80})\s*/\s*([\w!#$&^.+-]{1,120})", re.ASCII)
# Fields no letter is without: seen behind a broken line, the header goes on.
_KNOWN = re.compile(
    rb"^(from|to|cc|subject|date|message-id|mime-version|content-type|content-transfer-encoding"
    rb"|content-disposition|received|return-path|reply-to|in-reply-to|references"
    rb"|dkim-signature)[ \t]*:",
    re.I,
)
_ANY_BOUNDARY = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]{0,9}\r?\nContent-[A-Za-z-]+[ \t]*:", re.M | re.I
)


@dataclass(slots=True, eq=False)
class Node:
    """One part: its fields, its bytes as they came, and its children."""

    fields: Fields
    whole: bytes  # header and body, untouched
    body: bytes  # behind the blank line
    kind: str = "text/plain"
    parameters: Parameters = field(default_factory=Parameters)
    children: list[Node] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _content: bytes | None = None

    @property
    def disposition(self) -> str:
        return self.fields.word("content-disposition")

    @property
    def content_id(self) -> str:
        return re.sub(r"[<>\s]", "", self.fields.text("content-id"))[:250]

    def content(self) -> bytes:
        """The body without its transfer encoding; what is broken gives what can be read of it."""
        if self._content is None:
            encoding = self.fields.raw("content-transfer-encoding")
            is_text = self.kind.startswith("text/") or "content-type" not in self.fields
            self._content, note = decode_transfer(self.body, encoding, is_text=is_text)
            if note:
                self.notes.append(note)
        return self._content


@dataclass(slots=True)
class _Budget:
    parts: int = 0
    notes: list[str] = field(default_factory=list)


def parse(raw: bytes) -> Node:
    """The tree of one message. Raises nothing; ``notes`` of the root say what was wrong."""
    return _parse(_opened(raw), _Budget(), depth=0, default="text/plain", parent="")


def _opened(raw: bytes) -> bytes:
    """Without what transports put before the first field."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8")
    raw = raw.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    while _MBOX.match(raw):
        raw = raw.partition(b"\n")[2].lstrip(b"\r\n")
    # Lines ended by carriage returns alone: an old Macintosh, or a broken gateway.
    if b"\r" in raw[:65536] and b"\n" not in raw[:65536]:
        raw = raw.replace(b"\r", b"\n")
    return raw


def _parse(whole: bytes, budget: _Budget, *, depth: int, default: str, parent: str) -> Node:
    budget.parts += 1
    pairs, body, notes = split_header(whole)
    node = Node(Fields(pairs), whole, body, notes=notes)
    _read_kind(node, default)
    if depth == 0:
        node.notes.extend(budget.notes)
    if not node.kind.startswith("multipart/") and not _is_nameless_multipart(node):
        return node
    if depth >= MAX_DEPTH or budget.parts >= MAX_PARTS:
        node.notes.append("too many parts; the rest is in the original")
        return node
    _read_children(node, budget, depth=depth, parent=parent)
    return node


def _read_kind(node: Node, default: str) -> None:
    value = _content_type(node)
    found = _KIND.match(value)
    if found:
        node.kind = f"{found[1]}/{found[2]}".lower()
        node.parameters = read_parameters(value[found.end() :])
        return
    node.kind = default
    if not value:
        return
    node.parameters = read_parameters(value)
    word = node.fields.word("content-type").strip("\"'/")
    if word in {"text", "plain"}:
        node.kind = "text/plain"
    elif word in {"html", "text.html"}:
        node.kind = "text/html"
    elif "boundary" in node.parameters:
        node.kind = "multipart/mixed"
    else:
        node.notes.append("Content-Type is no type")
        if node.disposition == "attachment":
            node.kind = "application/octet-stream"


def _content_type(node: Node) -> str:
    """Of two fields the one whose boundary is there: scripts and gateways write a second."""
    values = [value for value in node.fields.raw_all("content-type") if value]
    if len(values) > 1:
        for value in values[:5]:
            boundary = read_parameters(value).text("boundary").strip()
            if boundary and f"--{boundary}".encode("utf-8", "surrogateescape") in node.body:
                return value
    return values[0] if values else ""


def _is_nameless_multipart(node: Node) -> bool:
    """A type lost on the way, with a boundary that is there."""
    boundary = node.parameters.text("boundary")
    if not boundary or node.kind.startswith(("message/", "image/", "application/")):
        return False
    return f"--{boundary}".encode("utf-8", "surrogateescape") in node.body


def _read_children(node: Node, budget: _Budget, *, depth: int, parent: str) -> None:
    boundary = node.parameters.text("boundary").strip()
    pieces = _pieces(node.body, boundary) if boundary else []
    if not pieces and encoding_name(node.fields.raw("content-transfer-encoding")):
        # Encoded as a whole, which RFC 2045 §6.4 forbids.
        content = node.content()
        if boundary and (pieces := _pieces(content, boundary)):
            node.body = content
    if not pieces:
        if boundary and boundary == parent:
            return  # the parent's boundary again: its parts follow as the parent's own
        found = _ANY_BOUNDARY.search(node.body)
        if found is not None:
            boundary = found[1].decode("ascii", "surrogateescape")
            pieces = _pieces(node.body, boundary)
            node.notes.append("boundary missing or wrong")
        elif boundary:
            node.notes.append("no part behind the boundary")
            mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
            node.body = re.sub(rb"(?m)^--" + mark + rb"(?:--)?[ \t\r]*$", b"", node.body)
    default = "message/rfc822" if node.kind == "multipart/digest" else "text/plain"
    for piece in pieces:
        if budget.parts >= MAX_PARTS:
            node.notes.append("too many parts; the rest is in the original")
            break
        child = _parse(piece, budget, depth=depth + 1, default=default, parent=boundary)
        node.children.append(child)
    _adopt(node, boundary)


def _adopt(node: Node, boundary: str) -> None:
    """A child that uses its parent's boundary gets the parts that follow it."""
    for place, child in enumerate(node.children):
        is_same = child.kind.startswith("multipart/") and not child.children
        if is_same and child.parameters.text("boundary").strip() == boundary:
            child.children = node.children[place + 1 :]
            del node.children[place + 1 :]
            if child.children:
                node.notes.append("one boundary for two levels")
            return


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """The bytes between delimiter lines; what follows the last one, too, when it was never closed.

    Delimiters behind the closing one are read on: to show a part too many is better than to hide.
    """
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    pieces: list[bytes] = []
    start = -1
    position = body.find(mark)
    while position >= 0:
        end = position + len(mark)
        at_start = position == 0 or body[position - 1 : position] in b"\r\n"
        stop = body.find(b"\n", end, end + LONGEST_DELIMITER) if at_start else -1
        following = stop + 1 if stop >= 0 else len(body)
        rest = body[end : min(following, end + LONGEST_DELIMITER)].strip(b" \t\r\n")
        if at_start and rest in (b"", b"--"):
            if start >= 0:
                pieces.append(_without_last_break(body[start:position]))
            start = -1 if rest == b"--" else following
            if len(pieces) >= MAX_PARTS:
                return pieces
        position = body.find(mark, end)
    if start >= 0 and body[start:].strip():
        pieces.append(body[start:])
    return pieces


def _without_last_break(piece: bytes) -> bytes:
    """The line end before a delimiter belongs to it (RFC 2046 §5.1.1)."""
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece[:-1] if piece.endswith((b"\n", b"\r")) else piece


def split_header(whole: bytes) -> tuple[list[tuple[str, str]], bytes, list[str]]:
    """(fields, body, notes). A header that breaks off is taken as far as it goes."""
    pairs: list[tuple[str, list[bytes]]] = []
    notes: list[str] = []
    position = 0
    for _count in range(MAX_LINES):
        if position >= len(whole) or position > MAX_HEADER:
            break
        line, following = _line_at(whole, position)
        if not line.strip():
            # A line of spaces inside a folded field is no end, unless no header follows.
            if not line or not _goes_on(whole, following):
                return _decoded(pairs), whole[following:], notes
        elif line[:1] in b" \t" and pairs:
            pairs[-1][1].append(line)
        elif (name := _FIELD.match(line)) is not None:
            pairs.append((name[1].decode("ascii"), [line[name.end() :]]))
        elif _header_follows(whole, following, {one.lower() for one, _ in pairs}):
            # Folded without its space, or a line no program should have written.
            if pairs and not line.startswith((b">From ", b"From ")):
                pairs[-1][1].append(b" " + line)
            notes.append("broken line in the header")
        else:
            if pairs:
                notes.append("no blank line after the header")
            return _decoded(pairs), whole[position:], notes
        position = following
    return _decoded(pairs), whole[position:], notes


def _line_at(whole: bytes, position: int) -> tuple[bytes, int]:
    """(line without its end, where the next one begins); ``\\r\\r\\n`` is one end, too."""
    end = whole.find(b"\n", position)
    if end < 0:
        return whole[position:], len(whole)
    return whole[position:end].rstrip(b"\r"), end + 1


def _goes_on(whole: bytes, position: int) -> bool:
    line, _following = _line_at(whole, position)
    return (line[:1] in (b" ", b"\t") and bool(line.strip())) or _KNOWN.match(line) is not None


def _header_follows(whole: bytes, position: int, seen: set[str]) -> bool:
    """Whether, before the next blank line, there is a field that a header must still bring."""
    for _count in range(LOOK_AHEAD):
        line, following = _line_at(whole, position)
        if not line.strip() or following >= len(whole):
            return False
        name = _KNOWN.match(line)
        if name is not None and name[1].decode("ascii").lower() not in seen:
            return True
        position = following
    return False


def _decoded(pairs: list[tuple[str, list[bytes]]]) -> list[tuple[str, str]]:
    return [
        (name, b"\n".join(lines).replace(b"\r", b" ").decode("ascii", "surrogateescape"))
        for name, lines in pairs
    ]
