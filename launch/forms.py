"""Reads links, forms and tables of a page as a browser does, so that a program can use the shop by its real pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form as the page shows it: where it goes, what it holds already, and what its buttons say."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


@dataclass
class Link:
    target: str
    text: str = ""


class Page(HTMLParser):
    """The links, forms and table rows of one page. A disabled button or field is not there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = html
        self.links: list[Link] = []
        self.forms: list[Form] = []
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._form: Form | None = None
        self._link: Link | None = None
        self._select = ""
        self._button: list[str] | None = None
        self.feed(html)

    def link(self, text: str) -> str:
        """Where the first link of this text goes. Raises LookupError."""
        for link in self.links:
            if link.text.strip() == text:
                return link.target
        raise LookupError(f"the page has no link {text!r}")

    def form(self, button: str) -> Form:
        """The first form with a button that begins so. Raises LookupError."""
        for form in self.forms:
            if any(text.startswith(button) for text in form.buttons):
                return form
        raise LookupError(f"the page has no form with a button {button!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._link = Link(attributes.get("href", ""))
            self.links.append(self._link)
        elif tag == "form":
            self._form = Form(attributes.get("action", ""))
            self.forms.append(self._form)
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell = []
        elif self._form is not None and "disabled" not in attributes:
            self._field(self._form, tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag in ("td", "th") and self._cell is not None and self.rows:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "select":
            self._select = ""
        elif tag == "button" and self._form is not None and self._button is not None:
            self._form.buttons.append(" ".join("".join(self._button).split()))
            self._button = None
        elif tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._link.text += data
        if self._cell is not None:
            self._cell.append(data)
        if self._button is not None:
            self._button.append(data)

    def _field(self, form: Form, tag: str, attributes: dict[str, str]) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if tag == "button":
            self._button = []
        elif tag == "input" and attributes.get("type") == "submit":
            form.buttons.append(value)
        elif tag == "input" and attributes.get("type") in ("radio", "checkbox"):
            if "checked" in attributes:
                form.fields[name] = value or "on"
        elif tag in ("input", "textarea"):
            form.fields[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in attributes or self._select not in form.fields):
            form.fields[self._select] = value
