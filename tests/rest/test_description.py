"""What the API says of itself is what it does: no server error, no undocumented answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from hypothesis import HealthCheck, Phase, given, settings
from ninja import Schema
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from otklik.core.rest import limits
from otklik.core.rest.shapes import PageQuery
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import make_administrator, make_customer
from otklik.project.wsgi import application
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import Program, program_of

# A value the description allows may still make no sense here (a team that is not there), so being
# refused with a documented 422 is no failure.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dasha(monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setattr(limits, "READS", 1_000_000)
    monkeypatch.setattr(limits, "WRITES", 1_000_000)
    monkeypatch.setattr(limits, "STRANGERS", 1_000_000)
    cache.clear()
    make_mailbox("support@demo.example")
    make_ticket(make_customer("Olga Nesterova"))
    return program_of(make_administrator())


def test_every_operation_answers_as_described(dasha: Program) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    wrong = []
    for found in schema.get_all_operations():
        operation: Any = found.ok()
        try:
            _try_out(operation, dasha)
        except FailureGroup as group:
            wrong.append(f"{operation.label}: {group}")
    assert not wrong, "\n\n".join(wrong)


def _try_out(operation: Any, program: Program) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=12,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def answers(case: Any) -> None:
        case.call_and_validate(headers=program.headers, checks=CHECKS)

    answers()


def test_the_description_is_openapi_3_1_and_readable(client, dasha: Program) -> None:  # type: ignore[no-untyped-def]
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    assert "/api/v1/tickets/{number}/messages" in described["paths"]
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/api/v1/tickets" in page.content.decode()


def test_no_two_shapes_have_one_name() -> None:
    """Of two that are called alike the description would tell the later for both."""
    found = [each for each in _below(Schema) if each.__module__.startswith("otklik.")]
    assert len(found) > 100
    known = Counter(each.__name__ for each in found if not issubclass(each, PageQuery))
    assert not [name for name, count in known.items() if count > 1]


def _below(shape: type[Any]) -> set[type[Any]]:
    direct = set(shape.__subclasses__())
    return direct.union(*(_below(each) for each in direct))
