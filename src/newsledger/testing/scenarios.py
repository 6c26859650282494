"""Scenarios: given these reports, as of this point, then this state.

::

    given(report(joined, "2015-08-13"), report(left, "2017-03-01"))
        .as_of("2017-06-01", known_at="2017-02-28")
        .then(Membership("EEU"), state.members == {"KGZ"})

Needs neither pytest nor Hypothesis.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

import attrs

from newsledger.engine import Dates, Projection, is_keyed
from newsledger.errors import ProjectionError
from newsledger.ledger import Ledger, View
from newsledger.ledger.seen import Axis
from newsledger.testing.clock import START, Clock
from newsledger.testing.expecting import faults
from newsledger.testing.steps import Step, play
from newsledger.testing.telling import named, pointed, table
from newsledger.when import FOREVER, TODAY, PointLike, as_point, end_of

S = TypeVar("S")
_MICROSECOND = timedelta(microseconds=1)


def given(*steps: Step) -> Scenario:
    """Begin a scenario with what is recorded, in this order, in a ledger of its own.

    A step is an event, a `Report`, or what :func:`report`, :func:`correction`, :func:`retraction`
    and :func:`withdrawal` give. Without ``as_of`` it is seen from the end of all time.

    >>> from newsledger import MembershipEnded, MembershipStarted
    >>> from newsledger.projections import Membership
    >>> from newsledger.testing import given, report, state
    >>> club = {"organization": "Club", "member": "Ada"}
    >>> joined = report(MembershipStarted(**club, occurred="2017-01-01"))
    >>> left = report(MembershipEnded(**club, occurred="2017-03-01"))
    >>> seen = given(joined, left).as_of("2017-02-28")
    >>> _ = seen.then(Membership("Club"), state.members == {"Ada"})
    >>> _ = seen.as_of("2017-03-01").then(Membership("Club"), state.status("Ada") == "former")
    """
    return Scenario(steps)


@attrs.frozen
class Scenario:
    """What is given, and from where it is seen; each method gives the scenario to go on with."""

    steps: tuple[Step, ...]
    _point: Mapping[str, Any] = attrs.field(factory=lambda: {"valid_at": FOREVER}, alias="point")
    _place: str | os.PathLike[str] | None = attrs.field(default=None, alias="place")

    # -- as of this point --------------------------------------------------------------------

    def as_of(
        self,
        valid_at: PointLike = TODAY,
        *,
        known_at: PointLike = FOREVER,
        recorded_at: PointLike | int = FOREVER,
        dates: Dates = "certain",
    ) -> Scenario:
        """See it from a point, as `Ledger.as_of`; TODAY is the day of the last recording."""
        point = {"valid_at": valid_at, "known_at": known_at, "recorded_at": recorded_at}
        return attrs.evolve(self, point={**point, "dates": dates})

    def as_known(self, day: PointLike = TODAY, *, dates: Dates = "certain") -> Scenario:
        """See it as of a day without hindsight, as `Ledger.as_known`."""
        return self.as_of(day, known_at=day, dates=dates)

    def kept_in(self, url: str | os.PathLike[str]) -> Scenario:
        """Record it in an empty ledger at a path or URL, once, and ask that from here on.

        ValueError where there is something in it already.
        """
        clock = Clock()
        with Ledger.open(url, clock=clock, durability="normal") as ledger:
            if ledger.position:
                raise ValueError(f"the ledger at {url} is not empty: it has {len(ledger)} entries")
            play(self.steps, ledger, clock)
        return attrs.evolve(self, place=url)

    # -- then this state ---------------------------------------------------------------------

    def then(self, projection: Projection[Any], *expected: Any) -> Scenario:
        """Expect of the state: that it equals a value, that checks of `state` hold, conditions.

        A condition is a function that takes the state. AssertionError shows what differs, the
        state, the entries that made it, and what kept the others out.
        """
        __tracebackhide__ = True
        _something(expected, "then")
        with self._asking() as asked:
            answer = asked.view.project(projection)
            wrong = [fault for one in expected for fault in faults(answer, one)]
            if wrong:
                asked.fail(projection, wrong, answer)
        return self

    def then_key(self, key: Hashable, projection: Any, *expected: Any) -> Scenario:
        """Expect of the state of one key of a keyed projection; only its entries are shown."""
        __tracebackhide__ = True
        _something(expected, "then_key")
        if not is_keyed(projection):
            raise TypeError(f"{named(projection)} has no keys: use then()")
        with self._asking() as asked:
            answers = asked.view.project(projection)
            if key not in answers:
                keys = ", ".join(map(repr, answers)) or "none"
                asked.fail(
                    projection, [f"there is no key {key!r}; the keys are: {keys}"], None, key
                )
            wrong = [fault for one in expected for fault in faults(answers[key], one)]
            if wrong:
                asked.fail(projection, wrong, answers[key], key)
        return self

    def then_raises(
        self,
        projection: Projection[Any],
        error: type[Exception] = ProjectionError,
        match: str = "",
    ) -> Scenario:
        """Expect that asking raises: an error of this class, whose message ``match`` is found in.

        Of a keyed projection every key is asked for. What a handler raised is found as the error,
        too, and not only the ProjectionError that it surfaces as.
        """
        __tracebackhide__ = True
        with self._asking() as asked:
            try:
                answer = asked.view.project(projection)
                answer = dict(answer) if is_keyed(projection) else answer
            except Exception as raised:
                causes = [one for one in (raised, raised.__cause__) if isinstance(one, error)]
                if not causes:
                    raise
                if not any(re.search(match, str(one)) for one in causes):
                    wrong = f"expected a message in which {match!r} is found, got {str(raised)!r}"
                    asked.fail(projection, [wrong], None)
            else:
                wrong = f"expected {error.__name__}, and nothing was raised"
                asked.fail(projection, [wrong], answer)
        return self

    def then_history(
        self,
        projection: Projection[Any],
        changes: Mapping[PointLike, Any],
        *,
        along: Axis = "valid",
        initial: Any = ...,
    ) -> Scenario:
        """Expect the changes of the state along an axis: at these points, and at no others.

        ``changes`` maps a point, whose last instant is that of the change, to what is expected of
        the state from then on, as in `then`; ``initial`` is expected before the first.
        """
        __tracebackhide__ = True
        with self._asking() as asked:
            history = asked.view.history(projection, along)
            wrong = [] if initial is ... else faults(history.initial, initial)
            found = {instant: answer for instant, answer, _ in history}
            wanted = {_instant(point, asked.today): (point, one) for point, one in changes.items()}
            for instant, (point, one) in wanted.items():
                if instant not in found:
                    wrong.append(f"at {point}: expected a change to {one!r}, and there is none")
                else:
                    wrong += [f"at {point}: {fault}" for fault in faults(found[instant], one)]
            for instant in found.keys() - wanted.keys():
                wrong.append(
                    f"at {instant.isoformat()}: not expected, a change to {found[instant]!r}"
                )
            if wrong:
                asked.fail(projection, [f"along {along}, {one}" for one in wrong], found)
        return self

    # -- anything else -----------------------------------------------------------------------

    def project(self, projection: Projection[S]) -> S:
        """Give the state, for whatever else is to be said of it; of a keyed projection a dict."""
        with self._asking() as asked:
            answer: Any = asked.view.project(projection)
            state: Any = dict(answer) if is_keyed(projection) else answer
            return state  # type: ignore[no-any-return]  # it is an S

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger with all that is given, for whatever else is to be asked of it."""
        clock = Clock()
        if self._place is not None:
            with Ledger.open(self._place, clock=clock, durability="normal") as ledger:
                last = list(ledger.entries(after=ledger.position - 1)) if ledger.position else []
                clock.now = last[0].recorded if last else START
                yield ledger
        else:
            with Ledger.open(clock=clock) as ledger:
                play(self.steps, ledger, clock)
                yield ledger

    @contextmanager
    def _asking(self) -> Iterator[_Asked]:
        with self.ledger() as ledger:
            yield _Asked(ledger, ledger.as_of(**self._point))


@attrs.frozen
class _Asked:
    """A ledger, and the view of it that is asked."""

    ledger: Ledger
    view: View

    @property
    def today(self) -> Any:
        return self.view.today

    def fail(
        self, projection: Projection[Any], wrong: list[str], answer: Any, *key: Hashable
    ) -> NoReturn:
        """Say what is wrong, and all that one would ask next."""
        __tracebackhide__ = True
        answer = dict(answer) if isinstance(answer, Mapping) else answer
        of = "".join(f", key {one!r}" for one in key)
        lines = [f"{named(projection)}{of}, {pointed(self.view)}"]
        lines += [f"  {line}" for line in wrong]
        if answer is not None:
            lines.append(f"The state: {answer!r}")
        lines += table(list(self.ledger.entries()), self.view, projection, *key)
        raise AssertionError("\n".join(lines))


def _something(expected: tuple[Any, ...], call: str) -> None:
    if not expected:
        raise TypeError(f"{call}() expects nothing: give a state, a check or a condition")


def _instant(point: PointLike, today: Any) -> datetime | None:
    """Give the instant at which a view of the point looks, as a history has it."""
    end = end_of(as_point(point, name="changes", today=today))
    return None if end is None else end - _MICROSECOND
