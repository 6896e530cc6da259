"""Django's PostgreSQL back end, with a boundary before each statement and around each commit."""
