"""Hypothesis strategies for the values of the library, and for what happens to a ledger."""

from newsledger.testing.strategies.events import events
from newsledger.testing.strategies.reports import hops, reports, sources
from newsledger.testing.strategies.stories import histories
from newsledger.testing.strategies.whens import whens

__all__ = ["events", "histories", "hops", "reports", "sources", "whens"]
