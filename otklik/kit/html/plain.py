"""Our own rich text as plain text that reads well: quotes with ">", lists with their marks,
addresses of links beside their words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from unicodedata import combining, east_asian_width

from otklik.kit.html.bounds import is_tractable
from otklik.kit.html.convert import stripped_text
from otklik.kit.text import clean_text

_PARAGRAPHS = frozenset({"p", "pre", "blockquote", "ul", "ol", "table", "hr", "h2", "h3", "h4"})
_SPACES = re.compile(r"[ \t\n\r\f]+")
_EMPTY_LINES = re.compile(r"\n(?:[> \t]*\n){2,}")
_DEEPEST = 300
_WIDEST = 100
_NUMBER = re.compile(r"[-+−]?[\d\s.,]+(?:\s?[%€$£₽]|\s?[a-zа-яё]{1,4}\.?)?", re.I)


def rich_text_to_plain(html: str) -> str:
    """What `sanitise_rich_text` lets through, as lines of text. Pictures become [their name]."""
    if not html.strip():
        return ""
    if not is_tractable(html, deepest=_DEEPEST):
        return stripped_text(html)
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.finish()


def wide(text: str) -> int:
    """Columns of a terminal: what is drawn twice as wide counts twice, marks above not at all."""
    return sum(
        0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text
    )


def padded(text: str, width: int, *, is_right: bool) -> str:
    space = " " * (width - wide(text))
    return space + text if is_right else text + space


@dataclass(slots=True)
class _List:
    number: int | None  # None: bullets
    indent: int


@dataclass(slots=True)
class _Block:
    """Lines that stand inside a quote; ``lines`` are finished, ``line`` is being written."""

    lines: list[str] = field(default_factory=list)
    line: str = ""


@dataclass(slots=True)
class _Table:
    """Rows of cells, each a line; ``depth`` is how many blocks it stands in, ``lists`` their
    lists."""

    depth: int
    lists: list[_List]
    rows: list[list[str]] = field(default_factory=list)
    is_headed: bool = False

    def spell(self) -> list[str]:
        """In columns of one width, numbers to the right, where all fits into a line of a letter;
        else the cells of a row beside each other as they come."""
        rows = [row for row in self.rows if any(row)]
        count = max(map(len, rows), default=0)
        rows = [[*row, *[""] * (count - len(row))] for row in rows]
        widths = [max(wide(row[at]) for row in rows) for at in range(count)]
        if sum(widths) + 3 * count > _WIDEST:
            return [" | ".join(row).rstrip(" |") for row in rows]
        body = rows[1:] if self.is_headed else rows
        is_right = [
            all(not row[at] or _NUMBER.fullmatch(row[at]) for row in body) for at in range(count)
        ]
        lines = [
            " | ".join(
                padded(cell, width, is_right=right)
                for cell, width, right in zip(row, widths, is_right, strict=True)
            ).rstrip()
            for row in rows
        ]
        if self.is_headed and len(lines) > 1:
            lines.insert(1, "-+-".join("-" * width for width in widths))
        return lines


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks = [_Block()]
        self._lists: list[_List] = []
        self._links: list[tuple[str, int]] = []
        self._tables: list[_Table] = []
        self._pre = 0
        self._is_item_begun = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._paragraph()
            self._write("-" * 20)
            self._paragraph()
        elif tag == "img":
            name = (given.get("alt") or "").strip()
            self._write(f"[{name}]" if name else "")
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self._block.line)))
        elif tag in {"ul", "ol"}:
            start = given.get("start") or "1"
            number = int(start) if tag == "ol" and start.isdecimal() and len(start) < 7 else 1
            self._end_line() if self._lists else self._paragraph()
            self._lists.append(_List(number if tag == "ol" else None, 2 * len(self._lists)))
        elif tag == "li":
            self._item()
        elif tag == "blockquote":
            self._paragraph()
            self._blocks.append(_Block())
        elif tag == "table":
            self._paragraph()
            self._tables.append(_Table(depth=len(self._blocks), lists=self._lists))
            self._lists = []
        elif tag == "tr" and self._tables:
            self._close_cell()
            self._tables[-1].rows.append([])
        elif tag in {"td", "th"} and self._tables:
            self._close_cell()
            table = self._tables[-1]
            table.rows = table.rows or [[]]
            table.is_headed = table.is_headed or (tag == "th" and len(table.rows) == 1)
            self._blocks.append(_Block())
        elif tag in _PARAGRAPHS:
            self._pre += tag == "pre"
            self._paragraph()

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._close_link(*self._links.pop())
        elif tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self._end_line() if self._lists else self._paragraph()
        elif tag == "li":
            self._end_line()
        elif tag in {"td", "th", "tr"} and self._tables:
            self._close_cell()
        elif tag == "table" and self._tables:
            self._close_table()
        elif tag == "blockquote" and len(self._blocks) > self._outer_blocks:
            quoted = self._take(self._blocks.pop())
            self._block.lines += [f"> {line}".rstrip() for line in quoted]
            self._paragraph()
        elif tag in _PARAGRAPHS:
            self._pre -= tag == "pre"
            self._paragraph()

    def handle_data(self, data: str) -> None:
        if self._pre > 0:
            first, *rest = data.split("\n")
            self._block.line += first
            for line in rest:
                self._break()
                self._block.line += line
        else:
            text = _SPACES.sub(" ", data.replace("\xa0", " "))
            self._write(text.lstrip() if self._is_at_start() else text)

    @property
    def _outer_blocks(self) -> int:
        """How many blocks a quote that ends here stands in."""
        return self._tables[-1].depth + 1 if self._tables else 1

    def _close_cell(self) -> None:
        table = self._tables[-1]
        while len(self._blocks) > table.depth:
            text = " ".join(line.strip() for line in self._take(self._blocks.pop()))
            if len(self._blocks) == table.depth:
                table.rows[-1].append(_SPACES.sub(" ", text).strip())
            else:
                self._block.line += text
        self._lists = []

    def _close_table(self) -> None:
        self._close_cell()
        table = self._tables.pop()
        self._lists = table.lists
        self._block.lines += table.spell()
        self._block.line = ""
        self._paragraph()

    def finish(self) -> str:
        while self._tables:
            self._close_table()
        while len(self._blocks) > 1:
            quoted = self._take(self._blocks.pop())
            self._block.lines += [f"> {line}".rstrip() for line in quoted]
        text = "\n".join(self._take(self._blocks.pop()))
        return _EMPTY_LINES.sub("\n\n", clean_text(text)).strip("\n")

    @property
    def _block(self) -> _Block:
        return self._blocks[-1]

    def _write(self, text: str) -> None:
        if text:
            self._is_item_begun = False
            self._block.line += text

    def _is_at_start(self) -> bool:
        return self._is_item_begun or not self._block.line.strip() or self._block.line[-1:] == " "

    def _break(self) -> None:
        self._block.lines.append(self._block.line.rstrip())
        self._block.line = ""

    def _end_line(self) -> None:
        if self._block.line.strip():
            self._break()
        self._block.line = ""
        self._is_item_begun = False

    def _paragraph(self) -> None:
        """An empty line between paragraphs; none at the beginning of an item of a list."""
        if self._is_item_begun:
            return
        if self._block.line.strip():
            self._break()
        self._block.line = ""
        if not self._lists and self._block.lines and self._block.lines[-1]:
            self._block.lines.append("")

    def _item(self) -> None:
        self._end_line()
        inside = self._lists[-1] if self._lists else _List(None, 0)
        mark = "-"
        if inside.number is not None:
            mark = f"{inside.number}."
            inside.number += 1
        self._block.line = f"{' ' * inside.indent}{mark} "
        self._is_item_begun = True

    def _close_link(self, address: str, start: int) -> None:
        shown = self._block.line[start:].strip()
        bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", address).rstrip("/")
        is_told = (bare and bare in shown.replace(" ", "")) or not shown
        if address and shown and not is_told:
            self._write(f" ({address.removeprefix('mailto:').removeprefix('tel:')})")
        elif address and not shown and self._block.line[start:] == "":
            self._write(address)

    def _take(self, block: _Block) -> list[str]:
        lines = [*block.lines, block.line.rstrip()]
        while lines and not lines[0].strip():
            lines.pop(0)
        while lines and not lines[-1].strip():
            lines.pop()
        return lines
