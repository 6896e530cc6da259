"""The search query language (docs.stripe.com/search#search-query-language): clauses joined by AND or by OR."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.errors import InvalidParameter

UNREADABLE = (
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata '
    'or key:"value" to query for other fields.'
)
MAXIMUM_CLAUSES = 10
_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_CLAUSE = re.compile(
    rf"(?P<negated>-)?(?P<field>[A-Za-z_][\w.]*)(?:\[(?P<key>{_QUOTED})\])?"
    rf"(?P<operator>:|~|>=|<=|>|<)(?P<value>{_QUOTED}|[\w.-]+)"
)
_JOINT = re.compile(r"\s+(?:(?P<word>AND|OR)\s+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """`field operator value`. A `value` of None asks for a field that is not there; `key` is one of metadata's."""

    field: str
    operator: str
    value: str | None
    quoted: bool = False
    key: str | None = None
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """Objects that meet all clauses, or `any_of` them."""

    clauses: tuple[Clause, ...]
    any_of: bool = False


def parse(text: str) -> Query:
    """Read a query, or raise what Stripe says of one that it cannot read."""
    clauses, words, rest = [], set[str](), text.strip()
    while match := _CLAUSE.match(rest):
        clauses.append(_clause(match))
        rest = rest[match.end() :]
        joint = _JOINT.match(rest)
        if not rest:
            return _joined(clauses, words)
        if joint is None:
            break
        words.add((joint["word"] or "and").lower())
        rest = rest[joint.end() :]
    raise _unreadable()


def _joined(clauses: list[Clause], words: set[str]) -> Query:
    """AND and OR exclude each other, and there are no brackets."""
    if len(words) > 1:
        raise _unreadable()
    if len(clauses) > MAXIMUM_CLAUSES:
        raise InvalidParameter(
            f"Your search query has {len(clauses)} clauses, and a query can have up to {MAXIMUM_CLAUSES}.",
            param="query",
        )
    return Query(tuple(clauses), any_of=words == {"or"})


def _clause(match: re.Match[str]) -> Clause:
    written, quoted = match["value"], match["value"][0] in "\"'"
    absent = not quoted and written.lower() == "null"
    return Clause(
        field=match["field"],
        operator=match["operator"],
        value=None if absent else _unquoted(written),
        quoted=quoted,
        key=_unquoted(match["key"]) if match["key"] else None,
        negated=bool(match["negated"]),
    )


def _unquoted(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written[1:-1]) if written[0] in "\"'" else written


def _unreadable() -> InvalidParameter:
    return InvalidParameter(UNREADABLE, param="query")
