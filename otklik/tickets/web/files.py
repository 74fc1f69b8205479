"""Files of messages, and files on their way into one; shared by everybody who signs in."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.core import files
from otklik.core.access import Actor, Forbidden, Missing
from otklik.core.settings import config
from otklik.core.web.downloads import send_file
from otklik.kit.text import clean_line
from otklik.kit.units import human_size
from otklik.tickets.actions import add_upload, drop_upload
from otklik.tickets.homes import readable_by_customer
from otklik.tickets.models import Attachment, Ticket, Upload
from otklik.tickets.uploading import demand_room


@require_safe
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """One attachment of a message this one may read; pictures in place when asked."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    found = find_attachment(_actor(request), token)
    if found is None:
        raise Missing(_("There is no such file."))
    return send_file(
        files.open_blob(found.blob),
        name=found.name,
        content_type=found.blob.content_type,
        is_inline=request.GET.get("inline") == "1",
    )


def find_attachment(actor: Actor, token: str) -> Attachment | None:
    """None for a foreign file too; customers reach only what their requests show them."""
    rows = Attachment.objects.filter(token=token)
    if actor.is_staff:
        rows = rows.filter(message__ticket__in=Ticket.objects.visible_to(actor))
    else:
        rows = rows.filter(message__in=readable_by_customer(actor))
    return rows.select_related("blob").first()


@require_POST
def uploads(request: HttpRequest) -> HttpResponse:
    """Add a file for a message. ``inline``: a picture among the words, answered in JSON."""
    actor = _actor(request)
    if actor.person_id is None:
        raise Forbidden(_("Sign in first."))
    given = request.FILES.get("file")
    is_inline = request.POST.get("inline") == "1"
    if given is None:
        return _refused(request, _("No file came with the request."), is_json=is_inline)
    name = clean_line(given.name or "", 200) or "file"
    demand_room(actor)
    try:
        blob = files.store_blob(given.chunks(), max_size=config().max_upload)
    except files.FileTooLarge:
        largest = human_size(config().max_upload)
        words = _("“%(name)s” is too large: at most %(size)s.") % {"name": name, "size": largest}
        return _refused(request, words, is_json=is_inline)
    except files.StorageError:
        words = _("“%(name)s” could not be stored. Your text is safe.") % {"name": name}
        return _refused(request, words, is_json=is_inline)
    row = add_upload(actor, blob, name=name, content_type=blob.content_type, is_inline=is_inline)
    if is_inline:
        url = reverse("tickets:upload", args=[row.token])
        return JsonResponse({"url": url, "name": row.name, "token": row.token}, status=201)
    return render(request, "tickets/upload_chip.html", {"upload": row}, status=201)


@require_http_methods(["GET", "HEAD", "DELETE"])
def upload(request: HttpRequest, token: str) -> HttpResponseBase:
    """One's own file before it is sent: seen, or forgotten."""
    actor = _actor(request)
    if request.method == "DELETE":
        drop_upload(actor, token)
        return HttpResponse(status=204)
    rows = Upload.objects.select_related("blob")
    found = rows.filter(token=token, owner_id=actor.person_id or 0).first()
    if found is None:
        raise Missing(_("There is no such file."))
    stream = files.open_blob(found.blob)
    kind = found.blob.content_type
    return send_file(stream, name=found.name, content_type=kind, is_inline=True)


def _refused(request: HttpRequest, words: str, *, is_json: bool) -> HttpResponse:
    if is_json:
        return JsonResponse({"title": words}, status=422)
    return render(request, "tickets/upload_refused.html", {"words": words}, status=422)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
