"""What is said of a reply before it leaves and what is not, over real-looking replies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from otklik.kit.html import sanitise_rich_text, text_to_html
from otklik.workspace.proofreading.checking import find
from otklik.workspace.proofreading.findings import Draft, Talk

# ``names`` are those of everybody in the talk ("+file": a file is attached), ``asked`` is what the
# customer wrote, ``says`` the checks that must speak, and no other may.
LINES = Path(__file__).with_name("replies.txt").read_text(encoding="utf-8")
LOCAL = frozenset({"question", "attachment", "name", "gap", "harsh"})


def cases() -> Iterator[tuple[str, str, str, set[str]]]:
    """Blocks of the table: their names, what they asked, our reply, what must be said."""
    for block in re.split(r"\n-{3,}\n", LINES.strip()):
        fields = {"names": "", "asked": "", "reply": "", "says": ""}
        current = ""
        for line in block.split("\n"):
            key, colon, rest = line.partition(":")
            if colon and key in fields:
                current, line = key, rest.strip()
            fields[current] += ("\n" if fields[current] else "") + line
        yield fields["names"], fields["asked"], fields["reply"], set(fields["says"].split())


@pytest.mark.parametrize(("names", "asked", "reply", "says"), list(cases()))
def test_what_must_and_what_must_not_be_said(
    names: str, asked: str, reply: str, says: set[str]
) -> None:
    files = 1 if "+file" in names else 0
    names = names.replace("+file", "")
    draft = Draft.of_html(sanitise_rich_text(text_to_html(reply)), files=files)
    known = tuple(name.strip() for name in names.split(",") if name.strip())
    talk = Talk(asked=(asked,) if asked else (), names=known, said=asked)
    found = find(draft, talk, LOCAL)
    assert {one.check for one in found} == says
    for one in found:
        if one.check != "question":
            assert draft.text[one.start : one.end] == one.quote
        assert one.words()


def test_there_are_enough_of_them_in_both_languages() -> None:
    rows = list(cases())
    russian = sum(bool(re.search("[а-я]", reply)) for _names, _asked, reply, _says in rows)
    assert len(rows) >= 60
    assert min(russian, len(rows) - russian) >= 20
    assert sum(not says for *_rest, says in rows) >= 30


def test_quotations_and_code_are_not_the_writers_own_words() -> None:
    html = sanitise_rich_text(
        "<p>See below.</p><blockquote><p>You idiot, {{name}}, I attached the file</p></blockquote>"
        "<pre><code>echo {{name}}</code></pre><p><code>[name]</code></p>"
        "<p>&gt; стоял дурак</p><p>Well <mark>[First name]</mark></p>"
    )
    found = find(Draft.of_html(html), Talk(), LOCAL)
    assert [(one.check, one.quote) for one in found] == [("gap", "[First name]")]


def test_a_long_text_is_read_in_no_time() -> None:
    text = "Можно ли вернуть товар? " * 4000 + "[" * 2000 + "{" * 2000 + "прикрепил " * 3000
    talk = Talk(asked=(text[:8000],), names=("Olga",), said=text[:8000])
    find(Draft(text=text), talk, LOCAL)
