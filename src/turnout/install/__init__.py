"""Putting the extension into a PostgreSQL server."""
