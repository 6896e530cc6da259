"""Pages read as a browser reads them."""

from __future__ import annotations

import pytest

from launch.forms import Page

PAGE = """
<a href="/cart/"> Cart </a> <a href="/checkout/"><b>Checkout</b></a>
<form action="/search/"><input name="q" value="mug"><button>Search</button></form>
<form action="/checkout/">
  <input type="hidden" name="checkout_id" value="c1"><input name="email"><input name="gone" value="x" disabled>
  <input type="radio" name="shipping" value="1"><input type="radio" name="shipping" value="2" checked>
  <input type="checkbox" name="news" value="yes">
  <select name="country"><option value="">Choose</option><option value="DE" selected>Germany</option></select>
  <select name="size"><option value="s">Small</option><option value="l">Large</option></select>
  <button type="submit" disabled>Pay later</button>
  <button type="submit">
    Pay €12.30
  </button>
</form>
<table><tr><th>Kind</th><th>Amount</th></tr><tr><td>Refund</td><td> <b>1.00</b>
EUR </td></tr></table>
"""


def test_a_form_is_found_by_its_button_and_holds_what_a_browser_would_send() -> None:
    form = Page(PAGE).form("Pay")
    assert form.action == "/checkout/"
    assert form.fields == {"checkout_id": "c1", "email": "", "shipping": "2", "country": "DE", "size": "s"}
    assert form.buttons == ["Pay €12.30"]


def test_a_link_is_found_by_its_text() -> None:
    assert Page(PAGE).link("Checkout") == "/checkout/"


def test_a_table_is_read_row_by_row() -> None:
    assert Page(PAGE).rows == [["Kind", "Amount"], ["Refund", "1.00 EUR"]]


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(LookupError, match="Refund"):
        Page(PAGE).link("Refund")
    with pytest.raises(LookupError, match="Add to cart"):
        Page(PAGE).form("Add to cart")
