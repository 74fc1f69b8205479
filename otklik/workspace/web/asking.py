"""Which list an address asks for: a built-in one, narrowed by a query."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.core.vocabulary.language import QueryProblem, read_query, spell_query
from otklik.tickets.queries import SORTS, Filters, Sort, query_of, read_filters


@dataclass(frozen=True, slots=True)
class Asked:
    """``problem`` says what of the typed query makes no sense; its filters find nothing then."""

    filters: Filters
    sort: Sort | None
    problem: QueryProblem | None = None

    @property
    def repaired(self) -> str:
        """What was typed with the suggestion in place; "" when there is none."""
        if self.problem is None or not self.problem.suggestion:
            return ""
        text = self.filters.text
        return text[: self.problem.start] + self.problem.suggestion + text[self.problem.end :]

    @property
    def parts(self) -> tuple[str, str, str]:
        """What was typed: before, within and after what makes no sense."""
        text = self.filters.text
        if self.problem is None:
            return text, "", ""
        start, end = self.problem.start, self.problem.end
        return text[:start], text[start:end], text[end:]


def asked_list(request: HttpRequest, default_list: str = "mine") -> Asked:
    """A query without a list looks through everything. Raises Invalid for an address that nobody
    typed; what somebody typed is a problem to be told beside the field."""
    typed = request.GET.get("q", "").strip()
    wanted = "any" if typed and not request.GET.get("list") else default_list
    filters = replace(read_filters(request.GET, default_list=wanted), text=typed)
    code = request.GET.get("sort", "")
    if code and code not in SORTS:
        raise Invalid(
            _("These filters make no sense: %(names)s") % {"names": "sort"},
            fields={"sort": "unknown value"},
        )
    sort = SORTS.get(code)
    if not typed:
        return Asked(filters, sort)
    try:
        query = read_query("ticket", typed)
    except QueryProblem as problem:
        return Asked(replace(filters, q=""), sort, problem)
    match = None if query.match.is_empty else query.match
    return Asked(replace(filters, q=query.words[:300], match=match), sort)


def asked_filters(request: HttpRequest, default_list: str = "mine") -> tuple[Filters, Sort | None]:
    """Where the list is only an address to go back to."""
    asked = asked_list(request, default_list)
    return asked.filters, asked.sort


def shown_query(filters: Filters) -> str:
    """What stands in the field: as it was typed, or spelt where an address says it otherwise."""
    plain = replace(filters, text="", match=None, q="")
    if plain == Filters(list=filters.list):
        return filters.text
    return spell_query("ticket", query_of(filters))
