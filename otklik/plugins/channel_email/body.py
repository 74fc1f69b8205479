"""What a message says and carries, while it is being read."""

from __future__ import annotations

import html as html_entities
from dataclasses import dataclass, field
from typing import Any

from otklik.channels.contract import InboundFile

from .html_quotes import mail_html_to_text

MAX_TEXT = 1_000_000


@dataclass(slots=True)
class Segment:
    """A piece of the text, or the place of a picture (its number among the files)."""

    plain: str = ""
    html: str = ""
    picture: int = -1
    picture_id: str = ""
    picture_name: str = ""

    @property
    def is_picture(self) -> bool:
        return self.picture >= 0

    def as_text(self) -> str:
        if self.is_picture:
            return f"[{self.picture_name}]" if self.picture_name else ""
        if not self.html or (self.plain.strip() and not self._is_excuse()):
            return self.plain
        return mail_html_to_text(self.html)

    def _is_excuse(self) -> bool:
        """A plain form that only says to look at the other one, or is its preview line."""
        plain = self.plain.strip()
        if len(plain) > 300 or len(self.html) < 1500:
            return False
        return len(mail_html_to_text(self.html)) > 4 * len(plain) + 200

    def as_html(self) -> str:
        if self.is_picture:
            cid = html_entities.escape(self.picture_id, quote=True)
            return f'<p><img src="cid:{cid}"></p>' if cid else ""
        if self.html:
            return self.html
        return f'<div style="white-space: pre-wrap">{html_entities.escape(self.plain)}</div>'


@dataclass(slots=True)
class Body:
    """What a message says and carries."""

    segments: list[Segment] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    locations: dict[str, int] = field(default_factory=dict)  # Content-Location → number of file
    letters: list[bytes] = field(default_factory=list)  # enclosed messages
    notes: list[str] = field(default_factory=list)
    invitation: dict[str, Any] = field(default_factory=dict)
    protection: dict[str, str] = field(default_factory=dict)
    charset: str = ""  # what a part of this letter was surely written in
    late_text: Segment | None = None  # shown when nothing else says anything
    seen_text: bool = False  # the caller has text already

    @property
    def texts(self) -> list[Segment]:
        return [one for one in self.segments if not one.is_picture]

    @property
    def html(self) -> str:
        if not any(segment.html or segment.is_picture for segment in self.segments):
            return ""
        return "\n".join(segment.as_html() for segment in self.segments)

    @property
    def text(self) -> str:
        texts = (segment.as_text().strip("\n") for segment in self.segments)
        return "\n\n".join(text for text in texts if text.strip())

    def has_words(self) -> bool:
        return any(one.plain.strip() or one.html.strip() for one in self.texts)

    def add_file(self, file: InboundFile, *, location: str = "") -> None:
        if location:
            self.locations.setdefault(location[:500], len(self.files))
        self.files.append(file)

    def take_files(self, inner: Body) -> None:
        """Everything of ``inner`` but its text."""
        base = len(self.files)
        for location, number in inner.locations.items():
            self.locations.setdefault(location, number + base)
        self.files.extend(inner.files)
        self.letters.extend(inner.letters)
        self.notes.extend(inner.notes)
        self.invitation = self.invitation or inner.invitation
        self.protection = {**inner.protection, **self.protection}
        self.charset = self.charset or inner.charset
        self.late_text = self.late_text or inner.late_text
