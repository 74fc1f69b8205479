"""Bodies and queries as values a database can hold: NUL and half characters are no text."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

# Only an escape can bring such a character into a body that is UTF-8.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_HALF = re.compile("[\ud800-\udfff]")


class TidyParser(Parser):
    """NUL is dropped, a lone surrogate becomes U+FFFD; everything else stays as it was sent."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = json.loads(request.body)
        return _tidy(body) if _SUSPECT.search(request.body) else body

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        found: dict[str, Any] = super().parse_querydict(data, list_fields, request)
        return {name: _tidy(value) for name, value in found.items()}


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value.replace("\x00", ""))
    if isinstance(value, list):
        return [_tidy(each) for each in value]
    if isinstance(value, dict):
        return {_tidy(name): _tidy(each) for name, each in value.items()}
    return value
