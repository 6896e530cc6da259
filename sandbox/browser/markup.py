"""Tables, their cells and links as HTML, with every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape


@dataclass(frozen=True)
class Button:
    """A cell that does something: a form of one button."""

    label: str
    action: str
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in self.fields
        )
        return (
            f'<form method="post" action="{escape(self.action)}">{hidden}<button>{escape(self.label)}</button></form>'
        )


@dataclass(frozen=True)
class Moment:
    """A time in seconds since 1970, written in UTC; the page's script rewrites it in the reader's own zone."""

    seconds: float

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.seconds, UTC)
        return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'


@dataclass(frozen=True)
class Status:
    """A status, coloured by its name, and what more there is to say of it."""

    name: str
    note: str = ""

    def __str__(self) -> str:
        note = f"<small>{escape(self.note)}</small>" if self.note else ""
        return f'<span class="status" data-status="{escape(self.name)}">{escape(self.name)}</span>{note}'


@dataclass(frozen=True)
class Buttons:
    """A cell with a choice of things to do, or with none."""

    choice: tuple[Button, ...]

    def __str__(self) -> str:
        return f'<div class="choice">{"".join(map(str, self.choice))}</div>' if self.choice else ""


Cell = str | Button | Buttons | Moment | Status


@dataclass(frozen=True)
class Table:
    """Columns, rows, whether older rows follow, and what to say if there are none."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    more: bool
    empty: str

    def __str__(self) -> str:
        if not self.rows:
            return f'<p class="empty">{escape(self.empty)}</p>'
        head = "".join(f'<th scope="col">{escape(column)}</th>' for column in self.columns)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    return f"<td>{escape(cell) if isinstance(cell, str) else cell}</td>"


def link(label: str, href: str, current: bool = False) -> str:
    """A link; `current` marks the one that leads where the reader is."""
    mark = ' aria-current="page"' if current else ""
    return f'<a href="{escape(href)}"{mark}>{escape(label)}</a>'
