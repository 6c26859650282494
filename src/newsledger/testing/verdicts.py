"""Verdicts: of every entry, whether an answer was made of it and, where not, what kept it out.

They follow the steps of what a view shows, by the readings of `oracle`, so that they owe nothing
to the engine that gave the answer.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from newsledger.engine import Projection, is_keyed, keys_of, scope_of
from newsledger.ledger import View
from newsledger.reports import Entry
from newsledger.testing import oracle
from newsledger.when import When, end_of

Kept: TypeAlias = Literal["counts", "recorded", "known", "amended", "valid", "read"]
"""What decided: it counts, or the step of what a view shows that kept it out."""
_ANY_KEY: Any = object()


@attrs.frozen
class Verdict:
    """What became of one entry in one answer: ``by`` is the step that decided, ``why`` says it."""

    entry: Entry
    by: Kept
    why: str = ""


def verdicts(
    log: Sequence[Entry], view: View, projection: Projection[Any], key: Hashable = _ANY_KEY
) -> list[Verdict]:
    """Judge every entry of a log at a view: first those that count, in fold order, then the rest.

    ``key``: for the answer of one key of a keyed projection. Takes time that grows with the square
    of the log: it is for small ones.
    """
    judge = _Judge(list(log), view, projection, key)
    found = {entry.id: judge.verdict(entry) for entry in log}
    shown = oracle.show(judge.seen, judge.valid_end, view.dates)
    counting = [found[entry.id] for entry in shown if found[entry.id].by == "counts"]
    return counting + [verdict for verdict in found.values() if verdict.by != "counts"]


class _Judge:
    def __init__(
        self, log: list[Entry], view: View, projection: Projection[Any], key: Hashable
    ) -> None:
        self._view = view
        self._projection = projection
        self._key = key
        self._recorded = log[: view.position]
        self._known_end = end_of(view.known_at)
        self.valid_end = view.end
        self.seen = oracle.visible(log, view.position, self._known_end)
        self._by_id = {entry.id: entry for entry in self.seen}
        self._shown = {shown.id for _, shown in oracle.standing(self.seen).values()}

    def verdict(self, entry: Entry) -> Verdict:
        """Go through the steps until one of them keeps it out."""
        if entry.position > self._view.position:
            day = When(entry.recorded)
            return Verdict(
                entry,
                "recorded",
                f"not yet recorded at position {self._view.position}: recorded {day}",
            )
        if entry.id not in self._by_id:
            told = f"published {entry.published}, after {self._view.known_at}"
            return Verdict(entry, "known", f"not yet known: {told}")
        if entry.id not in self._shown:
            return Verdict(entry, "amended", self._amended(entry))
        if not oracle.begun(entry.event, self.valid_end, self._view.dates):
            return Verdict(entry, "valid", self._not_begun(entry))
        if why := self._unread(entry):
            return Verdict(entry, "read", why)
        return Verdict(entry, "counts")

    def _amended(self, entry: Entry) -> str:
        """Say why it stands in no report's place."""
        own = oracle.amendments(entry, self.seen)
        if own:
            by, does = own[-1]
            what = "taken out by" if does == "takes out" else "replaced by"
            return f"{what} {_amendment(by)}"
        if entry.amends is None or getattr(entry, "erased", None) is not None:
            return "erased: its content is gone"
        target = self._by_id.get(entry.amends)
        if target is None:
            return "without effect: what it amends is not known yet"
        by = oracle.amendments(target, self.seen)[-1][0]
        if by.id != entry.id:
            return f"overruled by {_amendment(by)}, which amends {target.position} too"
        if entry.kind == "retraction":
            return f"takes out {target.position}"
        return f"amends {target.position}, which does not count: {self._amended_by_others(target)}"

    def _amended_by_others(self, entry: Entry) -> str:
        """Say why an amendment with an effect does not decide."""
        target = None if entry.amends is None else self._by_id.get(entry.amends)
        if target is None:
            return "what it amends is not known yet"
        by = oracle.amendments(target, self.seen)[-1][0]
        if by.id != entry.id:
            return f"overruled by {_amendment(by)}"
        return f"it amends {target.position}, and {self._amended_by_others(target)}"

    def _not_begun(self, entry: Entry) -> str:
        start, stop = entry.onset
        point, end = self._view.valid_at, self.valid_end
        began = entry.event.since if getattr(entry.event, "since", None) else entry.event.occurred  # type: ignore[attr-defined]  # some have it
        if start is None or end is None or start < end:
            return f"only possibly begun by {point}: it began {_window(began, start, stop)}"
        return f"not yet begun by {point}: it began {_window(began, start, stop)}"

    def _unread(self, entry: Entry) -> str:
        """Say why the projection does not read what the view shows, or nothing."""
        projection, name = self._projection, type(self._projection).__name__
        if projection.handler_of(entry) is None:
            accept = projection.accept
            if accept is not None and entry.assertion not in accept:
                read = " and ".join(sorted(accept))
                return f"not accepted: {name} reads {read}, and this is {entry.assertion}"
            kind = type(entry.event).__name__
            what = f"denied reports of {kind}" if entry.denied else kind
            return f"not read: {name} has no handler for {what}"
        scope = scope_of(projection.about())
        named = oracle.names(entry.event, self.seen, self._recorded)
        if not scope.admits(named):
            every = " and " if scope.every else " or "
            return f"about others: {name} asks about {every.join(sorted(scope.names))}"
        if self._key is not _ANY_KEY and is_keyed(projection):
            keys = keys_of(projection, entry)
            if self._key not in keys:
                return f"goes to other keys: {', '.join(map(repr, keys)) or 'none'}"
        return ""


def _amendment(by: Entry) -> str:
    whose = "our " if by.ours else ""
    reason = f", “{by.reason}”" if by.reason else ""
    return f"{by.position}, {whose or 'a '}{by.kind}{reason}"


def _window(began: When, start: datetime | None, stop: datetime | None) -> str:
    if stop is None or start is None:
        return f"{began}, which is open"
    return str(began)
