"""Folding as the contract says, over a list: what a projection's answer is held against."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import attrs

from newsledger.engine import Projection, is_keyed, scope_of
from newsledger.ledger import View
from newsledger.reports import Entry
from newsledger.testing import oracle
from newsledger.when import end_of


@attrs.frozen
class Sight:
    """What a view of a log shows by the oracle."""

    view: View
    recorded: list[Entry]
    seen: list[Entry]
    shown: list[Entry]

    @classmethod
    def of(cls, view: View, log: list[Entry]) -> Sight:
        """Go through the five steps of what a view shows."""
        seen = oracle.visible(log, view.position, end_of(view.known_at))
        return cls(view, log[: view.position], seen, oracle.show(seen, view.end, view.dates))

    def read_by(self, projection: Projection[Any]) -> list[Entry]:
        """Give the shown entries that reach a handler."""
        scope = scope_of(projection.about())
        read = [entry for entry in self.shown if projection.handler_of(entry) is not None]
        if not scope:
            return read
        return [
            entry
            for entry in read
            if scope.admits(oracle.names(entry.event, self.seen, self.recorded))
        ]

    def folded(self, projection: Any) -> Any:
        """Fold them from the initial state; of a keyed projection a dict."""
        states: dict[Hashable, Any] = {}
        keyed = is_keyed(projection)
        if not keyed:
            states[None] = projection.initial()
        for entry in self.read_by(projection):
            handler = projection.handler_of(entry)
            for key in dict.fromkeys(projection.keys(entry.event, entry)) if keyed else [None]:
                before = states[key] if key in states else projection.initial()
                states[key] = handler(before, entry.event, entry)
        answers = {key: projection.result(state, self.view) for key, state in states.items()}
        return answers if keyed else answers[None]
