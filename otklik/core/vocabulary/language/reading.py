"""From text to conditions and words to search for."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from otklik.core.vocabulary.language.meaning import clauses_of
from otklik.core.vocabulary.language.names import Names
from otklik.core.vocabulary.language.problems import QueryProblem, closest
from otklik.core.vocabulary.language.scanning import MAX_QUERY, Scanner, Term
from otklik.core.vocabulary.matching import MAX_CLAUSES, Clause, Match, canonical

__all__ = ["MAX_QUERY", "Query", "read_query"]


@dataclass(frozen=True, slots=True)
class Query:
    """``words`` go to the full-text search as they are; phrases keep their quotes."""

    match: Match = field(default_factory=Match)
    words: str = ""

    @property
    def is_empty(self) -> bool:
        return self.match.is_empty and not self.words


def read_query(thing: str, text: str) -> Query:
    """What a query about a thing ("ticket") asks for. Raises QueryProblem at the first word that
    makes no sense; nothing a person can type raises anything else."""
    text = text.replace("\0", "")
    names = Names(thing)
    scanned = Scanner(text, lambda name: names.find(name) is not None).scan()
    every: list[Clause] = []
    some: list[Clause] = []
    words: list[str] = []
    for group in scanned.groups:
        if len(group) == 1:
            term = group[0]
            if term.name:
                every += _clauses(names, term, text)
            else:
                words.append(_word(term, text))
            continue
        if some:
            where = group[0].start, group[-1].end
            raise QueryProblem(_("Only one group of conditions can be joined by “or”."), *where)
        some += _alternatives(names, group, text)
    if len(every) > MAX_CLAUSES or len(some) > MAX_CLAUSES:
        words_of = _("A query has at most %(count)d conditions.") % {"count": MAX_CLAUSES}
        raise QueryProblem(words_of, 0, len(text))
    return Query(canonical(Match(tuple(every), tuple(some))), " ".join(filter(None, words)))


def _alternatives(names: Names, group: tuple[Term, ...], text: str) -> list[Clause]:
    found: list[Clause] = []
    for term in group:
        if not term.name:
            words = _("Only conditions can be joined by “or”, words cannot.")
            raise QueryProblem(words, term.start, term.end)
        clauses = _clauses(names, term, text)
        if len(clauses) > 1:
            words = _("Beside “or” say before or after, not a day.")
            raise QueryProblem(words, term.start, term.end)
        found += clauses
    return found


def _clauses(names: Names, term: Term, text: str) -> list[Clause]:
    condition = names.find(term.name)
    if condition is None:
        suggestion = closest(term.name.lower(), names.known())
        said = text[term.start : term.end]
        if suggestion:
            suggestion += said[said.index(term.name) + len(term.name) :]
        else:
            suggestion = f'"{said}"' if '"' not in said else ""
        words = _("There is no condition “%(name)s”.") % {"name": term.name}
        raise QueryProblem(words, term.start, term.end, suggestion)
    return clauses_of(names, condition, term)


def _word(term: Term, text: str) -> str:
    value = term.values[0]
    if term.is_negated:
        words = _("Words cannot be left out; conditions can.")
        raise QueryProblem(words, term.start, term.end, text[term.start + 1 : term.end])
    if not value.is_quoted:
        return value.text
    phrase = " ".join(value.text.replace('"', " ").split())
    return f'"{phrase}"' if phrase else ""
