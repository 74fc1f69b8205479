"""The pictures of the documentation: which part of which screen, how much smaller."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.screen_acts import click, each, fill, palette, press, side, tick, words, write
from scripts.screen_list import ABROAD, AGENT, COLLEAGUE, LIST, TICKET, Screen


@dataclass(frozen=True, slots=True)
class Picture:
    file: str
    screen: Screen
    language: str = "en"
    size: str = "desktop"
    of: str = ""
    scale: float = 1.0


TALK = "/tickets/{abroad}/?list=mine"
ANSWER = "Hello, I am attaching the certificate. It covers customs as well."
PICTURES = (
    Picture("inbox.webp", Screen("", TICKET, AGENT), "ru", scale=0.75),
    Picture("agents/desk.webp", Screen("", TALK, ABROAD), scale=0.8),
    Picture(
        "agents/reply.webp",
        Screen("", TALK, ABROAD, write("public", "Hello, /")),
        of=".completion:popover-open",
    ),
    Picture(
        "agents/check.webp",
        Screen("", TALK, ABROAD, each(write("public", ANSWER), press("Control+Enter"))),
        of="#composer",
    ),
    Picture(
        "agents/collision.webp",
        Screen("", TALK, ABROAD, write("public", "Hello, "), beside=COLLEAGUE),
        of="#composer",
    ),
    Picture(
        "agents/palette.webp",
        Screen("", TALK, ABROAD, each(palette, words("filter"))),
        of="#palette",
    ),
    Picture(
        "agents/phone.webp", Screen("", TALK, ABROAD, write("note", "")), size="phone", scale=0.8
    ),
    Picture(
        "agents/query.webp", Screen("", LIST, ABROAD, fill("#list-query", "status:")), of="#list"
    ),
    Picture("agents/board.webp", Screen("", LIST + "&layout=board", ABROAD), scale=0.7),
    Picture("agents/many.webp", Screen("", LIST, ABROAD, tick(3)), of="#list"),
    Picture("agents/customer.webp", Screen("", TALK, ABROAD, side), of="#side"),
    Picture(
        "agents/snooze.webp",
        Screen("", TALK, ABROAD, click("#ticket-head [data-key=s]")),
        of="#dialog",
    ),
)
