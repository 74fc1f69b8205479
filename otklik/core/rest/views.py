"""What is below /api/ and is no address of ours answers as the rest of the API does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from otklik.core.rest.problems import problem


@csrf_exempt
def no_such_address(request: HttpRequest) -> HttpResponse:
    return problem(request, 404, "not_found", "There is no such address.")
