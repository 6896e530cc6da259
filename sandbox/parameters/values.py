"""A request's parameters after they were checked, read by type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Param: TypeAlias = "str | int | float | bool | Sequence[Param] | Mapping[str, Param]"


class Params:
    """Checked parameters. One that was not sent is None (or empty); one sent as `""` asks to unset something."""

    def __init__(self, values: Mapping[str, Param], name: str = "") -> None:
        self.values = values
        self.name = name

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def text(self, name: str) -> str | None:
        """A string; None where it was not sent or was sent empty."""
        value = self.values.get(name)
        return value if isinstance(value, str) and value else None

    def integer(self, name: str) -> int | None:
        """A whole number."""
        value = self.values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else default

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        value = self.values.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def section(self, name: str) -> Params | None:
        """A nested object, or None."""
        value = self.values.get(name)
        return Params(value, self.full_name(name)) if isinstance(value, Mapping) else None

    def mapping(self, name: str) -> dict[str, str]:
        """A map of strings, such as metadata."""
        value = self.values.get(name)
        return {key: str(item) for key, item in value.items()} if isinstance(value, Mapping) else {}

    def cleared(self, name: str) -> bool:
        """Whether the parameter was sent empty, to unset it."""
        return self.values.get(name) == ""

    def full_name(self, name: str) -> str:
        """The parameter's name as an error tells it: `card[number]`."""
        return f"{self.name}[{name}]" if self.name else name
