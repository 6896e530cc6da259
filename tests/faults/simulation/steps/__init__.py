"""What may happen in a schedule. A step that does not fit the moment does nothing."""

from tests.faults.simulation.steps import gateway, moves, shoppers, staff, workers
from tests.faults.simulation.steps.catalog import STEPS

__all__ = ["STEPS", "gateway", "moves", "shoppers", "staff", "workers"]
