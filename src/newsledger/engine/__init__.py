"""The engine: from recorded entries to what a view shows, and from there to states."""

from newsledger.engine.about import About, All, Scope, scope_of
from newsledger.engine.fold import (
    KeyedPrefix,
    KeyedState,
    answer_of,
    by_key,
    fold,
    is_keyed,
    keys_of,
    step,
)
from newsledger.engine.order import Dates, begun, in_order
from newsledger.engine.projection import Projection, Vantage, on
from newsledger.engine.settle import Conflict, Settled, Shown, rank, settle

__all__ = [
    "About",
    "All",
    "Conflict",
    "Dates",
    "KeyedPrefix",
    "KeyedState",
    "Projection",
    "Scope",
    "Settled",
    "Shown",
    "Vantage",
    "answer_of",
    "begun",
    "by_key",
    "fold",
    "in_order",
    "is_keyed",
    "keys_of",
    "on",
    "rank",
    "scope_of",
    "settle",
    "step",
]
