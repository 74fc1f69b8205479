"""Sessions as Django keeps them, found by a statement spelt once: every page asks for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from otklik.core.db.spelling import spelt_once


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Any:
        for found in _unexpired(self.session_key or "", timezone.now()):
            return found
        self._session_key = None
        return None


@spelt_once
def _unexpired(session_key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=session_key, expire_date__gt=now)
