"""The engine: from recorded lines to what a view shows, and from there to states."""

from newsledger.engine.about import About, All, Scope, scope_of
from newsledger.engine.answers import (
    MISSING,
    Grouped,
    KeyedPrefix,
    KeyedState,
    Postponed,
    States,
    states_of,
)
from newsledger.engine.columns import Columns, columns_of
from newsledger.engine.fold import (
    Handler,
    Reading,
    answer_of,
    fold,
    has_result,
    is_keyed,
    keys_of,
    step,
)
from newsledger.engine.many import states_at
from newsledger.engine.order import Order, order_of
from newsledger.engine.pieces import (
    ENDLESS,
    Dates,
    Piece,
    chains_of,
    known,
    piece,
    recorded,
    report_of,
    spans,
)
from newsledger.engine.projection import Projection, Vantage, on
from newsledger.engine.rectangles import Rectangle, rectangles_of
from newsledger.engine.sameness import same
from newsledger.engine.settle import Conflict, Settled, conflicts, rank, settle
from newsledger.engine.sweep import Move, Read, Sweep, all_rows_of, by_tick, moves_of, rows_of
from newsledger.engine.timeline import Timeline, Walk, admits, pieces_of, sifts_outcomes

__all__ = [
    "ENDLESS",
    "MISSING",
    "About",
    "All",
    "Columns",
    "Conflict",
    "Dates",
    "Grouped",
    "Handler",
    "KeyedPrefix",
    "KeyedState",
    "Move",
    "Order",
    "Piece",
    "Postponed",
    "Projection",
    "Read",
    "Reading",
    "Rectangle",
    "Scope",
    "Settled",
    "States",
    "Sweep",
    "Timeline",
    "Vantage",
    "Walk",
    "admits",
    "all_rows_of",
    "answer_of",
    "by_tick",
    "chains_of",
    "columns_of",
    "conflicts",
    "fold",
    "has_result",
    "is_keyed",
    "keys_of",
    "known",
    "moves_of",
    "on",
    "order_of",
    "piece",
    "pieces_of",
    "rank",
    "recorded",
    "rectangles_of",
    "report_of",
    "rows_of",
    "same",
    "scope_of",
    "settle",
    "sifts_outcomes",
    "spans",
    "states_at",
    "states_of",
    "step",
]
