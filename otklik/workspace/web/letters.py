"""A message as it was sent: its HTML in a frame without rights, its raw original, its delivery."""

from __future__ import annotations

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.channels.handling import as_handler
from otklik.core import files
from otklik.core.access import Actor, Missing
from otklik.core.outbox.actions import confirm_uncertain, retry_delivery
from otklik.core.outbox.models import Delivery
from otklik.core.web.downloads import SHOWN_IN_PLACE, send_file
from otklik.core.web.headers import MAIL_FRAME, policy
from otklik.kit import outbound
from otklik.kit.html import sanitise_mail_html
from otklik.kit.targets import OutboundError
from otklik.tickets.models import Message, Ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.staff import actor_of, staff_view

_SALT = "otklik.workspace.remote_picture"
# One clear pixel: a picture that is not loaded leaves no broken sign.
_NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
_LARGEST_PICTURE = 5 << 20
# The page around measures the frame, so the frame keeps our origin; as nothing in it may run
# (no allow-scripts, no script-src), that opens nothing to the letter.
_SANDBOX = ("allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox")


@policy(MAIL_FRAME, sandbox=_SANDBOX)
@staff_view()
def letter(request: HttpRequest, message: int) -> HttpResponse:
    """Remote pictures come only when asked for, through us: the sender learns nothing of us."""
    found = get_message(actor_of(request), message)
    inline = {file.content_id: file.token for file in found.attachments.all() if file.content_id}
    # What was encrypted is told to no other server, not even by which pictures are asked for.
    protection = (found.body.reading or {}).get("protection") or {}
    shows = request.GET.get("pictures") == "1" and protection.get("encryption") != "decrypted"

    def place(address: str) -> str | None:
        token = inline.get(address.removeprefix("cid:"))
        return f"{reverse('tickets:file', args=[token])}?inline=1" if token else None

    def fetch(address: str) -> str | None:
        if not shows:
            return _NOTHING
        signed = signing.dumps([message, address], salt=_SALT, compress=True)
        return reverse("workspace:remote_picture", args=[signed])

    html = sanitise_mail_html(found.body.html, cid_url=place, remote_url=fetch)
    return render(request, "workspace/letter.html", {"html": html})


@staff_view()
def remote_picture(request: HttpRequest, signed: str) -> HttpResponse:
    """One picture of somebody else's server; only addresses that a letter shown named."""
    try:
        message, address = signing.loads(signed, salt=_SALT, max_age=3600)
    except signing.BadSignature:
        raise Http404 from None
    get_message(actor_of(request), message)
    try:
        answer = outbound.fetch("GET", address, max_bytes=_LARGEST_PICTURE, seconds=8)
    except OutboundError:
        raise Http404 from None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or kind not in SHOWN_IN_PLACE:
        raise Http404
    return HttpResponse(answer.content, content_type=kind)


@staff_view()
def raw(request: HttpRequest, message: int) -> HttpResponseBase:
    """The original as it came, for a look or a download."""
    found = get_message(actor_of(request), message)
    if found.body.raw is None:
        raise Missing(_("There is no original of this message."))
    if request.GET.get("download"):
        name = f"message-{found.pk}.eml"
        return send_file(files.open_blob(found.body.raw), name=name, content_type="message/rfc822")
    with files.open_blob(found.body.raw) as stream:
        head = stream.read(200_000)
    context = {
        "message": found,
        "text": head.decode("utf-8", "replace"),
        "is_cut": len(head) < found.body.raw.size,
    }
    return render(request, "workspace/raw.html", context)


@ticket_change
def delivery(request: HttpRequest, number: int, delivery: int) -> HttpResponseBase:
    """Send again what failed; say what became of what is uncertain."""
    actor = actor_of(request)
    found = get_object_or_404(Delivery, pk=delivery, kind="message")
    message = get_message(actor, found.subject_id or 0)
    if message.ticket.number != number:
        raise Missing(_("There is no such message."))
    handler = as_handler(actor, found)
    value = request.POST.get("value")
    if value == "again" and found.status == "failed":
        retry_delivery(handler, found)
    else:
        confirm_uncertain(handler, found, was_sent=value == "sent")
    words = _("Marked as sent") if value == "sent" else _("It is sent again")
    return changed(request, number, words, is_reversible=False)


def get_message(actor: Actor, pk: int) -> Message:
    """A message of a ticket this one may see. Raises Missing."""
    rows = Message.objects.filter(pk=pk, ticket__in=Ticket.objects.visible_to(actor))
    found = rows.select_related("body__raw", "ticket").prefetch_related("attachments").first()
    if found is None:
        raise Missing(_("There is no such message."))
    return found
