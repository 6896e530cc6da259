from __future__ import annotations

import json

from django.db import connection


def jobs() -> list[tuple[str, dict[str, object]]]:
    """The jobs that wait, in order: (task name, arguments)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [(name, json.loads(arguments)) for name, arguments in cursor.fetchall()]
