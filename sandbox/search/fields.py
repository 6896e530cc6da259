"""Which fields can be searched for, and each clause as SQL over an object's JSON.

Source: docs.stripe.com/search#supported-query-fields-for-each-resource (a field's type says which operators it takes).
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.errors import InvalidParameter
from sandbox.search.query import Clause, Query
from sandbox.store import Value

TOKEN, NUMERIC = "token", "numeric"
_CARD_FIELDS = ("last4", "exp_month", "exp_year", "brand", "fingerprint")
FIELDS: Mapping[str, Mapping[str, str]] = {
    "payment_intents": {
        "amount": NUMERIC,
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "metadata": TOKEN,
        "status": TOKEN,
    },
    "charges": {
        "amount": NUMERIC,
        "billing_details.address.postal_code": TOKEN,
        "created": NUMERIC,
        "currency": TOKEN,
        "customer": TOKEN,
        "disputed": TOKEN,
        "metadata": TOKEN,
        **{f"payment_method_details.card.{name}": TOKEN for name in _CARD_FIELDS},
        "refunded": TOKEN,
        "status": TOKEN,
    },
}
_REFUNDED = """CASE WHEN json_extract(body, '$.refunded') THEN 'true'
WHEN json_extract(body, '$.amount_refunded') > 0 THEN 'false' END"""
_DISPUTED = "CASE WHEN json_extract(body, '$.disputed') THEN 'true' ELSE 'false' END"
_METADATA = "(SELECT value FROM json_each(body, '$.metadata') WHERE key = ?)"

Sql = tuple[str, list[Value]]


def condition(resource: str, query: Query) -> Sql:
    """What an object's `body` has to meet, with the values for its marks."""
    parts = [_clause(resource, clause) for clause in query.clauses]
    joint = " OR " if query.any_of else " AND "
    return joint.join(part for part, _ in parts), [value for _, values in parts for value in values]


def _clause(resource: str, clause: Clause) -> Sql:
    kind = FIELDS[resource].get(clause.field)
    if kind is None or (clause.key is None) == (clause.field == "metadata"):
        raise InvalidParameter(
            f"Field `{clause.field}` is an unsupported search field for resource `{resource}`.", param="query"
        )
    column, values = _column(clause)
    comparison, compared = _compared(clause, kind)
    sql = f"coalesce({column} {comparison}, FALSE)"
    return f"(NOT {sql})" if clause.negated else sql, [*values, *compared]


def _column(clause: Clause) -> Sql:
    if clause.key is not None:
        return _METADATA, [clause.key]
    if clause.field == "refunded":
        return _REFUNDED, []
    if clause.field == "disputed":
        return _DISPUTED, []
    return f"json_extract(body, '$.{clause.field}')", []


def _compared(clause: Clause, kind: str) -> Sql:
    if clause.value is None and clause.operator == ":":
        return "IS NULL", []
    if kind == NUMERIC and clause.operator != "~" and _is_number(clause.value):
        return ("=" if clause.operator == ":" else clause.operator) + " ?", [int(clause.value or 0)]
    if kind == TOKEN and clause.operator == ":" and (clause.quoted or _is_number(clause.value)):
        return "= ? COLLATE NOCASE", [clause.value]
    raise InvalidParameter(
        f"Field `{clause.field}` is of type {kind} and cannot be searched with `{clause.operator}` and this value.",
        param="query",
    )


def _is_number(value: str | None) -> bool:
    return value is not None and value.isdigit()
