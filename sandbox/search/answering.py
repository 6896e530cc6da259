"""A search endpoint's answer, page by page (docs.stripe.com/api/pagination/search)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from sandbox.collection import D
from sandbox.endpoints import Answer, Call
from sandbox.errors import InvalidParameter
from sandbox.lists import limit_of
from sandbox.search.fields import condition
from sandbox.search.index import BEYOND_ALL, SearchableCollection
from sandbox.search.query import parse


def found(call: Call, collection: SearchableCollection[D], resource: str) -> Answer:
    """What a query finds; `next_page` leads on where there is more."""
    limit, page = limit_of(call.params), call.params.text("page")
    wanted = condition(resource, parse(call.params.text("query") or ""))
    members = collection.search(wanted, limit + 1, _position(page) if page else BEYOND_ALL)
    shown, more = members[:limit], len(members) > limit
    return {
        "object": "search_result",
        "data": [document for _, document in shown],
        "has_more": more,
        "next_page": _page_after(shown[-1][0]) if more else None,
        "url": f"/v1/{resource}/search",
    }


def _page_after(position: int) -> str:
    return urlsafe_b64encode(str(position).encode()).decode()


def _position(page: str) -> int:
    try:
        return int(urlsafe_b64decode(page))
    except (NotBase64, ValueError) as error:
        raise InvalidParameter(f"Invalid page: {page}. Use the `next_page` of a search.", param="page") from error
