"""The only place with SQL: named queries, and the sessions that run them."""
