from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.backends.postgresql import base

from tests.faults.simulation.process import boundary

COMMIT = "COMMIT"


class DatabaseWrapper(base.DatabaseWrapper):
    """Statements pass by a wrapper of the cursor; a commit is no statement to Django, so it is marked here."""

    def __init__(self, settings_dict: dict[str, object], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self.execute_wrappers.append(self._between_statements)

    def _between_statements(
        self,
        execute: Callable[..., object],
        sql: str,
        parameters: object,
        many: bool,
        context: Mapping[str, object],
    ) -> object:
        boundary(sql)
        result = execute(sql, parameters, many, context)
        if not self.in_atomic_block:
            boundary("committed by itself")
        return result

    def commit(self) -> None:
        boundary(COMMIT)
        super().commit()
        boundary("after the commit")
