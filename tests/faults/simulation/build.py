"""`python -m tests.faults.simulation.build DATABASE`: the schema, the clock and the goods of the simulation's shop."""

from __future__ import annotations

import sys

from tests.faults.simulation.setup import set_up

if __name__ == "__main__":
    set_up(sys.argv[1], search_path="public")
    from tests.faults.simulation import shop

    shop.build()
