"""Signing in by a mailed link. The answer is the same whether the address is known or not."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from otklik.core.access import ActionError
from otklik.people.letters import request_sign_in_link
from otklik.people.sign_in import safe_path
from otklik.portal.forms import AddressForm
from otklik.portal.visit import Visit, portal_view


@portal_view("GET", "POST")
def sign_in(visit: Visit) -> HttpResponse:
    if visit.request.method != "POST":
        wanted = safe_path(visit.request.GET.get("next", ""))
        if visit.person is not None:
            return HttpResponseRedirect(wanted or reverse("portal:home"))
        return visit.show("portal/sign_in.html", {"form": AddressForm(initial={"next": wanted})})
    form = AddressForm(visit.request.POST)
    if not form.is_valid():
        return visit.show("portal/sign_in.html", {"form": form}, status=422)
    try:
        request_sign_in_link(
            form.cleaned_data["email"],
            place=visit.place,
            next_path=form.cleaned_data["next"] or reverse("portal:home"),
            language=visit.language,
            brand_id=visit.brand.pk,
        )
    except ActionError as refusal:
        form.add_error("email" if "email" in refusal.fields else None, str(refusal))
        return visit.show("portal/sign_in.html", {"form": form}, status=refusal.status)
    return visit.show("portal/link_sent.html", {"email": form.cleaned_data["email"]})
