"""The least that a Django view can do to keep what it was sent: one INSERT."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

TABLE = "CREATE TABLE IF NOT EXISTS benchmark_kept (id bigserial PRIMARY KEY, body bytea NOT NULL)"


@csrf_exempt
def insert_one(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO benchmark_kept (body) VALUES (%s)", [request.body])
    return HttpResponse("stored\n", content_type="text/plain")
