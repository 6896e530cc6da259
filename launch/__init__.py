"""Starts everything on one machine: the demo, the smoke test, and the database of the tests. Not part of the shop."""
