"""Finding a canned reply while one types: by name, tag and text, what is used most first."""

from __future__ import annotations

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from otklik.core.access import Actor
from otklik.kit.text import normalise
from otklik.workspace.models import CannedReply, CannedText, Scope

_LONGEST_QUERY = 100
_MOST_WORDS = 6


def find_canned(
    actor: Actor, query: str = "", *, scope: str = "", limit: int | None = 12
) -> QuerySet[CannedReply]:
    """Those this one is offered that hold every word of ``query``, with their texts and files."""
    rows = CannedReply.objects.visible_to(actor).active()
    if scope in Scope.values:
        rows = rows.filter(scope=scope)
    asked = normalise(query)[:_LONGEST_QUERY]
    for word in asked.split()[:_MOST_WORDS]:
        text = CannedText.objects.filter(canned=OuterRef("pk"), search__contains=word)
        rows = rows.filter(
            Q(sort_name__contains=word) | Q(tag_keys__contains=word) | Q(Exists(text))
        )
    if asked:
        rank = Case(
            When(sort_name__startswith=asked, then=Value(0)),
            When(sort_name__contains=asked, then=Value(1)),
            When(tag_keys__contains=asked, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        rows = rows.annotate(rank=rank).order_by("rank", "-uses", "sort_name", "id")
    else:
        rows = rows.order_by("-uses", "sort_name", "id")
    rows = rows.select_related("team", "owner").prefetch_related("texts", "files")
    return rows if limit is None else rows[:limit]
