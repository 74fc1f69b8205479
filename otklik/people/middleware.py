"""Who asks, in which language and time zone. Writes nothing: a GET must not.

Place after Django's session and authentication middleware, instead of LocaleMiddleware.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant

from otklik.core.access import NOBODY, Actor
from otklik.core.settings import config
from otklik.desk.company import company_time_zone
from otklik.people.actors import actor_for_customer, actor_for_user
from otklik.people.models import User

TIME_ZONE_COOKIE = "otklik_time_zone"
# Set in a session that a mailed link opened: it acts as the customer even for an agent.
AS_CUSTOMER = "as_customer"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ActorMiddleware:
    """Sets ``request.actor`` (NOBODY, at no cost, without a session), language and time zone.

    Language: the user's own, the cookie, Accept-Language. Time zone: the user's own, the cookie,
    the company's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = _signed_in(request)
        request.actor = actor_for_request(request, user)  # type: ignore[attr-defined]
        language = language_for(request, user)
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(_zone_for(request, user)):
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response


def actor_for_request(request: HttpRequest, user: User | None) -> Actor:
    if user is None:
        return NOBODY
    if request.session.get(AS_CUSTOMER):
        return actor_for_customer(user.person, user=user)
    return actor_for_user(user)


def language_for(request: HttpRequest, user: User | None) -> str:
    """A language of ours, never another one."""
    chosen = (user.language or user.person.language) if user else ""
    if chosen:
        try:
            return get_supported_language_variant(chosen)
        except LookupError:
            pass
    return translation.get_language_from_request(request)


def _signed_in(request: HttpRequest) -> User | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = request.user
    return user if isinstance(user, User) and user.is_authenticated else None


def _zone_for(request: HttpRequest, user: User | None) -> zoneinfo.ZoneInfo:
    # The company's zone costs a query, so it is asked only for those who signed in.
    return (
        _time_zone(user.time_zone if user else "")
        or _time_zone(request.COOKIES.get(TIME_ZONE_COOKIE, ""))
        or _time_zone(company_time_zone() if user else config().time_zone)
        or zoneinfo.ZoneInfo("UTC")
    )


def _time_zone(name: str) -> zoneinfo.ZoneInfo | None:
    if not name or len(name) > 64:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, a folder's name
        return None
