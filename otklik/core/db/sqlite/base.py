"""Django's SQLite backend with a fair queue of writers. Each ``atomic()`` here is a writer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from otklik.core.db.gate import WriteGate
from otklik.core.db.write import is_unhurried


class DatabaseWrapper(base.DatabaseWrapper):
    _gate: WriteGate | None = None
    _is_unhurried = False
    _gate_path: str = ""

    def _start_transaction_under_autocommit(self) -> None:
        gate = self._find_gate()
        if gate is not None:
            gate.enter()
        try:
            self._set_pace()
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_gate()
            raise

    def get_new_connection(self, conn_params: Any) -> Any:
        self._is_unhurried = False
        return super().get_new_connection(conn_params)

    def _set_pace(self) -> None:
        """Whether the commit waits for the disk; cannot be said inside a transaction."""
        wanted = is_unhurried()
        if wanted != self._is_unhurried:
            level = "NORMAL" if wanted else "FULL"
            self.connection.execute(f"PRAGMA synchronous={level}")
            self._is_unhurried = wanted

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._leave_gate()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_gate()

    def close(self) -> None:
        # Also inside a transaction: what it had written is rolled back, so its turn is over.
        try:
            super().close()
        finally:
            self._leave_gate()

    def _leave_gate(self) -> None:
        if self._gate is not None:
            self._gate.leave()

    def _find_gate(self) -> WriteGate | None:
        name = str(self.settings_dict["NAME"])
        if name == ":memory:" or "mode=memory" in name:
            return None
        if self._gate is None or self._gate_path != name:
            self._gate = WriteGate(Path(name))
            self._gate_path = name
        return self._gate
