"""Whoever sends what no page of ours sends is told that the request could not be read; our own mistakes stay ours."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from tests.payments.people import superuser


def add_too_much(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 2147483647::int + 1")
    return HttpResponse()


def misread(request: HttpRequest) -> HttpResponse:
    raise ValueError("a mistake of ours")


urlpatterns = [path("add-too-much/", add_too_much), path("misread/", misread)]
handler500 = "config.errors.server_error"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def owner(browser: Client) -> User:
    browser.force_login(superuser())
    return superuser()


def test_a_nul_in_the_session_cookie_is_refused_with_a_page(browser: Client) -> None:
    response = browser.get("/admin/", headers={"cookie": 'sessionid="aaaaaaaa\\000"'})

    assert response.status_code == 400
    assert "The request could not be read" in response.content.decode()


def test_a_nul_in_the_admins_filter_is_refused(browser: Client, owner: User) -> None:
    assert browser.get("/admin/checkout/order/?status__exact=%00").status_code == 400


@pytest.mark.parametrize("row", ["\0", "abc", ""])
@pytest.mark.parametrize("action", ["checkout/order/ mark_as_fulfilled", "catalog/product/ delete_selected"])
def test_an_action_on_something_that_is_no_row_is_refused(browser: Client, owner: User, row: str, action: str) -> None:
    listed, name = action.split()

    assert browser.post(f"/admin/{listed}", {"action": name, "_selected_action": [row]}).status_code == 400


def test_an_action_on_rows_that_are_not_there_does_nothing(browser: Client, owner: User) -> None:
    sent = {"action": "mark_as_fulfilled", "_selected_action": ["9" * 23], "confirmed": "yes"}

    assert browser.post("/admin/checkout/order/", sent).status_code < 400


@pytest.mark.parametrize("address", ["/add-too-much/", "/misread/"])
def test_a_mistake_of_ours_is_no_fault_of_the_request(browser: Client, address: str) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        assert browser.post(address).status_code == 500
