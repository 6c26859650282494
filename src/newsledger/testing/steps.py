"""Steps: what happens to the ledger of a scenario, and doing it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import attrs

from newsledger.errors import FuturePublication
from newsledger.events import Event
from newsledger.fields import changed, fields_of, shown
from newsledger.ledger import Ledger
from newsledger.reports import Entry, Report, Source
from newsledger.testing.clock import Clock, last_instant
from newsledger.when import PointLike, When, as_point

OUTLET = "An outlet"
"""Whose paper a date alone stands for."""
_REPORT_FIELDS = frozenset(a.name for a in fields_of(Report))


@attrs.frozen(eq=False)
class Told:
    """A report that comes in; see :func:`report`."""

    report: Report
    recorded: PointLike | None = None

    @property
    def id(self) -> UUID:
        """The id of the report, for events that refer to it."""
        return self.report.id


Target: TypeAlias = "Told | Amended | Report | int"
"""What is amended: a step, or the position of its entry."""


@attrs.frozen(eq=False)
class Amended:
    """A correction or a retraction; see :func:`correction` and :func:`retraction`."""

    kind: str
    target: Target
    event: Event | None
    source: Source | When | None
    reason: str
    recorded: PointLike | None
    changes: dict[str, Any]


@attrs.frozen(eq=False)
class Withdrawn:
    """A source that is withdrawn; see :func:`withdrawal`."""

    what: Source | str | Told | int
    source: Source | When | None
    reason: str
    recorded: PointLike | None


Step: TypeAlias = "Told | Amended | Withdrawn | Report | Event"


def report(
    event: Event,
    source: Source | PointLike | None = None,
    *,
    outlet: str = OUTLET,
    recorded: PointLike | None = None,
    **fields: Any,
) -> Told:
    """Say that a source reports an event; other fields are those of a Report.

    A date in place of a Source is that of the outlet's paper of that day: all that has one date
    and one ``outlet`` is of one source. Without any, it was published when the event occurred. It
    is ``recorded`` when you say or, by default, when it was published, and never before what was
    given before it. A date means its last instant.

    >>> from newsledger import MembershipStarted
    >>> report(MembershipStarted(organization="EEU", member="KGZ", occurred="2015-08-12")).report
    ... # doctest: +ELLIPSIS
    Report(event=MembershipStarted(...), source=Source(outlet='An outlet', published='2015-08-12'))
    """
    if not isinstance(event, Event):
        raise TypeError(f"report() takes an event first, got {shown(event)}")
    if not isinstance(source, Source):
        published = _published(event) if source is None else _day(source)
        source = Source(outlet, published)
    return Told(Report(event, source, **fields), recorded)


def correction(
    target: Target,
    event: Event | None = None,
    source: Source | PointLike | None = None,
    *,
    reason: str = "",
    recorded: PointLike | None = None,
    **changes: Any,
) -> Amended:
    """Say what an earlier step should have said: a new event, or fields of its event or report.

    ``correction(joined, occurred="2015-08-06")`` is ours: we had read it wrong. With a ``source``
    it is that one's; a date in its place means the target's own, which says so on that day.
    ``target`` is a step, or the position of its entry.
    """
    return Amended("correction", target, event, _source(source), reason, recorded, changes)


def retraction(
    target: Target,
    source: Source | PointLike | None = None,
    *,
    reason: str = "",
    recorded: PointLike | None = None,
) -> Amended:
    """Take an earlier step out, by us or, with a ``source``, by that one; see `correction`."""
    return Amended("retraction", target, None, _source(source), reason, recorded, {})


def withdrawal(
    what: Source | str | Told | int,
    source: Source | PointLike | None = None,
    *,
    reason: str = "",
    recorded: PointLike | None = None,
) -> Withdrawn:
    """Withdraw a whole source: itself, its url, or that of an earlier step."""
    return Withdrawn(what, _source(source), reason, recorded)


def _source(given: Source | PointLike | None) -> Source | When | None:
    return given if given is None or isinstance(given, Source) else _day(given)


def _day(given: PointLike) -> When:
    point = as_point(given, name="published")
    if not isinstance(point, When):
        raise ValueError(f"published: {point!r} is no date")
    return point


def _published(event: Event) -> When:
    if event.occurred.stop is None:
        raise ValueError(
            f"say when this was published, for its own date {str(event.occurred)!r} has no end:"
            f" report(event, published), of {event!r}"
        )
    return event.occurred


# -- doing it ------------------------------------------------------------------------------------


def play(steps: Iterable[Step], ledger: Ledger, clock: Clock) -> None:
    """Do the steps in an empty ledger, one after another, at their times."""
    player = _Player(ledger, clock)
    for step in steps:
        player.do(step)


class _Player:
    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._made: dict[int, Entry] = {}
        self._last: datetime | None = None

    def do(self, step: Step) -> None:
        with warnings.catch_warnings():
            # When it comes in is for the scenario to say.
            warnings.simplefilter("ignore", FuturePublication)
            match step:
                case Event():
                    self.do(report(step))
                case Report():
                    self._tell(step, None, step)
                case Told(told, recorded):
                    self._tell(told, recorded, step)
                case Amended():
                    self._made[id(step)] = self._amend(step)
                case Withdrawn():
                    self._withdraw(step)
                case _:
                    raise TypeError(
                        "given() takes events, reports, corrections, retractions and withdrawals,"
                        f" got {shown(step)}"
                    )

    def _tell(self, told: Report, recorded: PointLike | None, step: Report | Told) -> None:
        self._wait(recorded, told.source)
        self._made[id(step)] = self._ledger.append(told)

    def _amend(self, step: Amended) -> Entry:
        target = self._find(step.target, step.kind)
        source = _own(step.source, target)
        self._wait(step.recorded, source)
        if step.kind == "retraction":
            return self._ledger.retract(target, source, reason=step.reason)
        event = step.event
        fields = {k: v for k, v in step.changes.items() if k in _REPORT_FIELDS}
        if inner := {k: v for k, v in step.changes.items() if k not in _REPORT_FIELDS}:
            event = changed(target.event if event is None else event, **inner)
        return self._ledger.correct(target, event, source, reason=step.reason, **fields)

    def _withdraw(self, step: Withdrawn) -> None:
        what = step.what
        if isinstance(what, Told | int):
            what = self._find(what, "withdrawal").source
        source = step.source
        if isinstance(source, When):
            source = changed(what, published=source) if isinstance(what, Source) else None
            if source is None:
                raise ValueError(f"withdrawal({what!r}): of a page, say which Source withdraws it")
        self._wait(step.recorded, source)
        self._ledger.withdraw(what, source, reason=step.reason)

    def _find(self, target: Target, call: str) -> Entry:
        if isinstance(target, int):
            found = list(self._ledger.entries(after=target - 1, limit=1)) if target > 0 else []
            if not found:
                raise ValueError(
                    f"{call}({target}): so far the scenario has {len(self._ledger)} entries"
                )
            return found[0]
        try:
            return self._made[id(target)]
        except KeyError:
            raise ValueError(
                f"{call}(): give what it is about before it, in the same given(): {target!r}"
            ) from None

    def _wait(self, recorded: PointLike | None, source: Source | None) -> None:
        """Let time pass until the next recording."""
        if recorded is not None:
            now = last_instant(recorded, name="recorded")
            if self._last is not None and now < self._last:
                raise ValueError(
                    f"recorded: {recorded} lies before what is given before it, which was recorded"
                    f" {self._last.isoformat()}"
                )
        else:
            published = [] if source is None else [last_instant(source.published, name="published")]
            now = max([*published, *([] if self._last is None else [self._last])])
        self._clock.now = self._last = now


def _own(source: Source | When | None, target: Entry) -> Source | None:
    """Take a date for the target's own source, as of that date."""
    return changed(target.source, published=source) if isinstance(source, When) else source
