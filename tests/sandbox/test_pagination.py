"""Lists, page by page (docs.stripe.com/api/pagination; `created` as in docs.stripe.com/api/payment_intents/list)."""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, members, number, paid, refused_get
from tests.sandbox_process import SandboxProcess

PATH = "/v1/payment_intents"


@pytest.fixture(scope="module")
def ids(sandbox: SandboxProcess) -> list[str]:
    """Twelve intents, newest first; the clock moved on a minute in the middle."""
    made = []
    for position in range(12):
        if position == 6:
            sandbox.control("clock", {"advance_s": 60})
        made.append(str(sandbox.post(PATH, amount="2500", currency="eur")["id"]))
    return made[::-1]


def page(sandbox: SandboxProcess, **query: str) -> tuple[list[str], bool]:
    listed = sandbox.get(PATH, **query)
    assert (listed["object"], listed["url"]) == ("list", PATH)
    return [str(member["id"]) for member in members(listed)], bool(listed["has_more"])


def test_ten_come_by_default_newest_first(sandbox: SandboxProcess, ids: list[str]) -> None:
    assert page(sandbox) == (ids[:10], True)
    assert page(sandbox, limit="12") == (ids, False)
    assert page(sandbox, limit="100") == (ids, False)


def test_a_cursor_leads_to_older_ones(sandbox: SandboxProcess, ids: list[str]) -> None:
    assert page(sandbox, limit="5", starting_after=ids[4]) == (ids[5:10], True)
    assert page(sandbox, limit="5", starting_after=ids[9]) == (ids[10:], False)
    assert page(sandbox, starting_after=ids[-1]) == ([], False)


def test_a_cursor_leads_back_to_newer_ones_next_to_it(sandbox: SandboxProcess, ids: list[str]) -> None:
    assert page(sandbox, limit="5", ending_before=ids[9]) == (ids[4:9], True)
    assert page(sandbox, limit="5", ending_before=ids[4]) == (ids[:4], False)
    assert page(sandbox, ending_before=ids[0]) == ([], False)


def test_walking_all_pages_meets_each_once(sandbox: SandboxProcess, ids: list[str]) -> None:
    walked, more = page(sandbox, limit="5")
    while more:
        found, more = page(sandbox, limit="5", starting_after=walked[-1])
        walked += found

    assert walked == ids


def test_times_bound_a_list_on_both_sides(sandbox: SandboxProcess, ids: list[str]) -> None:
    newer, older = (number(sandbox.get(f"{PATH}/{ids[position]}"), "created") for position in (5, 6))

    assert page(sandbox, **{"created[gte]": str(newer)}) == (ids[:6], False)
    assert page(sandbox, **{"created[gt]": str(older)}) == (ids[:6], False)
    assert page(sandbox, **{"created[lt]": str(newer)}) == (ids[6:], False)
    assert page(sandbox, **{"created[lte]": str(older), "limit": "2"}) == (ids[6:8], True)
    assert ids[6] in page(sandbox, created=str(older))[0]
    assert ids[5] not in page(sandbox, created=str(older))[0]
    both = {"created[gt]": str(older), "created[lt]": str(newer)}
    assert page(sandbox, **both) == ([], False)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten"])
def test_a_page_has_one_to_a_hundred(sandbox: SandboxProcess, limit: str) -> None:
    status, error = refused_get(sandbox, PATH, limit=limit)

    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", "limit")


def test_a_cursor_is_the_id_of_such_an_object(sandbox: SandboxProcess, ids: list[str]) -> None:
    charge = str(paid(sandbox)["latest_charge"])

    for cursor in ("pi_none", charge):
        status, error = refused_get(sandbox, PATH, starting_after=cursor)
        assert (status, error["code"], error["param"]) == (400, "resource_missing", "starting_after")
        assert error["message"] == f"No such payment_intent: '{cursor}'"


def test_only_one_cursor_can_be_named(sandbox: SandboxProcess, ids: list[str]) -> None:
    status, error = refused_get(sandbox, PATH, starting_after=ids[0], ending_before=ids[1])

    assert (status, error["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("path", ["charges", "refunds", "events", "balance_transactions", "payment_intents"])
def test_every_list_has_the_same_envelope(sandbox: SandboxProcess, path: str) -> None:
    listed: Document = sandbox.get(f"/v1/{path}", limit="1")

    assert set(listed) == {"object", "data", "has_more", "url"}
    assert (listed["object"], listed["url"]) == ("list", f"/v1/{path}")
