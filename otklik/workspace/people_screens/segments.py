"""The people, or organisations, of one segment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from otklik.core.access import Invalid
from otklik.kit.numbers import whole_number
from otklik.people import policy
from otklik.people.models import Segment, SegmentOf
from otklik.people.permissions import VIEW
from otklik.people.segments import LOOKED_AT, count_members, list_members, spell_segment
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.settings_screens.doors import actor_of, open_to


@require_safe
@open_to(VIEW)
def segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    """``below`` goes on from there."""
    actor = actor_of(request)
    row = get_object_or_404(Segment, pk=segment_id)
    context: dict[str, Any] = {
        "segment": row,
        "may_change": policy.can_set_up_people(actor),
        "of_people": row.of == SegmentOf.PERSON,
        "below": whole_number(request.GET.get("below")),
    }
    try:
        found = list_members(actor, row, below=context["below"])
        counted = count_members(actor, row)
    except Invalid as refused:
        context["refusal"] = str(refused)
        return render_page(request, "workspace/people/segment.html", context)
    context |= {
        "query": spell_segment(row),
        "rows": found.rows,
        "next_url": f"?below={found.next}" if found.next is not None else "",
        "count": _words(counted.count, is_more=counted.is_more, is_cut=counted.is_cut),
        "is_cut": found.is_cut,
    }
    return render_page(request, "workspace/people/segment.html", context)


def _words(count: int, *, is_more: bool, is_cut: bool) -> str:
    words = f"{count}+" if is_more else str(count)
    if not is_cut:
        return words
    among = _("%(count)s among the newest %(looked)d")
    return among % {"count": words, "looked": LOOKED_AT}
