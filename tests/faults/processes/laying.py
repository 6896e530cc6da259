"""Lays the crash points around the functions of a process from outside, once its modules are loaded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import ParamSpec, TypeVar

from payments.models import Observation, Operation
from payments.operations.lease import Claim
from tests.faults.processes.board import Board
from tests.faults.processes.crash_points import POINTS
from tests.faults.processes.point import CrashPoint, Role, When

P = ParamSpec("P")
T = TypeVar("T")


def lay_crash_points(role: Role, folder: Path) -> None:
    """Wrap every function of the table that belongs to this process; `folder` is the board's."""
    board = Board(folder)
    for point in POINTS:
        if point.role is role:
            _wrap(board, point)


def find(function: str) -> tuple[object, str]:
    """The module or class that holds a function of the table, and its name there. Raises AttributeError."""
    module, _, path = function.partition(":")
    *holders, name = path.split(".")
    holder: object = import_module(module)
    for part in holders:
        holder = getattr(holder, part)
    return holder, name


def _wrap(board: Board, point: CrashPoint) -> None:
    holder, name = find(point.function)
    setattr(holder, name, _around(getattr(holder, name), board, point))


def _around(function: Callable[P, T], board: Board, point: CrashPoint) -> Callable[P, T]:
    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        shown = _shown(*args, **kwargs)
        if point.when is When.BEFORE:
            board.pass_by(point, shown)
        result = function(*args, **kwargs)
        if point.when is When.AFTER:
            board.pass_by(point, f"{shown} -> {result!r}")
        return result

    return wrapped


def _shown(*args: object, **kwargs: object) -> str:
    """What a call shows of itself: its arguments, and of each operation among them what it is for."""
    values = (*args, *kwargs.values())
    return f"{values!r} {[purpose(value) for value in values]}"


def purpose(value: object) -> str:
    """What the operation that `value` is, or belongs to, is for: `void, expiry`. Empty where there is none."""
    operation = value.operation if isinstance(value, Observation | Claim) else value
    if not isinstance(operation, Operation):
        return ""
    if operation.kind == Operation.Kind.CAPTURE:
        return f"capture, in {'full' if operation.amount == operation.payment.amount else 'part'}"
    reason = "expiry" if operation.expires else "fence" if operation.fences_id else "asked for"
    return f"{operation.kind}, {reason}"
