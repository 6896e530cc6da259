"""Seeded random schedules over the real operations and a real PostgreSQL, with a gateway and a clock of our own."""
