"""Search (docs.stripe.com/search, docs.stripe.com/api/payment_intents/search)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.asking import Document, members, number, paid, refused_get
from tests.sandbox_process import SandboxProcess, running_sandbox

MINUTE_S = 60


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """An account with four payments that search has had time to see."""
    with running_sandbox(tmp_path_factory.mktemp("searched")) as process:
        paid(process, amount="1000", **{"metadata[order]": "one", "metadata[odd key's]": 'a "b"'})
        paid(process, amount="2000", **{"metadata[order]": "two"})
        paid(process, amount="3000", currency="usd", **{"metadata[order]": "ONE"})
        process.post("/v1/payment_intents", amount="4000", currency="usd")
        process.control("clock", {"advance_s": MINUTE_S})
        yield process


def amounts(sandbox: SandboxProcess, query: str, resource: str = "payment_intents") -> list[int]:
    """What a query finds, smallest first."""
    found = members(sandbox.get(f"/v1/{resource}/search", query=query))
    return sorted(number(one, "amount") for one in found)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('metadata["order"]:"two"', [2000]),
        ("metadata['order']:'one'", [1000, 3000]),
        ("metadata['odd key\\'s']:'a \"b\"'", [1000]),
        ('metadata["order"]:null', [4000]),
        ('-metadata["order"]:null', [1000, 2000, 3000]),
        ('status:"succeeded"', [1000, 2000, 3000]),
        ('-status:"succeeded"', [4000]),
        ('currency:"EUR"', [1000, 2000]),
        ("amount:2000", [2000]),
        ('amount>"2000"', [3000, 4000]),
        ("amount>=2000 amount<4000", [2000, 3000]),
        ("created>0 AND amount<=1000", [1000]),
        ('currency:"usd" and metadata["order"]:"one"', [3000]),
        ('amount:1000 OR -currency:"eur"', [1000, 3000, 4000]),
        ("amount:1000 or amount:4000 OR amount:7", [1000, 4000]),
        ("customer:null", [1000, 2000, 3000, 4000]),
    ],
)
def test_a_query_finds_the_payments_that_meet_it(sandbox: SandboxProcess, query: str, expected: list[int]) -> None:
    assert amounts(sandbox, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("payment_method_details.card.last4:4242", [1000, 2000, 3000]),
        ('payment_method_details.card.brand:"visa" AND amount>2500', [3000]),
        ('disputed:"false" AND refunded:null', [1000, 2000, 3000]),
        ('disputed:"true"', []),
    ],
)
def test_charges_are_found_by_their_own_fields(sandbox: SandboxProcess, query: str, expected: list[int]) -> None:
    assert amounts(sandbox, query, "charges") == expected


@pytest.mark.parametrize(
    "query",
    [
        "asdf",
        'status:"succeeded" AND',
        'status:"succeeded" AND amount>1 OR amount<2',
        '(status:"succeeded")',
        'status:"succeeded',
        " ",
    ],
)
def test_a_query_that_cannot_be_read_is_refused(sandbox: SandboxProcess, query: str) -> None:
    status, error = refused_get(sandbox, "/v1/payment_intents/search", query=query)

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert str(error["message"]).startswith("We were unable to parse your search query.")


@pytest.mark.parametrize(
    "query", ['description:"tea"', "status:succeeded", 'status>"a"', 'status~"suc"', 'metadata:"a"']
)
def test_fields_and_operators_that_are_not_supported_are_refused(sandbox: SandboxProcess, query: str) -> None:
    status, error = refused_get(sandbox, "/v1/payment_intents/search", query=query)

    assert (status, error["param"]) == (400, "query")
    assert str(error["message"]).startswith("Field `")


def test_a_query_has_up_to_ten_clauses(sandbox: SandboxProcess) -> None:
    ten = " AND ".join(["amount>1"] * 10)

    assert amounts(sandbox, ten) == [1000, 2000, 3000, 4000]
    status, error = refused_get(sandbox, "/v1/payment_intents/search", query=f"{ten} AND amount>1")
    assert (status, error["param"]) == (400, "query")


def test_a_query_is_needed(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, "/v1/payment_intents/search")

    assert (status, error["message"]) == (400, "Missing required param: query.")


def test_results_come_page_by_page_newest_first(sandbox: SandboxProcess) -> None:
    query = {"query": "amount>0", "limit": "3"}

    first = sandbox.get("/v1/payment_intents/search", **query)
    second = sandbox.get("/v1/payment_intents/search", page=str(first["next_page"]), **query)

    assert [number(one, "amount") for one in members(first)] == [4000, 3000, 2000]
    assert [number(one, "amount") for one in members(second)] == [1000]
    assert (first["object"], first["url"], first["has_more"]) == ("search_result", "/v1/payment_intents/search", True)
    assert (second["has_more"], second["next_page"]) == (False, None)
    assert "sandbox" not in members(first)[0]
    assert refused_get(sandbox, "/v1/payment_intents/search", page="%", **query)[1]["param"] == "page"


def test_a_new_payment_is_found_only_after_some_time(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as fresh:
        paid(fresh)
        at_once = amounts(fresh, "amount:2500")
        fresh.control("clock", {"advance_s": MINUTE_S})

        assert (at_once, amounts(fresh, "amount:2500")) == ([], [2500])


def test_a_changed_payment_is_shown_as_it_was_for_some_time(tmp_path: Path) -> None:
    """The index is behind, not only incomplete: what it says of a payment may be over."""
    with running_sandbox(tmp_path) as fresh:
        intent = fresh.post("/v1/payment_intents", amount="2500", currency="eur")
        fresh.control("clock", {"advance_s": MINUTE_S})
        confirmed: Document = fresh.post(
            f"/v1/payment_intents/{intent['id']}/confirm",
            payment_method="pm_card_visa",
            return_url="http://127.0.0.1/return",
        )
        [stale] = members(fresh.get("/v1/payment_intents/search", query="amount:2500"))
        fresh.control("clock", {"advance_s": MINUTE_S})
        [current] = members(fresh.get("/v1/payment_intents/search", query="amount:2500"))

    assert (confirmed["status"], stale["status"]) == ("succeeded", "requires_payment_method")
    assert current["status"] == "succeeded"
