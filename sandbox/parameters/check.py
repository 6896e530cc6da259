"""Check a decoded form against an endpoint's shape, and turn its strings into values.

The messages and codes are those of docs.stripe.com/error-codes (`parameter_unknown`, `parameter_missing`,
`parameter_invalid_integer`, `parameter_invalid_empty`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.errors import InvalidParameter
from sandbox.form import Form, FormValue, encode_name, indexed
from sandbox.parameters.tables import Shape
from sandbox.parameters.values import Param, Params

Path = tuple[str, ...]

_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def check(form: Form, shape: Shape) -> Params:
    """The typed parameters, or `InvalidParameter` for the first thing that is wrong."""
    return Params(_object(form, shape, ()))


def _object(form: Form, shape: Shape, path: Path) -> dict[str, Param]:
    _refuse_unknown(form, shape, path)
    for name, field in shape.fields.items():
        if field.required and name not in form:
            full_name = encode_name((*path, name))
            raise InvalidParameter(f"Missing required param: {full_name}.", code="parameter_missing", param=full_name)
    return {name: _value(value, shape.fields[name], (*path, name)) for name, value in form.items()}


def _refuse_unknown(form: Form, shape: Shape, path: Path) -> None:
    unknown = [encode_name((*path, name)) for name in form if name not in shape.fields]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        raise InvalidParameter(
            f"Received unknown parameter{plural}: {', '.join(unknown)}", code="parameter_unknown", param=unknown[0]
        )


def _value(value: FormValue, shape: Shape, path: Path) -> Param:
    if isinstance(value, str):
        return _scalar(value, shape, path)
    if "map" in shape.kinds and isinstance(value, dict):
        return _map(value, path)
    if shape.items is not None and "object" not in shape.kinds and isinstance(value, dict):
        _check_keys(value, path)
    if shape.items is not None and (members := indexed(value)) is not None:
        return [_value(item, shape.items, (*path, str(number))) for number, item in enumerate(members)]
    if "object" in shape.kinds and isinstance(value, dict):
        return _object(value, shape, path)
    raise _invalid(shape, path, value)


def _check_keys(value: Form, path: Path) -> None:
    """A list's keys, if they are written, count from 0."""
    wrong = set(value) - {str(number) for number in range(len(value))}
    if wrong:
        expected = next(str(number) for number in range(len(value)) if str(number) not in value)
        raise InvalidParameter(
            "If passing an array with explicit keys (e.g. foo[0]=a&foo[1]=b) instead of as an array (e.g. "
            "foo[]=a&foo[]=b), the keys must be numeric and sequential starting from 0. You passed the keys "
            f"{', '.join(f'`{key}`' for key in value)}, we expected to have a key with the value `{expected}`.",
            param=encode_name(path),
        )


def _scalar(value: str, shape: Shape, path: Path) -> Param:
    if value == "":
        return _empty(shape, path)
    if "integer" in shape.kinds and _INTEGER.fullmatch(value):
        return int(value)
    if "boolean" in shape.kinds and value in ("true", "false"):
        return value == "true"
    if "number" in shape.kinds and _NUMBER.fullmatch(value):
        return float(value)
    if "enum" in shape.kinds and value in shape.choices:
        return value
    if "string" in shape.kinds:
        return value
    raise _invalid(shape, path, value)


def _map(value: Form, path: Path) -> Mapping[str, Param]:
    for key, item in value.items():
        if not isinstance(item, str):
            name = encode_name((*path, key))
            raise InvalidParameter(f"Invalid string: {item}", param=name)
    return {key: item for key, item in value.items() if isinstance(item, str)}


def _empty(shape: Shape, path: Path) -> str:
    if shape.clearable:
        return ""
    name = encode_name(path)
    raise InvalidParameter(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def _invalid(shape: Shape, path: Path, value: FormValue) -> InvalidParameter:
    name = encode_name(path)
    if "integer" in shape.kinds:
        return InvalidParameter(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    if "enum" in shape.kinds:
        return InvalidParameter(f"Invalid {name}: must be one of {_any_of(shape.choices)}", param=name)
    kind = next(kind for kind in ("boolean", "array", "object", "map", "number", "string") if kind in shape.kinds)
    if kind in ("array", "object", "map"):
        return InvalidParameter("Invalid array" if kind == "array" else "Invalid object", param=name)
    return InvalidParameter(f"Invalid {kind}: {value}", param=name)


def _any_of(choices: tuple[str, ...]) -> str:
    if len(choices) < 3:
        return " or ".join(choices)
    return f"{', '.join(choices[:-1])}, or {choices[-1]}"
