"""Everything that can go wrong, on purpose: `simulation` in one process, `sabotage` to prove that it would notice."""
