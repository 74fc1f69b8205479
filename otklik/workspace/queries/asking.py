"""Which list an address asks for: a built-in one, narrowed by a query."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid, Missing
from otklik.core.vocabulary import Match
from otklik.core.vocabulary.language import QueryProblem, read_query, spell_query
from otklik.kit.numbers import whole_number
from otklik.tickets.queries import SORTS, Filters, Sort, query_of, read_filters
from otklik.workspace.models import View
from otklik.workspace.queries.layouts import Layout, read_layout
from otklik.workspace.queries.navigation import LABELS, view_name
from otklik.workspace.queries.rows import list_query
from otklik.workspace.queries.views import Opened, find_view, open_view


@dataclass(frozen=True, slots=True)
class Asked:
    """``problem`` says what of the typed query makes no sense; its filters find nothing then."""

    filters: Filters
    sort: Sort | None
    problem: QueryProblem | None = None
    layout: Layout = field(default_factory=Layout)
    opened: Opened | None = None

    @property
    def view(self) -> View | None:
        return self.opened.view if self.opened is not None else None

    @property
    def current(self) -> str:
        """Which item of the navigation this is."""
        return view_name(self.view) if self.view is not None else self.filters.list

    @property
    def title(self) -> str:
        return self.view.name if self.view is not None else str(LABELS[self.filters.list])

    @property
    def is_changed(self) -> bool:
        """Whether the address says otherwise than the view that is open."""
        if self.opened is None:
            return False
        saved = self.opened
        match = self.filters.match or Match()
        is_same = (match, self.filters.q) == (saved.query.match, saved.query.words)
        sort = self.sort.code if self.sort else ""
        return not (is_same and sort == saved.view.sort and self.layout == saved.layout)

    def address(self, **more: object) -> str:
        """The query string that leads here again; ``more`` replaces parts, None leaves them out."""
        return lead(self.pairs, **more)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What that query string says, for who makes many of it (`lead`)."""
        sort = self.sort.code if self.sort else ""
        pairs = parse_qsl(list_query(self.filters, sort))
        usual = Layout()
        if self.opened is not None:
            usual = self.opened.layout
            left_out = {"list"} if self.is_asked_otherwise else {"list", "q"}
            left_out |= {"sort"} if sort == self.opened.view.sort else set()
            kept = [(name, value) for name, value in pairs if name not in left_out]
            pairs = [("view", str(self.opened.view.pk)), *kept]
        for name, value, known in (
            ("layout", self.layout.layout, usual.layout),
            ("group", self.layout.grouping, usual.grouping),
            ("columns", ",".join(self.layout.columns), ",".join(usual.columns)),
        ):
            if value != known:
                pairs.append((name, value))
        return pairs

    @property
    def is_asked_otherwise(self) -> bool:
        if self.opened is None:
            return bool(self.filters.text)
        match = self.filters.match or Match()
        saved = self.opened.query
        return self.problem is not None or (match, self.filters.q) != (saved.match, saved.words)

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


def lead(pairs: list[tuple[str, str]], **more: object) -> str:
    """A query string of these pairs, with ``more`` in place of those of the same names."""
    kept = [(name, value) for name, value in pairs if name not in more]
    given = [(name, str(value)) for name, value in more.items() if value is not None]
    return urlencode([*kept, *given])


def ask(actor: Actor, given: QueryDict, default_list: str = "mine") -> Asked:
    """A query without a list looks through everything. Raises Invalid for an address that nobody
    typed and Missing for a view that is not there; what somebody typed is told beside the field.
    """
    opened = _opened(actor, given.get("view", "")) if given.get("view") else None
    typed = given.get("q", "").strip()
    is_anything = opened is not None or (typed and not given.get("list"))
    filters = replace(
        read_filters(given, default_list="any" if is_anything else default_list), text=typed
    )
    sort = _sort(given.get("sort", opened.view.sort if opened else ""))
    layout = read_layout(given, opened.layout if opened else Layout())
    if opened is not None and "q" not in given:
        text = spell_query("ticket", opened.query)
        if opened.lost:
            filters = replace(filters, match=read_query("ticket", "number:-1").match)
        else:
            filters = replace(filters, match=opened.filters.match, q=opened.filters.q, text=text)
        return Asked(filters, sort, layout=layout, opened=opened)
    if not typed:
        return Asked(filters, sort, layout=layout, opened=opened)
    try:
        query = read_query("ticket", typed)
    except QueryProblem as problem:
        return Asked(replace(filters, q=""), sort, problem, layout, opened)
    match = None if query.match.is_empty else query.match
    filters = replace(filters, q=query.words[:300], match=match)
    return Asked(filters, sort, layout=layout, opened=opened)


def _opened(actor: Actor, pk: str) -> Opened:
    view = find_view(actor, whole_number(pk))
    if view is None:
        raise Missing(_("There is no such view, or it is not yours to see."))
    return open_view(view)


def _sort(code: str) -> Sort | None:
    if code and code not in SORTS:
        raise Invalid(
            _("These filters make no sense: %(names)s") % {"names": "sort"},
            fields={"sort": "unknown value"},
        )
    return SORTS.get(code)


def ask_behind(actor: Actor, given: QueryDict) -> Asked:
    """Where the list is only an address to go back to: one that is gone is nobody's trouble."""
    try:
        return ask(actor, given)
    except Missing:
        return Asked(Filters(list="mine"), None)


def shown_query(filters: Filters) -> str:
    """What stands in the field: as it was typed, or spelt where an address says it otherwise."""
    plain = replace(filters, text="", match=None, q="")
    if plain == Filters(list=filters.list):
        return filters.text
    return spell_query("ticket", query_of(filters))
