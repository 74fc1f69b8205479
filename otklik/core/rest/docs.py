"""The description for machines and the same for people, without any script."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from otklik.core.rest.api import describe


@lru_cache(maxsize=1)
def _description() -> dict[str, Any]:
    from otklik.core.rest.urls import api

    return dict(describe(api))


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(_description())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, body and answers, grouped by tag."""
    groups: dict[str, list[dict[str, Any]]] = {}
    description = _description()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            entry = {
                "method": method.upper(),
                "path": path,
                "summary": operation.get("summary", ""),
                "text": operation.get("description", ""),
                "anchor": operation.get("operationId", ""),
                "parameters": operation.get("parameters", []),
                "body": _fields(description, _body_schema(operation)),
                "answers": operation.get("responses", {}),
            }
            for tag in operation.get("tags") or ["other"]:
                groups.setdefault(tag, []).append(entry)
    return render(request, "rest/docs.html", {"groups": sorted(groups.items())})


def _body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    for found in content.values():
        return dict(found.get("schema", {}))
    return {}


def _fields(description: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    resolved = description.get("components", {}).get("schemas", {}).get(name, schema)
    required = set(resolved.get("required", []))
    return [
        {
            "name": field,
            "type": _type_of(spec),
            "is_required": field in required,
            "text": spec.get("description", ""),
        }
        for field, spec in resolved.get("properties", {}).items()
    ]


def _type_of(spec: dict[str, Any]) -> str:
    if "$ref" in spec:
        return str(spec["$ref"]).rpartition("/")[2]
    if "anyOf" in spec:
        return " or ".join(_type_of(part) for part in spec["anyOf"])
    if spec.get("type") == "array":
        return f"list of {_type_of(spec.get('items', {}))}"
    if "enum" in spec:
        return " | ".join(str(value) for value in spec["enum"])
    return str(spec.get("format") or spec.get("type", ""))
