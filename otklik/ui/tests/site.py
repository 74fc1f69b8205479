"""A small site of its own for the browser tests: the style guide and pages that change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template import Engine, engines
from django.urls import path

from otklik.ui import web
from otklik.ui.toasts import with_toast

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self' ws:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass
class Memory:
    """What the browser has sent, and the version of the one thing that changes."""

    version: int = 1
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)


memory = Memory()


def strict_policy(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: the policy every page of the desk has."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return middleware


PAGE = """{% extends "ui/layouts/agent.html" %}{% load ui %}{% block panes %}main{% endblock %}
{% block phone %}main{% endblock %}{% block title %}Desk{% endblock %}
{% block main %}<h1>Desk</h1>
<div class="rows" data-roving><a class="row" data-row href="#one" id="row-1">One</a>
<a class="row" data-row href="#two" id="row-2">Two</a></div>
{% include thing %}
<form id="form" method="post" action="/done/">{% csrf_token %}
<ok-editor upload="/upload/"><textarea name="body" aria-label="Reply"></textarea></ok-editor>
<button type="button" class="button" data-command="bold" aria-label="Bold">B</button>
<button type="button" class="button" data-command="link">Link</button>
<button class="button" data-send data-key="s">Send</button></form>
<button class="button" id="solve" data-key="e" hx-post="/solve/" hx-swap="none">Solve</button>
<button class="button" id="ask" data-dialog-url="/question/">Ask</button>
<label for="who">Who</label>
<ok-combobox src="/options/" name="who" multiple free><input class="input" id="who"></ok-combobox>
{% menu label="More" icon="ellipsis" id="more" %}
<button class="menu-item" type="button" role="menuitem">First</button>
<button class="menu-item" type="button" role="menuitem" id="second">Second</button>{% endmenu %}
{% endblock %}"""

THING = """<section id="thing" data-live="thing:1" data-version="{{ version }}"
 data-live-url="/thing/">{% if version > 20 %}<p class="row">Came above</p>{% endif %}
 <p id="words">Version {{ version }}</p>
 <button type="button" data-dialog-url="/question/">Press {{ version }}</button>
<label>Half typed <input id="half" name="half" value=""></label>
<details id="fold"><summary>Fold</summary>Inside</details></section>"""


def _render(text: str, request: HttpRequest, **context: object) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(text).render(context, request))


def page(request: HttpRequest) -> HttpResponse:
    thing = Engine.get_default().from_string(THING)
    return _render(PAGE, request, thing=thing, version=memory.version)


def thing(request: HttpRequest) -> HttpResponse:
    return _render(THING, request, version=memory.version)


def question(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        '<h2 class="dialog-title">Merge 3?</h2><div class="dialog-actions">'
        '<button class="button" data-close>Keep apart</button></div>'
    )


def post(request: HttpRequest) -> HttpResponseBase:
    memory.posts.append((request.path, {key: str(value) for key, value in request.POST.items()}))
    if request.path == "/done/":
        return with_toast(request, redirect("/page/"), "Sent to «Полдень»", undo="/undo/")
    if request.path == "/upload/":
        return JsonResponse({"url": "/static/picture.png", "name": "picture.png"})
    response = HttpResponse(status=204)
    if request.path == "/solve/":
        return with_toast(request, response, "Solved", undo="/undo/")
    return response


urlpatterns = [
    *web.urlpatterns,
    path("page/", page),
    path("thing/", thing),
    path("question/", question),
    path("options/", web.sample_options),
    *[path(f"{name}/", post) for name in ("done", "draft", "solve", "undo", "upload")],
]
