"""A send that was stopped to ask something goes again as it was meant.

Which button was pressed is known to nobody after the answer, so the notice's own button carries it:
the status, the time chosen, what was passed over before.
"""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

_NAMES = ("status", "later", "anyway", "checked", "parts", "checklists")
_LONGEST = 8000


def take_up(request: HttpRequest) -> None:
    """Put what the pressed button carries among what was sent."""
    carried = request.POST.get("again", "")
    if not carried:
        return
    sent = request.POST.copy()
    for name, values in QueryDict(carried[:_LONGEST]).lists():
        if name in _NAMES:
            sent.setlist(name, values)
    request.POST = sent  # type: ignore[assignment]


def again(request: HttpRequest, **more: str) -> str:
    """The value of a button ``again`` that repeats this send with ``more``."""
    carried = QueryDict(mutable=True)
    for name in _NAMES:
        carried.setlist(name, [value for value in request.POST.getlist(name) if value])
    for name, value in more.items():
        carried[name] = value
    return carried.urlencode()
