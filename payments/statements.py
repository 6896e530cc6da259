"""Statements whose text is written once.

Django writes a query's text anew at every call, and for a row of thirty columns that takes a worker longer than
PostgreSQL takes to answer. So what each payment runs goes through here, and everything else through Django's queries
(docs/decisions/0023). Columns and values are the model's own; signals of `save` are not sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

Row = TypeVar("Row", bound=Model)


class Select(Generic[Row]):
    """Reads whole rows of a model.

    `rest` follows the list of columns, from FROM on. In it the model's table goes by the model's name in lower case,
    and each of `related` by the name of its relation. `beside` are expressions to read with each row, by the name of
    the attribute that takes the value. Raises TypeError for a model that Django converts values of, such as JSON.
    """

    def __init__(
        self,
        model: type[Row],
        rest: str,
        related: Mapping[str, type[Model]] | None = None,
        beside: Mapping[str, str] | None = None,
    ) -> None:
        self._model, self._related, self._beside = model, related or {}, beside or {}
        self._rest = rest
        self._text = ""

    def all(self, *values: Any) -> list[Row]:
        """The rows for these values of the placeholders."""
        with connection.cursor() as cursor:
            cursor.execute(self._text or self._write(), values)
            return [self._row(values) for values in cursor.fetchall()]

    def first(self, *values: Any) -> Row | None:
        """The first of them, None where there is none."""
        return next(iter(self.all(*values)), None)

    def get(self, *values: Any) -> Row:
        """The first of them. Raises the model's DoesNotExist."""
        row = self.first(*values)
        if row is None:
            # Every model has its own, which the stubs know only of models by name.
            raise self._model.DoesNotExist(f"no {self._model._meta.verbose_name} for {values}")  # type: ignore[attr-defined]
        return row

    def _write(self) -> str:
        models: list[tuple[str, type[Model]]] = [(str(self._model._meta.model_name), self._model)]
        models += self._related.items()
        for _, model in models:
            _ensure_not_converted(model)
        columns = [f'{alias}."{field.column}"' for alias, model in models for field in _fields(model)]
        self._text = f"SELECT {', '.join([*columns, *self._beside.values()])} {self._rest}"
        return self._text

    def _row(self, values: Sequence[Any]) -> Row:
        row, start = _instance(self._model, values, 0)
        for relation, model in self._related.items():
            other, start = _instance(model, values, start)
            setattr(row, relation, None if other.pk is None else other)
        for name, value in zip(self._beside, values[start:], strict=True):
            setattr(row, name, value)
        return row


def _ensure_not_converted(model: type[Model]) -> None:
    for field in _fields(model):
        if hasattr(field, "from_db_value"):
            raise TypeError(f"{model.__name__}.{field.name} is converted as it is read: use Django's queries")


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new rows of one model in one statement, and give each its key and what the database set by default.

    With an expression among the values, or where the rows leave different columns to the database, Django writes it.
    """
    if not rows:
        return
    model, by_default = type(rows[0]), _left_to_the_database(rows[0])
    given = [field for field in _fields(model) if field.attname not in by_default]
    values = [_prepared(field, getattr(row, field.attname)) for row in rows for field in given]
    alike = all(_left_to_the_database(row) == by_default for row in rows)
    if not alike or any(_is_expression(value) for value in values):
        model._default_manager.bulk_create(rows)
        return
    with connection.cursor() as cursor:
        cursor.execute(_insert(model, by_default, len(rows)), values)
        for row, told in zip(rows, cursor.fetchall(), strict=True):
            for name, value in zip(by_default, told, strict=True):
                setattr(row, name, value)
            row._state.adding, row._state.db = False, connection.alias


def update_row(row: Model, columns: Mapping[str, object], **only_if: object) -> bool:
    """Write these columns of one row, in the database alone; False where the row is not as `only_if` says, or gone.

    With an expression among the values, Django writes it.
    """
    model, where = type(row), {"id": row.pk, **only_if}
    if any(_is_expression(value) for value in columns.values()):
        return bool(model._default_manager.filter(**where).update(**columns))
    values = [_prepared(_field(model, name), value) for name, value in [*columns.items(), *where.items()]]
    with connection.cursor() as cursor:
        cursor.execute(_update(model, tuple(columns), tuple(where)), values)
        return bool(cursor.rowcount)


@cache
def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.concrete_fields)


@cache
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in _fields(model)]


def _instance(model: type[Row], values: Sequence[Any], start: int) -> tuple[Row, int]:
    """A row from its values, which begin at `start`; and where those of the next begin."""
    names = _names(model)
    end = start + len(names)
    return model.from_db(connection.alias, names, values[start:end]), end


def _left_to_the_database(row: Model) -> tuple[str, ...]:
    """The columns of a new row that have no value yet: its key, and those with a default in the database."""
    values = [(field, getattr(row, field.attname)) for field in _fields(type(row))]
    return tuple(
        field.attname
        for field, value in values
        if isinstance(value, DatabaseDefault) or (value is None and field.primary_key)
    )


def _is_expression(value: object) -> bool:
    return hasattr(value, "resolve_expression")


def _prepared(field: Field[Any, Any], value: object) -> Any:
    return field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection)


@cache
def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return next(field for field in _fields(model) if name in (field.name, field.attname))


@cache
def _insert(model: type[Model], by_default: tuple[str, ...], count: int) -> str:
    given = [f'"{field.column}"' for field in _fields(model) if field.attname not in by_default]
    told = [f'"{field.column}"' for field in _fields(model) if field.attname in by_default]
    one = f"({', '.join(['%s'] * len(given))})"
    values = ", ".join([one] * count)
    return f'INSERT INTO "{model._meta.db_table}" ({", ".join(given)}) VALUES {values} RETURNING {", ".join(told)}'


@cache
def _update(model: type[Model], columns: tuple[str, ...], where: tuple[str, ...]) -> str:
    changed = ", ".join(f'"{_field(model, name).column}" = %s' for name in columns)
    found = " AND ".join(f'"{_field(model, name).column}" = %s' for name in where)
    return f'UPDATE "{model._meta.db_table}" SET {changed} WHERE {found}'
