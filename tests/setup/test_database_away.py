"""Pages while the database is away."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

GONE: list[Exception] = []


def read_the_books(request: HttpRequest) -> HttpResponse:
    raise GONE[0]


urlpatterns = [path("books/", read_the_books)]
handler500 = "config.errors.server_error"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def answer(client: Client, trouble: Exception) -> tuple[int, str, str]:
    """Status, Retry-After and page of the answer when a view meets this trouble."""
    GONE[:] = [trouble]
    with override_settings(ROOT_URLCONF=__name__):
        response = client.post("/books/")
    return response.status_code, response.headers.get("Retry-After", ""), response.content.decode()


@pytest.mark.parametrize("trouble", [OperationalError("the server closed the connection"), InterfaceError("closed")])
def test_while_the_database_is_away_pages_say_when_to_come_back(client: Client, trouble: Exception) -> None:
    status, retry_after, page = answer(client, trouble)
    assert (status, retry_after) == (503, "5")
    assert "Reload this page" in page


def test_any_other_trouble_with_the_database_is_an_error_of_ours(client: Client) -> None:
    assert answer(client, ProgrammingError("no such column"))[0] == 500
