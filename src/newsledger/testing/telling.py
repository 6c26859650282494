"""Telling: what a failed scenario shows, so that nobody has to ask the ledger again."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from newsledger.engine import Projection
from newsledger.ledger import View
from newsledger.reports import Entry
from newsledger.testing.verdicts import Verdict, verdicts
from newsledger.when import When


def named(projection: Projection[Any]) -> str:
    """Name a projection by its repr, or by its class and what it was made with."""
    if type(projection).__repr__ is not object.__repr__:
        return repr(projection)
    given = (f"{name.lstrip('_')}={value!r}" for name, value in vars(projection).items())
    return f"{type(projection).__name__}({', '.join(given)})"


def pointed(view: View) -> str:
    """Say from where a view looks, leaving out what is for ever."""
    known = "" if str(view.known_at) == "FOREVER" else f", known at {view.known_at}"
    possible = ", dates possible" if view.dates == "possible" else ""
    return f"as of {view.valid_at}{known}, position {view.position}{possible}"


def table(
    log: Sequence[Entry], view: View, projection: Projection[Any], *key: Hashable
) -> Iterator[str]:
    """List the entries that made an answer, in fold order, and why the others did not."""
    judged = verdicts(log, view, projection, *key)
    counting = [verdict for verdict in judged if verdict.by == "counts"]
    others = [verdict for verdict in judged if verdict.by != "counts"]
    yield "Made of these, in fold order:" if counting else "Made of no entry."
    for verdict in counting:
        yield from _rows(verdict)
    if others:
        yield "Left out:"
    for verdict in others:
        yield from _rows(verdict)


def _rows(verdict: Verdict) -> Iterator[str]:
    entry = verdict.entry
    yield f"  {entry.position:>3}  {_what(entry)}"
    yield f"       {_who(entry)}"
    if verdict.why:
        yield f"       → {verdict.why}"


def _what(entry: Entry) -> str:
    if entry.kind == "report":
        return f"{'denied: ' if entry.denied else ''}{entry.event!r}"
    whose = "our " if entry.ours else ""
    return f"{whose}{entry.kind}: {'denied: ' if entry.denied else ''}{entry.event!r}"


def _who(entry: Entry) -> str:
    background = ", background" if entry.background else ""
    if entry.ours:
        return f"{entry.assertion}{background}; recorded {_day(entry)}"
    told = f"{entry.source.outlet}, published {entry.published}"
    return f"{entry.assertion}{background}; {told}, recorded {_day(entry)}"


def _day(entry: Entry) -> str:
    """Give the day of the recording, and the time of day where it is not the end of it."""
    day = When(entry.recorded.date())
    whole = day.stop is not None and (day.stop - entry.recorded).total_seconds() <= _MICROSECOND
    return str(day if whole else When(entry.recorded))


_MICROSECOND = 1e-6
