"""What search knows: versions of objects, each some time after it was written (docs.stripe.com/search)."""

from __future__ import annotations

import json

from sandbox.clock import Clock
from sandbox.collection import Collection, D
from sandbox.search.fields import Sql
from sandbox.store import Store, to_text

LAG_S = 59
"""Data is searchable "in under 1 minute" under normal conditions; here it always takes nearly all of it."""
BEYOND_ALL = 2**62

_SEARCH = """
SELECT objects.position, body FROM (
    SELECT id AS found, body, max(position) FROM indexed WHERE kind = ? AND visible_from <= ? GROUP BY id
) JOIN (SELECT id, position FROM objects) AS objects ON objects.id = found
WHERE objects.position < ? AND ({condition}) ORDER BY objects.position DESC LIMIT ?
"""


class SearchableCollection(Collection[D]):
    """A collection that remembers what search still shows of objects that have changed since."""

    def __init__(self, store: Store, kind: str, clock: Clock) -> None:
        super().__init__(store, kind)
        self._clock = clock

    def put(self, document: D) -> D:
        """Write a document; search shows it later, and the version before until then."""
        text = to_text(document)
        self._write(document, text)
        self._index(document["id"], text)
        return document

    def _index(self, object_id: str, text: str) -> None:
        """Keep what search shows now and what it will show; versions of the same second are one."""
        now = self._clock.now()
        self._store.execute(
            "DELETE FROM indexed WHERE id = ? AND (visible_from = ? OR position < "
            "(SELECT max(position) FROM indexed WHERE id = ? AND visible_from <= ?))",
            (object_id, now + LAG_S, object_id, now),
        )
        self._store.execute(
            "INSERT INTO indexed (id, kind, visible_from, body) VALUES (?, ?, ?, ?)",
            (object_id, self.kind, now + LAG_S, text),
        )

    def search(self, condition: Sql, limit: int, before: int = BEYOND_ALL) -> list[tuple[int, D]]:
        """The objects that meet a condition as search knows them, newest first, each with its position."""
        sql, values = condition
        rows = self._store.rows(_SEARCH.format(condition=sql), (self.kind, self._clock.now(), before, *values, limit))
        return [(int(str(position)), json.loads(str(body))) for position, body in rows]
