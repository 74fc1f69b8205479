"""The style guide: every component in both themes, and each layout filled with samples.

Mounted by the project only in development and tests; nothing here is translated or stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString

from otklik.ui import marks
from otklik.ui.brand import brand_css

PAGES = ("agent", "full", "settings", "portal", "plain", "empty")


class SampleForm(forms.Form):
    """One field of each shape; the sample is bound, so that errors are seen."""

    name = forms.CharField(label="Название", help_text="Видят специалисты в списках и фильтрах.")
    port = forms.IntegerField(
        label="Порт",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "В порту только цифры. Обычно 993."},
    )
    secret = forms.CharField(label="Пароль приложения", widget=forms.PasswordInput, required=False)
    team = forms.ChoiceField(
        label="Команда", choices=[("1", "Сервис, 2-я линия"), ("2", "Первая линия")]
    )
    text = forms.CharField(label="Подпись", widget=forms.Textarea, required=False)
    active = forms.BooleanField(
        label="Принимать почту", help_text="Письма не пропадут.", required=False
    )
    order = forms.ChoiceField(
        label="Порядок",
        choices=[("due", "По сроку"), ("new", "Сначала новые")],
        widget=forms.RadioSelect,
    )


@dataclass(frozen=True, slots=True)
class SampleRow:
    """What a list row shows; marks are ready HTML."""

    title: str
    person: str
    place: str
    end: str
    end_class: str
    status: SafeString
    rank: SafeString | str
    last: str
    unread: bool = False
    is_open: bool = False


def _row(title: str, person: str, place: str, end: str, shape: str, **more: object) -> SampleRow:
    tone = str(more.get("tone", ""))
    return SampleRow(
        title=title,
        person=person,
        place=place,
        end=end,
        end_class=tone,
        status=marks.status_mark(shape, shape),
        rank=marks.priority_mark(str(more["rank"]), "rank") if "rank" in more else "",
        last="Чековая лента идёт пустая, с утра две смены без чеков, очередь стоит",
        unread=bool(more.get("unread")),
        is_open=bool(more.get("is_open")),
    )


def _rows() -> list[SampleRow]:
    return [
        _row(
            "Касса не печатает чеки после обновления",
            "Алексей Громов",
            "Северный ветер",
            "−18 мин",
            "half",
            rank="square-bang",
            tone="clock-late",
        ),
        _row(
            "Кофемашина не греет воду после чистки от накипи, на экране ошибка E-07",
            "Ольга Нестерова",
            "Кофейня «Полдень»",
            "42 мин",
            "half",
            rank="bars-3",
            tone="clock-soon",
            is_open=True,
        ),
        _row(
            "Счёт за октябрь выставлен на старое юрлицо",
            "Анна Вайс",
            "ООО «Вайс и дочери»",
            "2 ч 30 мин",
            "disc-hole",
            unread=True,
        ),
        _row(
            "Капучинатор подтекает, видео во вложении",
            "Наталья Чернова-Константинопольская-Преображенская",
            "Сеть «Утро на Преображенской площади»",
            "ждём клиента",
            "dots",
        ),
        _row("Замена помпы Ulka EP5 по гарантии", "Рустам Тагиров", "Hotel Volga", "3 ноя", "bars"),
        _row("Обучить двух новых бариста", "Priya Raman", "Northwind Office", "1 окт", "tick"),
        _row("Термостат бойлера, замена", "Павел Синицын", "", "14 мая", "dash"),
    ]


def styleguide(request: HttpRequest) -> HttpResponse:
    """Components side by side in light and dark."""
    form = SampleForm({"name": "Сервис", "port": "993a", "team": "1", "active": "on"})
    return render(
        request,
        "ui/styleguide.html",
        {
            "form": form,
            "rows": _rows(),
            "now": timezone.now(),
            "before": timezone.now() - timedelta(minutes=5),
            "shapes": ["disc-hole", "half", "dots", "bars", "tick", "dash", "dashed", "late"],
            "ranks": ["bars-1", "bars-2", "bars-3", "square-bang"],
            "hues": range(12),
        },
    )


def specimen(request: HttpRequest, name: str) -> HttpResponse:
    """One layout with samples; ``?theme=dark`` forces a theme."""
    if name not in PAGES:
        raise Http404
    form = SampleForm({"name": "Сервис", "port": "993a", "team": "1", "order": "due"})
    return render(
        request,
        f"ui/specimens/{name}.html",
        {
            "form": form,
            "rows": _rows(),
            "theme": request.GET.get("theme"),
            "brand_name": "Зерно и Пар",
            "brand_css_url": "/ui/brand.css",
            "now": timezone.now(),
        },
    )


def sample_brand(request: HttpRequest) -> HttpResponse:
    """The sheet of a brand whose colour is ``?colour=8a3b22``."""
    try:
        sheet = brand_css(request.GET.get("colour", "#8a3b22"))
    except ValueError as error:
        raise Http404 from error
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


def sample_options(request: HttpRequest) -> HttpResponse:
    """Answers for the sample combobox."""
    asked = request.GET.get("q", "").casefold()
    names = [row.person for row in _rows() if asked in row.person.casefold()]
    return render(request, "ui/specimens/options.html", {"names": names})


urlpatterns = [
    path("ui/", styleguide),
    path("ui/brand.css", sample_brand),
    path("ui/options/", sample_options),
    path("ui/<slug:name>/", specimen),
]
