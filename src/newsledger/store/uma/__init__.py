"""A ledger on a UmaDB server."""
