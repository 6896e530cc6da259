"""What a person asked for in the form for a fault."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.form import decode

_NUMBERS = {
    "times": int,
    "status": int,
    "retry_after_s": int,
    "hold_s": float,
    "slow_s": float,
    "delay_s": float,
    "share": float,
}


def fault_wish(body: bytes) -> Mapping[str, object]:
    """The form's values as the control API's JSON would have them; what was left empty is not there.

    Raises `ValueError` where a number is none.
    """
    form = decode(body.decode(errors="replace"))
    values: dict[str, object] = {name: value for name, value in form.items() if value not in ("", "0")}
    for name in _NUMBERS.keys() & values.keys():
        values[name] = _NUMBERS[name](str(values[name]))
    if "drop" in values:
        values["drop"] = True
    return values
