"""Any question over any number of tickets, in bounded time.

A query is answered from candidates: the newest tickets along one index, at most so many of them.
What no index knows is asked of the candidates alone, so no question reads the whole table. The
candidates are a subquery with a limit, which neither database looks into from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from otklik.core.access import Actor
from otklik.core.db.planning import ask_by_index
from otklik.core.vocabulary.matching import Clause, Match
from otklik.tickets.models import Follower, Ticket, TicketTag
from otklik.tickets.querysets import TicketQuerySet, sees_all

PAGE_CANDIDATES = 10_000
COUNT_CANDIDATES = 2_000
_TABLE = f'"{Ticket._meta.db_table}"'
_THROUGH = {
    "tag": (TicketTag._meta.db_table, "tag_id"),
    "follower": (Follower._meta.db_table, "person_id"),
}
_CANDIDATES = '"looked_at"'
_FROM = f" FROM {_TABLE}"
Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Road:
    """How candidates are come by: ``index`` for whoever reads a plan.

    ``key`` is the column they come in the order of, "" for the order of their ids; ``covers`` the
    clauses that hold for each of them already, ``is_clean`` that spam and trash are not among them.
    """

    index: str
    rows: TicketQuerySet | None
    key: str = ""
    through: tuple[str, int] | None = None  # a tag or a follower, with its id
    covers: frozenset[Clause] = frozenset()
    is_clean: bool = False

    def candidates(
        self, limit: int, *, is_descending: bool = True, beyond: Any = None
    ) -> Statement:
        """The statement for the first so many; ``beyond`` is the condition of a cursor."""
        if self.through is not None:
            table, column = _THROUGH[self.through[0]]
            sql = (
                f'SELECT t.* FROM (SELECT ticket_id FROM "{table}" WHERE {column} = %s'  # noqa: S608
                f" ORDER BY ticket_id DESC LIMIT {limit}) c CROSS JOIN {_TABLE} t"
                " WHERE t.id = c.ticket_id"
            )
            return sql, (self.through[1],)
        return compiled(self._ordered(is_descending=is_descending, beyond=beyond)[:limit])

    def last(
        self, limit: int, *, is_descending: bool = True, beyond: Any = None
    ) -> tuple[Any, int] | None:
        """Key and id of the last of so many candidates; None when there are fewer."""
        rows = self._ordered(is_descending=is_descending, beyond=beyond)
        found = rows.values_list(self.key, "pk")[limit - 1 : limit]
        return next(iter(found), None)

    def _ordered(self, *, is_descending: bool, beyond: Any) -> TicketQuerySet:
        assert self.rows is not None
        sign = "-" if is_descending else ""
        rows = self.rows if beyond is None else self.rows.filter(beyond)
        return rows.order_by(*((f"{sign}{self.key}", f"{sign}id") if self.key else ("-id",)))


def choose_road(actor: Actor, match: Match, key: str) -> Road:
    """The best index for a query whose rows are wanted in the order of ``key``."""
    rows = Ticket.objects.all()
    for name, column in (("requester", "requester_id"), ("organisation", "organisation_id")):
        clause, ids = _ids(actor, match, name)
        if clause and ids is not None and 0 < len(ids) <= 5:
            found = rows.filter(**{f"{column}__in": ids})
            return Road(f"by {name}", found, covers=frozenset({clause}))
    for clause in match.all:
        if clause.condition.name == "ticket.number" and clause.operator in ("is", "in"):
            asked = clause.value if isinstance(clause.value, frozenset) else {clause.value}
            return Road("by number", rows.filter(number__in=asked), covers=frozenset({clause}))
    for clause in match.all:
        if clause.condition.name != "ticket.tags":
            continue
        is_one = len(clause.value or ()) == 1 and clause.operator == "has_any"
        if is_one or clause.operator == "has_all":
            covers = frozenset({clause} if is_one else ())
            return Road("by tag", None, through=("tag", min(clause.value)), covers=covers)
    followed, persons = _ids(actor, match, "followers", operator="has_any")
    if followed and persons is not None and len(persons) == 1:
        covers = frozenset({followed})
        return Road("by follower", None, through=("follower", min(persons)), covers=covers)
    unfinished = _is_unfinished(match)
    if unfinished is not None:
        return _among_unfinished(actor, match, key, rows.filter(is_unfinished=True), unfinished)
    if _says(match, "spam", value=True) and key == "last_message_at":
        return Road("of spam", rows.filter(spam_at__isnull=False), key)
    if _says(match, "trash", value=True):
        return Road("of the trash", rows.filter(trashed_at__isnull=False), "trashed_at")
    away = [each for each in match.all if each.condition.name == "ticket.snoozed_until"]
    if any(each.operator != "is_empty" for each in away) or key == "snoozed_until":
        return Road("snoozed", rows.filter(snoozed_until__isnull=False), "snoozed_until")
    if key == "last_message_at":
        return _by_newest(actor, match, rows)
    if key == "solved_at":
        found = rows.filter(trashed_at__isnull=True, solved_at__isnull=False)
        return Road("by solving", found, key)
    return Road(f"by {key}", rows, key)


def _among_unfinished(
    actor: Actor, match: Match, key: str, rows: TicketQuerySet, known: frozenset[Clause]
) -> Road:
    team, teams = _ids(actor, match, "team")
    if key == "last_message_at":
        clause, ids = _ids(actor, match, "assignee")
        if clause and ids is not None and len(ids) == 1:
            found = rows.filter(assignee_id=min(ids))
            return Road(
                "unfinished of an agent", found, key, covers=known | {clause}, is_clean=True
            )
        if nobody := _nobody(match):
            found = rows.filter(assignee__isnull=True)
            return Road("unfinished of nobody", found, key, covers=known | {nobody}, is_clean=True)
        if team and teams is not None and len(teams) == 1:
            found = rows.filter(team_id=min(teams))
            return Road("unfinished of a team", found, key, covers=known | {team}, is_clean=True)
        return Road("unfinished", rows, key, covers=known, is_clean=True)
    if key == "priority" and team and teams is not None and len(teams) == 1:
        found = rows.filter(team_id=min(teams), team__isnull=False)
        return Road("urgent of a team", found, key, covers=known | {team}, is_clean=True)
    # In another order: the newest ones, put in order when they are found.
    return Road("unfinished", rows, "last_message_at", covers=known, is_clean=True)


def _by_newest(actor: Actor, match: Match, rows: TicketQuerySet) -> Road:
    clause, ids = _ids(actor, match, "category")
    if clause and ids is not None and len(ids) == 1:
        found = rows.filter(category_id=min(ids), category__isnull=False)
        return Road("by category", found, "last_message_at", covers=frozenset({clause}))
    for each in match.all:
        is_channel = each.condition.name == "ticket.channel" and each.operator == "in"
        if is_channel and len(each.value) == 1:
            found = rows.filter(last_channel=min(each.value))
            return Road("by channel", found, "last_message_at", covers=frozenset({each}))
    if any(clause.condition.name == "ticket.trash" for clause in match.clauses):
        return Road("by id", rows)
    return Road("by newest", rows.filter(trashed_at__isnull=True), "last_message_at")


def within(candidates: Statement, rows: QuerySet[Any, Any]) -> Statement | None:
    """A question asked of candidates alone; None for one that nothing can answer."""
    try:
        sql, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    inner, known = candidates
    before, found, after = sql.partition(_FROM)
    assert found, sql
    # Under another name, so that a plan tells the candidates from the table.
    before, after = (part.replace(f"{_TABLE}.", f"{_CANDIDATES}.") for part in (before, after))
    return f"{before} FROM ({inner}) AS {_CANDIDATES}{after}", (*known, *given)


def compiled(rows: Any) -> Statement:
    """Raises EmptyResultSet when nothing can be found."""
    sql, given = rows.query.sql_with_params()
    return sql, tuple(given)


def run(statement: Statement) -> list[tuple[Any, ...]]:
    return ask_by_index(*statement)


def are_all(candidates: Statement, most: int) -> bool:
    """Whether there are as many as were asked for, and hence perhaps more."""
    sql, given = candidates
    counted = f"SELECT COUNT(*) FROM ({sql}) AS candidates"  # noqa: S608
    return bool(run((counted, given))[0][0] >= most)


def explain(statement: Statement) -> list[str]:
    """How the database goes about it, a line a step."""
    sql, given = statement
    if connection.vendor == "sqlite":
        return [str(row[-1]) for row in run((f"EXPLAIN QUERY PLAN {sql}", given))]
    return [str(row[0]) for row in run((f"EXPLAIN {sql}", given))]


@dataclass(frozen=True, slots=True)
class Question:
    """How many tickets fit, bounded twice: by what is counted and by what is looked at."""

    columns: tuple[str, tuple[Any, ...]] | None  # both numbers, to be selected
    road: Road
    is_exact: bool  # the index alone answers; nothing is left out

    @property
    def statement(self) -> Statement | None:
        return None if self.columns is None else (f"SELECT {self.columns[0]}", self.columns[1])


def count_question(
    actor: Actor, match: Match, rows: TicketQuerySet, limit: int, *, is_plain: bool
) -> Question:
    """One row of two numbers: how many of the candidates fit, and whether all were looked at.

    ``rows`` is everything that is asked; ``is_plain`` says that it asks nothing but ``match`` and
    what is unfinished.
    """
    road = choose_road(actor, match, "last_message_at")
    is_exact = is_plain and road.is_clean and sees_all(actor)
    is_exact = is_exact and set(match.clauses) <= road.covers
    most = limit + 1 if is_exact else COUNT_CANDIDATES
    try:
        candidates = road.candidates(most)
    except EmptyResultSet:
        return Question(None, road, is_exact=True)
    fitting = within(candidates, rows.order_by().values("pk")[: limit + 1])
    if fitting is None:
        return Question(None, road, is_exact=True)
    if is_exact:
        sql, given = candidates
        counted = f"(SELECT COUNT(*) FROM ({sql}) AS fitting), 0"  # noqa: S608
        return Question((counted, given), road, is_exact=True)
    sql = (
        f"(SELECT COUNT(*) FROM ({fitting[0]}) AS fitting),"  # noqa: S608
        f" (SELECT COUNT(*) FROM ({candidates[0]}) AS candidates)"
    )
    return Question((sql, (*fitting[1], *candidates[1])), road, is_exact=False)


def read_count(found: Sequence[int], question: Question) -> tuple[int, bool]:
    """How many, and whether there may be more than were looked at."""
    count, looked_at = found
    return count, not question.is_exact and looked_at >= COUNT_CANDIDATES


def _ids(
    actor: Actor, match: Match, name: str, operator: str = "in"
) -> tuple[Clause | None, frozenset[int] | None]:
    """The clause that names some things, and their ids when nothing at all is none of them."""
    for clause in match.all:
        condition = clause.condition
        if condition.name == f"ticket.{name}" and clause.operator == operator:
            values = clause.value
            if "me" in values:
                mine: Iterable[int] = condition.me(actor) if condition.me is not None else ()
                values = (values - {"me"}) | frozenset(mine)
            return (clause, values) if None not in values else (None, None)
    return None, None


def _nobody(match: Match) -> Clause | None:
    for clause in match.all:
        if clause.condition.name == "ticket.assignee" and clause.operator == "is_empty":
            return clause
    return None


def _is_unfinished(match: Match) -> frozenset[Clause] | None:
    """The clause that says so; None when others are among what is asked for."""
    if any(clause.condition.name in ("ticket.spam", "ticket.trash") for clause in match.clauses):
        return None
    for clause in match.all:
        if clause.condition.name == "ticket.unfinished" and clause.value is True:
            return frozenset({clause})
    return None


def _says(match: Match, name: str, *, value: bool) -> bool:
    return any(
        clause.condition.name == f"ticket.{name}" and clause.value is value for clause in match.all
    )


def minute(now: datetime) -> datetime:
    """Statements live for a minute: what they ask the clock is asked of its last full one."""
    return now.replace(second=0, microsecond=0)
