"""What no page of ours sends, and only the database or the admin's own code notices, is a bad request: 400, not 500."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

NUL_REFUSED = "cannot contain NUL"  # psycopg's own words: PostgreSQL's text holds every character but this one


class Unreadable:
    """Forms refuse a NUL themselves; cookies, addresses and the rows that an admin action names go by no form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Called by Django with what a view, or the rendering of its answer, raised. Raises BadRequest."""
        if isinstance(exception, DataError) and NUL_REFUSED in str(exception):
            raise BadRequest("a text with a NUL") from exception
        if isinstance(exception, ValueError) and _selects_no_rows(request):
            raise BadRequest("an action on rows that are no numbers") from exception


def _selects_no_rows(request: HttpRequest) -> bool:
    return not all(row.isdecimal() for row in request.POST.getlist(ACTION_CHECKBOX_NAME))
