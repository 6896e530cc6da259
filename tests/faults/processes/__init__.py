"""The whole shop as processes, killed for real: `kill -9` at named lines of web, worker and database, under load."""
