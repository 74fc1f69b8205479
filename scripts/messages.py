"""Message catalogues without gettext's programs: ``python -m scripts.messages extract|check|…``.

English is the source language and needs no catalogue; Russian lies in
``otklik/locale/ru/LC_MESSAGES/django.po``.
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "otklik"
LANGUAGES = ("ru",)
METHODS = [
    ("**/tests/**", "ignore"),
    ("**/migrations/**", "ignore"),
    ("**.py", "scripts.messages:extract_program"),
]
TEMPLATES = [
    ("**/templates/**.html", "scripts.messages:extract_template"),
    ("**/templates/**.txt", "scripts.messages:extract_template"),
    ("**/templates/**.svg", "scripts.messages:extract_template"),
]
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Line, function, arguments, comments: what Babel calls an extracted message.
Found = tuple[int, Any, Any, Any]
_CYRILLIC = re.compile("[А-Яа-яЁё]")


def extract_program(
    fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Found]:
    """The messages of a Python file, also where gettext was imported under another name."""
    del keywords
    program = fileobj.read()
    names = {
        name.asname: name.name
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.asname and name.name in KEYWORDS
    }
    known = KEYWORDS | {alias: KEYWORDS[name] for alias, name in names.items()}
    found: Iterator[Found] = extract_python(io.BytesIO(program), known, comment_tags, options)
    for line, function, arguments, comments in found:
        # Babel looks the function up among its own words, by its own name.
        yield line, names.get(function, function), arguments, comments


def extract_template(
    fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Found]:
    """Babel's extractor interface over ``read_template``."""
    del keywords
    return read_template(fileobj.read().decode(), comment_tags, options)


def read_template(page: str, comment_tags: Any, options: Any) -> Iterator[Found]:
    """The messages of a template as Django itself finds them."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    # What is no message has become X's; in parentheses Python does not mind how they are indented.
    code = io.BytesIO(f"({templatize(page)}\n)".encode())
    return extract_python(code, KEYWORDS, comment_tags, options)


def extracted() -> Catalog:
    """Every message of the sources, with the files it is used in."""
    catalogue = Catalog(project="Otklik", charset="utf-8")
    for methods in (METHODS, TEMPLATES):
        found = extract_from_dir(
            PACKAGE,
            methods,
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        )
        for filename, line, message, comments, context in found:
            place = (f"otklik/{Path(filename).as_posix()}", line)
            catalogue.add(message, None, [place], auto_comments=comments, context=context)
    return catalogue


def extract() -> int:
    """Bring every catalogue up to date: new messages empty, unused ones dropped."""
    template = extracted()
    for language in LANGUAGES:
        path = _path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = _read(language) if path.exists() else Catalog(locale=language, project="Otklik")
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        with path.open("wb") as stream:
            write_po(stream, catalogue, include_lineno=False, sort_output=True, width=100)
        empty = sum(1 for message in catalogue if message.id and not _is_translated(message))
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} messages, {empty} to translate")
    return 0


def compile_all() -> int:
    for path in PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"):
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale=path.parent.parent.name)
        beside = path.with_suffix(".mo.new")
        with beside.open("wb") as output:
            write_mo(output, catalogue)
        beside.replace(path.with_suffix(".mo"))
    return 0


def check() -> int:
    """Each language has every message, translated, with the same placeholders."""
    template = extracted()
    problems = [
        f"{_places(message)}: source messages are English: {_shown(message)}"
        for message in template
        if message.id and _CYRILLIC.search(_shown(message))
    ]
    for language in LANGUAGES:
        if not _path(language).exists():
            problems.append(f"{_path(language).relative_to(ROOT)} is missing: make messages")
            continue
        problems += problems_of(_read(language), template)
    print("\n".join(problems) or f"Messages: {len(template)}, complete in {', '.join(LANGUAGES)}.")
    return 1 if problems else 0


def problems_of(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    for wanted in template:
        if not wanted.id:
            continue
        message = catalogue.get(wanted.id, wanted.context)
        if message is None:
            yield f"{_places(wanted)}: not in {catalogue.locale} (make messages): {_shown(wanted)}"
        elif message.fuzzy:
            yield f"{catalogue.locale}: fuzzy: {_shown(message)}"
        elif not _is_translated(message):
            yield f"{catalogue.locale}: empty: {_shown(message)}"
        else:
            for error in message.check(catalogue):
                yield f"{catalogue.locale}: {error}: {_shown(message)}"


def _is_translated(message: Message) -> bool:
    return (
        all(message.string) if isinstance(message.string, (list, tuple)) else bool(message.string)
    )


def _shown(message: Message) -> str:
    return message.id if isinstance(message.id, str) else " / ".join(message.id)


def _places(message: Message) -> str:
    return ", ".join(sorted({str(filename) for filename, _ in message.locations}))


def _path(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> Catalog:
    with _path(language).open("rb") as stream:
        return read_po(stream, locale=language)


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    commands = {"extract": extract, "compile": compile_all, "check": check}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m scripts.messages {'|'.join(commands)}", file=sys.stderr)
        return 2
    return commands[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
