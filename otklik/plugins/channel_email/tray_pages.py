"""The outgoing tray in the browser: what a demo without a mail server would have sent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from otklik.channels.contract import InboundMessage
from otklik.core import files
from otklik.core.web.headers import MAIL_FRAME, policy
from otklik.kit.html import sanitise_mail_html

from .doors import for_administrators
from .models import TrayLetter
from .reading import read_message

PAGE = 50


@require_safe
@for_administrators
def tray(request: HttpRequest) -> HttpResponse:
    """The newest letters; ``?before=<id>`` goes on from there."""
    letters = TrayLetter.objects.order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        letters = letters.filter(id__lt=int(before))
    found = list(letters[: PAGE + 1])
    next_url = f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else ""
    context = {"letters": found[:PAGE], "next_url": next_url, "is_first": not before}
    return render(request, "channel_email/tray.html", context)


@require_safe
@for_administrators
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter: its header, and its text as the reader's program shows it."""
    row = _find_letter(pk)
    context = {"letter": row, "message": _read(row)}
    return render(request, "channel_email/tray_letter.html", context)


@require_safe
@policy(MAIL_FRAME)
@for_administrators
def letter_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part for the sandboxed frame of the page above."""
    row = _find_letter(pk)
    return HttpResponse(sanitise_mail_html(_read(row).html))


@require_safe
@for_administrators
def letter_raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that would have gone to the mail server."""
    row = _find_letter(pk)
    response = HttpResponse(_raw(row), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="letter-{row.pk}.eml"'
    return response


def _find_letter(pk: int) -> TrayLetter:
    row = TrayLetter.objects.select_related("raw").filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such letter."))
    return row


def _read(row: TrayLetter) -> InboundMessage:
    return read_message(_raw(row))


def _raw(row: TrayLetter) -> bytes:
    with files.open_blob(row.raw) as stream:
        return stream.read()
