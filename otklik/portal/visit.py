"""Who looks at which brand's portal, and the frame that every page of it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache

from otklik.core.access import NOBODY, Actor, ActorKind
from otklik.core.web.headers import set_policy
from otklik.core.web.logs import bind_ids
from otklik.core.web.places import place_of
from otklik.desk.brands import default_brand, find_brand_for_host
from otklik.desk.models import Brand
from otklik.desk.texts import list_languages
from otklik.people.actors import actor_for_customer
from otklik.people.models import Person, User
from otklik.portal.looks import logo_url, sheet_url
from otklik.portal.slots import list_menu

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to the portal. ``actor`` is the person as a customer, agents too: whatever else
    they may see, here they see their own. ``person`` is None where nobody has signed in.
    """

    request: HttpRequest
    brand: Brand
    actor: Actor
    person: Person | None
    is_agent_session: bool
    language: str
    is_embedded: bool = False

    @property
    def place(self) -> str:
        """Where the request comes from, for limits."""
        return place_of(self.request)

    def show(
        self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        return render(self.request, template, {**frame(self), **(context or {})}, status=status)


def portal_view(*methods: str, is_signed_in: bool = False) -> Callable[[View], Any]:
    """A view that gets a `Visit` instead of the request. With ``is_signed_in`` strangers are sent
    to the sign-in page and come back here."""
    allowed = methods or ("GET",)
    answered = (*allowed, "HEAD") if "GET" in allowed else allowed

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if request.method not in answered:
                return HttpResponseNotAllowed(answered)
            visit = visit_of(request)
            if is_signed_in and visit.person is None:
                wanted = request.get_full_path() if request.method in ("GET", "HEAD") else ""
                return HttpResponseRedirect(sign_in_url(wanted))
            bind_ids(person=visit.actor.person_id)
            with translation.override(visit.language):
                return view(visit, **arguments)

        return never_cache(run)

    return decorate


def sign_in_url(next_path: str = "") -> str:
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    return reverse("portal:sign_in") + query


def brand_of_host(request: HttpRequest) -> Brand | None:
    host = request.get_host()
    return find_brand_for_host(host.rpartition(":")[0] or host)


def brand_for(request: HttpRequest) -> Brand:
    """The brand whose host this is, else the default one."""
    return brand_of_host(request) or default_brand()


def language_of(brand: Brand, wanted: str) -> str:
    """What the brand offers of what is wanted, else the brand's own language."""
    return wanted if wanted in brand.languages else brand.language


def frame(visit: Visit) -> dict[str, Any]:
    """What the layout shows on every page."""
    names = dict(list_languages())
    shown = {
        "visit": visit,
        "person": visit.person,
        "brand": visit.brand,
        "brand_name": visit.brand.name,
        "brand_logo_url": logo_url(visit.brand),
        "brand_css_url": sheet_url(visit.brand),
        "home_url": reverse("portal:home"),
        "desk_url": settings.LOGIN_REDIRECT_URL if visit.is_agent_session else "",
        "menu": list_menu(),
        "here": visit.request.path,
        "languages": [(code, names.get(code, code)) for code in visit.brand.languages],
        "language": visit.language,
        "embedded": visit.is_embedded,
    }
    if visit.is_embedded:
        # Asking for the token would set its cookie; the form has a token of its own.
        shown["csrf_token"] = ""
    return shown


def visit_in_frame(request: HttpRequest, brand: Brand) -> Visit:
    """In a frame of another site: nobody's, whatever cookies come along."""
    wanted = request.GET.get("lang", "") or translation.get_language_from_request(request)
    return Visit(
        request=request,
        brand=brand,
        actor=NOBODY,
        person=None,
        is_agent_session=False,
        language=language_of(brand, wanted),
        is_embedded=True,
    )


def let_be_framed(response: HttpResponseBase, brand: Brand) -> None:
    """By the sites that the brand names and no others."""
    set_policy(response, frame_ancestors=brand.embed_domains or ["'none'"])
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def visit_of(request: HttpRequest) -> Visit:
    """Who looks, and at which brand's pages."""
    brand = brand_for(request)
    asked = request.actor  # type: ignore[attr-defined]
    user = request.user if asked.user_id is not None else None
    actor = NOBODY
    if isinstance(user, User):
        actor = actor_for_customer(user.person, user=user)
    is_known = isinstance(user, User) and actor is not NOBODY
    return Visit(
        request=request,
        brand=brand,
        actor=actor,
        person=user.person if is_known and isinstance(user, User) else None,
        is_agent_session=is_known and asked.kind is ActorKind.AGENT,
        language=language_of(brand, translation.get_language() or ""),
    )
