"""Replies in the true shapes of mail programs, with the new part that belongs to each.

``replies/`` holds one letter per file, written by hand: what the client and the language are, the
text part, the HTML part, and the new part that a person would name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from otklik.plugins.channel_email.reply_text import split_letter

_LINK = re.compile(r" ?<https?://[^\s<>]+>")
CASES = Path(__file__).parent / "replies"
DESK = frozenset({"support@demo.example"})


@dataclass(frozen=True)
class Part:
    plain: str = ""
    html: str = ""


@dataclass(frozen=True)
class Case:
    name: str
    fields: dict[str, str]
    sections: dict[str, str]

    def forms(self) -> dict[str, Part]:
        """The letter as programs may deliver it: with either part, and with both."""
        plain, html = self.sections.get("text", ""), self.sections.get("html", "")
        forms = {}
        if plain and html:
            forms["both"] = Part(plain, html)
        if self.fields.get("forms") != "both":
            if plain:
                forms["text"] = Part(plain)
            if html:
                forms["html"] = Part(html=html)
        return forms

    def found(self, part: Part) -> str:
        return split_letter(
            [part],
            subject=self.fields.get("subject", ""),
            sender=self.fields.get("from", ""),
            readers=DESK,
        ).reply

    def is_right(self, form: str, reply: str) -> bool:
        if "contains" in self.sections:
            return all(line in reply for line in self.sections["contains"].splitlines())
        expected = self.sections["new part"]
        if form == "html":  # which words, not how they are laid out, nor where links lead
            return _words(_LINK.sub("", reply)) == _words(_LINK.sub("", expected))
        return _lines(reply) == _lines(expected)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().split("\n")]


def _words(text: str) -> list[str]:
    return [word for word in text.split() if word.strip(">")]


@cache
def read_case(path: Path) -> Case:
    fields: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("=== "):
            section = line[4:]
            sections[section] = []
        elif section:
            sections[section].append(line)
        elif line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    texts = {name: "\n".join(lines).strip("\n") for name, lines in sections.items()}
    return Case(path.stem, fields, texts)


PATHS = sorted(CASES.glob("*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_new_part_is_found_in_every_form_of_the_letter(path: Path) -> None:
    case = read_case(path)

    for form, part in case.forms().items():
        reply = case.found(part)
        assert case.is_right(form, reply), f"{form}: {reply!r}"


def test_the_cases_cover_programs_languages_and_positions() -> None:
    cases = [read_case(path) for path in PATHS]

    assert len(cases) >= 150
    assert all({"client", "language", "subject", "from"} <= set(case.fields) for case in cases)
    assert len({case.fields["language"] for case in cases}) >= 25
    right = sum(
        case.is_right(f, case.found(part)) for case in cases for f, part in case.forms().items()
    )
    total = sum(len(case.forms()) for case in cases)
    print(f"\nnew part exact in {right} of {total} letters ({len(cases)} cases)")
    assert right == total


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_is_lost(path: Path) -> None:
    case = read_case(path)

    for part in case.forms().values():
        found = split_letter([part], subject=case.fields["subject"], sender=case.fields["from"])
        assert found.reply
        whole = split_letter([part], subject="Fwd: whole").reply
        shown = set(re.findall(r"\w+", f"{found.reply}\n{found.rest}"))
        assert set(re.findall(r"\w+", whole)) <= shown


HOSTILE = {
    "one line of marks": ">" * 1_000_000,
    "lines of marks": ">\n" * 500_000,
    "openers": "On \n" * 250_000,
    "openers with colons": "On :\n" * 200_000,
    "an endless sentence": "On " + "x" * 1_000_000 + " wrote:",
    "attributions": "On 20.11.2026 12:30 a@b.example wrote:\n" * 25_000,
    "headers cut short": "From: a\nTo: b\n\n" * 60_000,
    "addresses without end": ("a@b." * 90 + ":\n") * 2_700,
    "dates": ("1.1." * 90 + ":\n") * 2_700,
    "rules": ("_" * 200 + "\n") * 5_000,
    "closings": "С уважением,\n" * 70_000,
    "names without end": ("С уважением, " + "Ав " * 60 + "?\n") * 4_000,
    "quotes and answers": "On 20.11.2026 12:30, Bob <a@b.example> wrote:\n" + "> a\nb:\n" * 40_000,
    "spaces": (" " * 400 + ":\n") * 2_500,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_takes_time_in_proportion_to_its_length(name: str) -> None:
    """Each of these is quadratic, or worse, to a pattern that looks back: a test without end."""
    text = HOSTILE[name]

    for letter in (text, f"Hi\n\n{text}\nHi"):
        found = split_letter([Part(letter)], subject="Re: x", sender="Olga Nesterova")
        assert found.reply.strip()


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>" * 20_000,
        "<blockquote>a</blockquote>" * 20_000,
        '<div class="gmail_quote">' * 20_000,
        "<div class=gmail_signature>a</div>" * 20_000,
        "<div " * 100_000,
        ("<div " + 'class="x_' * 200 + ">") * 200,
        "&#xe0f0;" * 50_000 + "text" + "\ue0f1" * 50_000,
    ],
)
def test_hostile_markup_takes_time_in_proportion_to_its_length(html: str) -> None:
    split_letter([Part(html=html)], subject="Re: x")


def test_marks_of_our_own_in_foreign_markup_mean_nothing() -> None:
    html = "<p>One</p><p>\ue0f2</p><p>Two:</p><p>&#xE0F0;</p><p>Three</p><hr>"

    assert split_letter([Part(html=html)], subject="Re: x").reply.split() == [
        "One",
        "Two:",
        "Three",
    ]


def test_a_letter_in_pieces_is_parted_as_one() -> None:
    pieces = [
        Part("Here is the picture:\n"),
        Part("\nand the receipt.\n\n20.11.2026 12:30, Marina wrote:\n> Please send both."),
    ]

    found = split_letter(pieces, subject="Re: Receipt")

    assert found.reply == "Here is the picture:\n\n\nand the receipt."
    assert "Please send both." in found.rest
