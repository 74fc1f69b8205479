"""What messages bring along: files, pictures among the words, letters as they were sent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from otklik.core import files
from otklik.core.web.downloads import send_file
from otklik.core.web.headers import MAIL_FRAME, policy
from otklik.kit.html import sanitise_mail_html
from otklik.portal.pictures import picture_url, read_picture_token
from otklik.portal.queries.talk import get_attachment, get_message
from otklik.portal.visit import Visit, portal_view
from otklik.tickets.models import Attachment, Message


@portal_view(is_signed_in=True)
def file(visit: Visit, token: str) -> HttpResponseBase:
    return _send(get_attachment(visit.actor, token))


@require_safe
def picture(request: HttpRequest, signed: str) -> HttpResponseBase:
    token = read_picture_token(signed)
    found = Attachment.objects.select_related("blob").filter(token=token or "").first()
    if token is None or found is None:
        raise Http404
    response = _send(found, is_inline=True)
    # The frame of a letter has no origin, so that nothing is "same" to it.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@policy(MAIL_FRAME)
@portal_view(is_signed_in=True)
def letter(visit: Visit, number: int, message: int) -> HttpResponse:
    found = get_message(visit.actor, number, message)
    return visit.show("portal/letter.html", {"html": _letter_html(found)})


def _letter_html(message: Message) -> str:
    inline = {each.content_id: each.token for each in message.attachments.all() if each.content_id}

    def place(address: str) -> str | None:
        token = inline.get(address.removeprefix("cid:"))
        return picture_url(token) if token else None

    return sanitise_mail_html(message.body.html, cid_url=place)


def _send(attachment: Attachment, *, is_inline: bool = False) -> HttpResponseBase:
    return send_file(
        files.open_blob(attachment.blob),
        name=attachment.name,
        content_type=attachment.blob.content_type,
        is_inline=is_inline,
    )
