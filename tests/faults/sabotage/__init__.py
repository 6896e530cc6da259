"""Proof that the simulation can fail: the code broken on purpose, one thing at a time, in a copy of the tree."""
