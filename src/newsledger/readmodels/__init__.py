"""Read models: the states of a keyed projection as a table of SQLite or PostgreSQL.

`open_model` gives a `ReadModel`, which keeps its table up to date with a ledger; see `tables` for
what the table looks like, `work` for how it is brought up to date and `folding` for what a row
means.
"""

from newsledger.readmodels.model import ModelUpdate, ReadModel, open_model
from newsledger.readmodels.stored import StoredStates

__all__ = ["ModelUpdate", "ReadModel", "StoredStates", "open_model"]
