"""A gateway that keeps the truth: what was charged and given back, whatever became of the answers."""
