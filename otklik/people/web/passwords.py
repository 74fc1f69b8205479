"""Somebody forgot a password: the answer is the same whether the address is known or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from otklik.core.access import ActionError
from otklik.people.letters import request_password_link
from otklik.people.web.forms import AddressForm
from otklik.people.web.sessions import place_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "people/password_forgotten.html", {"form": form}, status=status)
    try:
        request_password_link(
            form.cleaned_data["email"], place=place_of(request), language=get_language() or ""
        )
    except ActionError as refusal:
        form.add_error("email" if "email" in refusal.fields else None, str(refusal))
        context = {"form": form}
        return render(request, "people/password_forgotten.html", context, status=refusal.status)
    return render(request, "people/letter_sent.html", {"email": form.cleaned_data["email"]})
