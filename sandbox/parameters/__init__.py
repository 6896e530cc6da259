"""Which parameters each endpoint takes, and the check of what was sent against them."""

from sandbox.parameters.check import check
from sandbox.parameters.tables import Shape, load
from sandbox.parameters.values import Param, Params

__all__ = ["Param", "Params", "Shape", "check", "load"]
