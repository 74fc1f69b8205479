from __future__ import annotations

import pytest

from otklik.kit.html import rich_text_to_plain
from otklik.kit.names import first_name, last_name, name_groups


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Olga Nesterova", "Olga", "Nesterova"),
        ("Нестерова Ольга Петровна", "Ольга", "Нестерова"),
        ("Ольга Петровна Нестерова", "Ольга", "Нестерова"),
        ("Нестерова Ольга", "Ольга", "Нестерова"),
        ("Иван Петрович", "Иван", ""),
        ("Nesterova, Olga", "Olga", "Nesterova"),
        ("Кузнецов Рамзан", "Рамзан", "Кузнецов"),
        ("Анна-Мария Ли", "Анна-Мария", "Ли"),
        ("Mary Ann O'Neil", "Mary", "O'Neil"),
        ("Olga", "Olga", ""),
        ("", "", ""),
        ("…", "", ""),
    ],
)
def test_the_given_name_is_found_in_any_order(full: str, first: str, last: str) -> None:
    assert (first_name(full), last_name(full)) == (first, last)


def test_forms_cases_and_alphabets_of_a_name_are_one() -> None:
    for forms in (
        ("Анна", "Аня", "Анне", "Аню", "Anna", "АНЕЧКА"),
        ("Иван", "Ивану", "Ваня", "Ivan"),
        ("Алексей", "Алексею", "Лёша", "Alexey"),
        ("Мария", "Марии", "Маша", "Mary"),
        ("Юрий", "Юрию", "Yuri"),
    ):
        common = frozenset.intersection(*(name_groups(form) for form in forms))
        assert common, forms
    assert not name_groups("Иван") & name_groups("Анна")
    assert name_groups("Саша") >= name_groups("Александр") & name_groups("Шура")
    assert name_groups("коллеги") == name_groups("Team") == frozenset()


def test_rich_text_reads_well_without_its_marks() -> None:
    html = (
        "<p>Hello <b>Olga</b>,</p><p>do this:</p>"
        "<ol><li><p>Switch it off</p></li><li><p>Wait</p><ul><li>a minute</li></ul></li></ol>"
        '<p>See <a href="https://help.example/a">the page</a> or '
        '<a href="https://help.example/b">help.example/b</a>.</p>'
        "<blockquote><p>It works</p><p>again</p></blockquote>"
        "<pre><code>a = 1\n  b</code></pre>"
        "<table><tr><th>Name</th><th>Price</th></tr><tr><td>Bean</td><td>5 €</td></tr></table>"
        '<p>One<br>two <img src="cid:x" alt="plan.png"></p>'
    )
    assert rich_text_to_plain(html) == (
        "Hello Olga,\n\ndo this:\n\n1. Switch it off\n2. Wait\n  - a minute\n\n"
        "See the page (https://help.example/a) or help.example/b.\n\n"
        "> It works\n>\n> again\n\na = 1\n  b\n\n"
        "Name | Price\n-----+------\nBean |   5 €\n\nOne\ntwo [plan.png]"
    )
    assert rich_text_to_plain("<p></p>") == ""
    assert rich_text_to_plain("<blockquote>open <p>to the end") == "> open\n>\n> to the end"
