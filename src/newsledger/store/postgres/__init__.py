"""A ledger on a PostgreSQL server; only `recorder` and what it needs asks for psycopg."""
