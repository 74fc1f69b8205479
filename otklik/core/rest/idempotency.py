"""The same request twice has one effect: Idempotency-Key, bound to token and body.

See draft-ietf-httpapi-idempotency-key-header. Actions that make things also get a ``client_key``
derived from the key, so that even a crash between the effect and its answer makes no twin.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from otklik.core.db import unhurried, write
from otklik.core.db.rows import insert_alone, update_alone
from otklik.core.rest.models import RememberedAnswer
from otklik.core.rest.problems import problem
from otklik.core.settings import secrets

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT = timedelta(days=1)
# A first request that has not answered for so long is taken for dead.
AT_WORK = timedelta(seconds=90)
MAX_BODY = 512 * 1024

_SPACE = uuid.UUID("6f1d1e5e-6d0b-4c55-9d6c-0a3f2a1b7c11")


def client_key_of(token_id: int, key: str) -> uuid.UUID:
    return uuid.uuid5(_SPACE, f"{token_id}:{key}")


def answer_once(
    request: HttpRequest,
    token_id: int,
    key: str,
    respond: Callable[[HttpRequest], HttpResponse],
) -> HttpResponse:
    """Answer, or repeat the answer that the same request got before."""
    if len(key) > MAX_KEY or not key.isprintable():
        return problem(
            request, 400, "bad_idempotency_key", "The Idempotency-Key is too long or not printable."
        )
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    request_hash = _hash(request)
    # Lost together with the effect or not at all: rows of one log are.
    with unhurried():
        row = _reserve(token_id, key_hash, request_hash)
    if row is None:
        known = RememberedAnswer.objects.get(token_id=token_id, key_hash=key_hash)
        return _repeat(request, known, request_hash)
    response = respond(request)
    with unhurried():
        _remember(row, response)
    return response


def _reserve(token_id: int, key_hash: str, request_hash: str) -> RememberedAnswer | None:
    """A row of ours to fill, None when somebody else has it."""
    row = RememberedAnswer(token_id=token_id, key_hash=key_hash, request_hash=request_hash)
    for _attempt in range(2):
        try:
            return insert_alone(row)
        except IntegrityError:
            if not _forget_old(token_id, key_hash, request_hash):
                return None
    return None


def _forget_old(token_id: int, key_hash: str, request_hash: str) -> bool:
    """Whether what is remembered was too old, or the request died over it."""
    now = timezone.now()
    same = RememberedAnswer.objects.filter(token_id=token_id, key_hash=key_hash)
    is_dead = Q(request_hash=request_hash, status=0, created_at__lt=now - AT_WORK)
    with write():
        return same.filter(Q(created_at__lt=now - KEPT) | is_dead).delete()[0] > 0


def _repeat(request: HttpRequest, known: RememberedAnswer, request_hash: str) -> HttpResponse:
    if known.request_hash != request_hash:
        return problem(
            request,
            422,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
        )
    if known.status == 0:
        response = problem(
            request, 409, "in_progress", "The first request with this key is still at work."
        )
        response["Retry-After"] = "1"
        return response
    response = HttpResponse(bytes(known.body), status=known.status, content_type=known.content_type)
    response["Idempotency-Replayed"] = "true"
    return response


def _remember(row: RememberedAnswer, response: HttpResponse) -> None:
    """Keep a final answer. A failure of ours is forgotten, so that the client may try again."""
    if response.status_code >= 500 or response.status_code == 429 or response.streaming:
        with write():
            row.delete()
        return
    row.status = response.status_code
    row.content_type = response.headers.get("Content-Type", "")[:100]
    row.body = response.content[:MAX_BODY]
    update_alone(row, ("status", "content_type", "body"))


def _hash(request: HttpRequest) -> str:
    """Keyed: a body may hold a password, and a plain hash of it could be guessed at leisure."""
    told = hmac.new(secrets.derive("rest request"), digestmod="sha256")
    for part in (request.method or "", request.get_full_path(), request.content_type or ""):
        told.update(part.encode("utf-8", "surrogatepass") + b"\0")
    told.update(request.body)
    return told.hexdigest()
