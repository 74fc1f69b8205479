"""Brands, calendars and texts by REST."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import (
    Id,
    Strict,
    actor_of,
    demand,
    find_named,
    get_row,
    given,
)
from otklik.desk import permissions
from otklik.desk.actions import (
    DateException,
    change_brand,
    change_calendar,
    create_brand,
    create_calendar,
    forget_text,
    make_default_brand,
    write_text,
)
from otklik.desk.models import Brand, Calendar
from otklik.desk.texts import find_wording, get_text, list_languages, list_texts

router = Router(tags=["desk"])

_MONTHS = frozenset({"files_kept_months", "texts_kept_months", "tickets_kept_months"})

Name = Annotated[str, Field(min_length=1, max_length=100)]
Code = Annotated[str, Field(max_length=10)]


class BrandOut(Schema):
    id: int
    name: str
    is_default: bool
    language: str
    languages: list[str]
    calendar: int
    color: str
    corner: int
    host: str
    embed_domains: list[str]
    first_reply_minutes: int
    close_after_days: int
    files_kept_months: int | None = Field(description="After closing; null keeps them")
    texts_kept_months: int | None
    tickets_kept_months: int | None


class BrandChange(Strict):
    name: Name | None = None
    language: Code | None = None
    languages: list[Code] | None = Field(None, max_length=20)
    calendar: Id | None = None
    color: Annotated[str, Field(max_length=7)] | None = None
    corner: int | None = None
    host: Annotated[str, Field(max_length=253)] | None = None
    embed_domains: list[Annotated[str, Field(max_length=253)]] | None = Field(None, max_length=50)
    first_reply_minutes: int | None = None
    close_after_days: int | None = None
    files_kept_months: int | None = Field(None, ge=1, le=600)
    texts_kept_months: int | None = Field(None, ge=1, le=600)
    tickets_kept_months: int | None = Field(None, ge=1, le=600)


class BrandIn(BrandChange):
    name: Name
    calendar: Id


class ExceptionShape(Strict):
    date: date
    name: Annotated[str, Field(max_length=100)] = ""
    spans: list[Annotated[str, Field(max_length=20)]] = Field([], max_length=8)


class CalendarOut(Schema):
    id: int
    name: str
    time_zone: str
    is_always_open: bool
    holiday_country: str
    holiday_region: str
    week: list[list[str]] = Field(description="Seven days from Monday, spans such as 09:00-18:00")
    exceptions: list[ExceptionShape]
    version: int


class CalendarChange(Strict):
    name: Name | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    is_always_open: bool | None = None
    holiday_country: Annotated[str, Field(max_length=2)] | None = None
    holiday_region: Annotated[str, Field(max_length=10)] | None = None
    week: list[list[Annotated[str, Field(max_length=20)]]] | None = Field(None, max_length=7)
    exceptions: list[ExceptionShape] | None = Field(None, max_length=400)
    version: int | None = None


class CalendarIn(CalendarChange):
    name: Name
    time_zone: Annotated[str, Field(max_length=64)]


class TextOut(Schema):
    key: str
    label: str
    language: str
    subject: str
    body: str
    is_own: bool
    placeholders: list[str]


class TextIn(Strict):
    subject: Annotated[str, Field(max_length=200)] = ""
    body: Annotated[str, Field(max_length=20_000)]
    brand: Id | None = None


@router.get("/brands", response=list[BrandOut], summary="Brands")
@for_everybody
def brands(request: HttpRequest) -> list[dict[str, Any]]:
    return [_show_brand(row) for row in Brand.objects.visible_to(actor_of(request))[:500]]


@router.post("/brands", response={201: BrandOut}, summary="Add a brand")
def add_brand(request: HttpRequest, data: BrandIn) -> Status[dict[str, Any]]:
    calendar = find_named(Calendar.objects.all(), data.calendar, "calendar")
    assert calendar is not None
    details = given(data, "calendar", "name")
    made = create_brand(actor_of(request), name=data.name, calendar=calendar, **details)
    return Status(201, _show_brand(made))


@router.get("/brands/{int:pk}", response=BrandOut, summary="One brand")
@for_everybody
def brand(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show_brand(get_row(Brand.objects.visible_to(actor_of(request)), pk))


@router.patch("/brands/{int:pk}", response=BrandOut, summary="Change a brand")
def alter_brand(request: HttpRequest, pk: int, data: BrandChange) -> dict[str, Any]:
    actor = actor_of(request)
    changes = given(data, "calendar")
    # Months may be taken back: null keeps everything.
    changes |= {name: getattr(data, name) for name in _MONTHS & data.model_fields_set}
    if data.calendar is not None:
        changes["calendar"] = find_named(Calendar.objects.all(), data.calendar, "calendar")
    found = get_row(Brand.objects.visible_to(actor), pk)
    return _show_brand(change_brand(actor, found, **changes))


@router.post("/brands/{int:pk}/default", response=BrandOut, summary="Make it the default one")
def default(request: HttpRequest, pk: int) -> dict[str, Any]:
    actor = actor_of(request)
    found = get_row(Brand.objects.visible_to(actor), pk)
    return _show_brand(make_default_brand(actor, found))


@router.get("/calendars", response=list[CalendarOut], summary="Business calendars")
def calendars(request: HttpRequest) -> list[dict[str, Any]]:
    demand(request, permissions.MANAGE)
    rows = Calendar.objects.prefetch_related("spans", "exceptions")
    return [_show_calendar(row) for row in rows[:200]]


@router.post("/calendars", response={201: CalendarOut}, summary="Add a calendar")
def add_calendar(request: HttpRequest, data: CalendarIn) -> Status[dict[str, Any]]:
    details = given(data, "exceptions", "version")
    made = create_calendar(
        actor_of(request), exceptions=_exceptions(data.exceptions or []), **details
    )
    return Status(201, _show_calendar(made))


@router.get("/calendars/{int:pk}", response=CalendarOut, summary="One calendar")
def calendar(request: HttpRequest, pk: int) -> dict[str, Any]:
    demand(request, permissions.MANAGE)
    return _show_calendar(get_row(Calendar.objects.all(), pk))


@router.patch("/calendars/{int:pk}", response=CalendarOut, summary="Change a calendar")
def alter_calendar(request: HttpRequest, pk: int, data: CalendarChange) -> dict[str, Any]:
    demand(request, permissions.MANAGE)
    found = get_row(Calendar.objects.all(), pk)
    changes = given(data, "exceptions", "version")
    if data.exceptions is not None:
        changes["exceptions"] = _exceptions(data.exceptions)
    change_calendar(actor_of(request), found, version=data.version, **changes)
    return _show_calendar(get_row(Calendar.objects.all(), pk))


@router.get("/texts", response=list[TextOut], summary="Texts the desk sends by itself")
def texts(request: HttpRequest, brand: int | None = None) -> list[dict[str, Any]]:
    demand(request, permissions.MANAGE)
    owner = find_named(Brand.objects.all(), brand, "brand")
    return [
        _show_text(text.key, language, owner)
        for text in list_texts()
        for language, _label in list_languages()
    ]


@router.put("/texts/{key}/{language}", response=TextOut, summary="Say it in other words")
def put_text(request: HttpRequest, key: str, language: str, data: TextIn) -> dict[str, Any]:
    owner = find_named(Brand.objects.all(), data.brand, "brand")
    _demand_text(key)
    write_text(actor_of(request), key, language, subject=data.subject, body=data.body, brand=owner)
    return _show_text(key, language, owner)


@router.delete("/texts/{key}/{language}", response={204: None}, summary="Back to the built-in")
def delete_text(
    request: HttpRequest, key: str, language: str, brand: int | None = None
) -> Status[None]:
    owner = find_named(Brand.objects.all(), brand, "brand")
    _demand_text(key)
    forget_text(actor_of(request), key, language, brand=owner)
    return Status(204, None)


def _demand_text(key: str) -> None:
    try:
        get_text(key)
    except LookupError:
        raise Missing(_("There is no such text.")) from None


def _exceptions(given_ones: list[ExceptionShape]) -> list[DateException]:
    return [DateException(each.date, tuple(each.spans), each.name) for each in given_ones]


def _show_brand(row: Brand) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "is_default": row.is_default,
        "language": row.language,
        "languages": row.languages,
        "calendar": row.calendar_id,
        "color": row.color,
        "corner": row.corner,
        "host": row.host,
        "embed_domains": row.embed_domains,
        "first_reply_minutes": row.first_reply_minutes,
        "close_after_days": row.close_after_days,
        "files_kept_months": row.files_kept_months,
        "texts_kept_months": row.texts_kept_months,
        "tickets_kept_months": row.tickets_kept_months,
    }


def _show_calendar(row: Calendar) -> dict[str, Any]:
    week: list[list[str]] = [[] for _day in range(7)]
    for span in row.spans.all():
        week[span.weekday].append(_spell(span.starts, span.ends))
    return {
        "id": row.pk,
        "name": row.name,
        "time_zone": row.time_zone,
        "is_always_open": row.is_always_open,
        "holiday_country": row.holiday_country,
        "holiday_region": row.holiday_region,
        "week": week,
        "exceptions": [
            {
                "date": each.date,
                "name": each.name,
                "spans": [_spell(starts, ends) for starts, ends in each.spans],
            }
            for each in row.exceptions.all()
        ],
        "version": row.version,
    }


def _show_text(key: str, language: str, brand: Brand | None) -> dict[str, Any]:
    text, wording = get_text(key), find_wording(key, brand, language)
    return {
        "key": key,
        "label": str(text.label),
        "language": language,
        "subject": wording.subject,
        "body": wording.body,
        "is_own": wording.is_own and wording.language == language,
        "placeholders": sorted(text.kinds),
    }


def _spell(starts: int, ends: int) -> str:
    return f"{starts // 60:02}:{starts % 60:02}-{ends // 60:02}:{ends % 60:02}"
