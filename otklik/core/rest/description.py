"""The finished OpenAPI 3.1 description: every operation says every answer it may give."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import OpenAPISchema

from otklik.core.rest.problems import CONTENT_TYPE, Problem

_EVERYWHERE = {
    "400": "The request cannot be read",
    "401": "No valid token",
    "429": "Too many requests; see Retry-After",
    "500": "Something went wrong here; nothing was changed",
}
_BY_NEED = {
    "403": "The token's holder may see this but not do it",
    "404": "There is no such thing, or it is not yours to see",
    "409": "Somebody changed it in the meantime, or the first request is still at work",
    "422": "Some values make no sense",
}
_THINGS = {"view"}  # parameters of a query that name a thing which may not be there
_WRITES = ("post", "put", "patch", "delete")
_LIMITS = {
    name: {"schema": {"type": "integer"}, "description": text}
    for name, text in (
        ("RateLimit-Limit", "Requests a minute"),
        ("RateLimit-Remaining", "How many are left"),
        ("RateLimit-Reset", "Seconds until they are many again"),
    )
}


def complete(schema: OpenAPISchema) -> OpenAPISchema:
    """Add problem answers, rate limits and the Idempotency-Key to what the routes say."""
    schema["openapi"] = "3.1.0"
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components.setdefault("Problem", Problem.model_json_schema())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete_operation(operation, method, has_parameters="{" in path)
    return schema


def _complete_operation(operation: dict[str, Any], method: str, *, has_parameters: bool) -> None:
    answers = {str(code): answer for code, answer in operation.get("responses", {}).items()}
    for answer in answers.values():
        answer.setdefault("headers", {}).update(_LIMITS)
    wanted = dict(_EVERYWHERE)
    wanted |= {"403": _BY_NEED["403"], "422": _BY_NEED["422"]}
    names_a_thing = any(one["name"] in _THINGS for one in operation.get("parameters", ()))
    if names_a_thing and not has_parameters:
        wanted |= {"404": _BY_NEED["404"]}
    if has_parameters or method in _WRITES:
        wanted |= {"404": _BY_NEED["404"], "409": _BY_NEED["409"]}
    for code, text in wanted.items():
        answers.setdefault(code, _problem(text))
    operation["responses"] = answers
    if method in _WRITES:
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"},
                "description": "Sent again with the same key and body, a request has one effect.",
            }
        )


def _problem(text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
