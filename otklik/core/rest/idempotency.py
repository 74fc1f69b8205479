"""The same request twice has one effect: Idempotency-Key, bound to token and body.

See draft-ietf-httpapi-idempotency-key-header. A key is taken before the work begins, and the answer
is kept when it is known. An operation that writes once keeps its answer in that very transaction
(`along`) and takes nothing before: there is no moment between the effect and what is remembered of
it. Actions that make things also get a ``client_key`` derived from the key, so that a crash
elsewhere makes no twin either.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from otklik.core.db import unhurried, write
from otklik.core.db.rows import insert, insert_alone, update_alone
from otklik.core.db.spelling import spelt_once
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


def is_key(key: str) -> bool:
    return len(key) <= MAX_KEY and key.isprintable()


class Once:
    """One request under a key: what is known of it, and what will be."""

    def __init__(self, request: HttpRequest, token_id: int, key: str) -> None:
        self._token_id = token_id
        self._key_hash = hashlib.sha256(key.encode()).hexdigest()
        self._request_hash = _hash(request)
        self._taken: RememberedAnswer | None = None
        self._is_settled = False
        self.is_along = False

    def begin(self, request: HttpRequest, *, is_along: bool) -> HttpResponse | None:
        """The answer that the same request got before; None for a first one, which goes on.
        ``is_along``: its answer comes with its effect (`keep`)."""
        self.is_along = is_along
        if not is_along:
            # Lost together with the effect or not at all: rows of one log are.
            with unhurried():
                self._taken = self._take()
            return None if self._taken is not None else self.repeat(request)
        for known in _known(self._token_id, self._key_hash):
            if not self._forget_old(known):
                return self._repeated(request, known)
        return None

    def keep(self, response: HttpResponse) -> None:
        """Remember the answer in the transaction that the effect is in. IntegrityError when another
        one under the same key was faster: then nothing of this one may stay."""
        insert(self._answered(response))
        self._is_settled = True

    def end(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep a final answer. A failure of ours is forgotten, so that the client may try again."""
        if self._is_settled:
            return response
        if response.status_code >= 500 or response.status_code == 429 or response.streaming:
            if self._taken is not None:
                with unhurried(), write():
                    self._taken.delete()
            return response
        try:
            with unhurried():
                if self._taken is None:
                    insert_alone(self._answered(response))
                else:
                    _fill(self._taken, response)
                    update_alone(self._taken, ("status", "content_type", "body"))
        except IntegrityError:
            return self.repeat(request) or response
        return response

    def repeat(self, request: HttpRequest) -> HttpResponse | None:
        """What one that was faster was answered; None where there was none."""
        for known in _known(self._token_id, self._key_hash):
            return self._repeated(request, known)
        return None

    def _take(self) -> RememberedAnswer | None:
        """A row of ours to fill, None when somebody else has it."""
        row = self._new()
        for _attempt in range(2):
            try:
                return insert_alone(row)
            except IntegrityError:
                known = next(iter(_known(self._token_id, self._key_hash)), None)
                if known is not None and not self._forget_old(known):
                    return None
        return None

    def _forget_old(self, known: RememberedAnswer) -> bool:
        """Whether what is remembered was too old, or the request died over it."""
        now = timezone.now()
        is_old = known.created_at < now - KEPT
        is_dead = (
            known.status == 0
            and known.request_hash == self._request_hash
            and known.created_at < now - AT_WORK
        )
        if not (is_old or is_dead):
            return False
        with write():  # not one that has got its answer meanwhile
            rows = RememberedAnswer.objects.filter(pk=known.pk, status=known.status)
            return rows.delete()[0] > 0

    def _repeated(self, request: HttpRequest, known: RememberedAnswer) -> HttpResponse:
        self._is_settled = True
        if known.request_hash != self._request_hash:
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
        body = bytes(known.body)
        response = HttpResponse(body, status=known.status, content_type=known.content_type)
        response["Idempotency-Replayed"] = "true"
        return response

    def _new(self) -> RememberedAnswer:
        return RememberedAnswer(
            token_id=self._token_id, key_hash=self._key_hash, request_hash=self._request_hash
        )

    def _answered(self, response: HttpResponse) -> RememberedAnswer:
        row = self._new()
        _fill(row, response)
        return row


@spelt_once
def _known(token_id: int, key_hash: str) -> QuerySet[RememberedAnswer]:
    return RememberedAnswer.objects.filter(token_id=token_id, key_hash=key_hash)


def _fill(row: RememberedAnswer, response: HttpResponse) -> None:
    row.status = response.status_code
    row.content_type = response.headers.get("Content-Type", "")[:100]
    row.body = response.content[:MAX_BODY]


def _hash(request: HttpRequest) -> str:
    """Keyed: a body may hold a password, and a plain hash of it could be guessed at leisure."""
    told = hmac.new(secrets.derive("rest request"), digestmod="sha256")
    for part in (request.method or "", request.get_full_path(), request.content_type or ""):
        told.update(part.encode("utf-8", "surrogatepass") + b"\0")
    told.update(request.body)
    return told.hexdigest()
