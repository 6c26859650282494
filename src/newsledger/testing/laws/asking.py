"""Laws of asking: every way to an answer gives the same one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import attrs

from newsledger.engine import is_keyed, keys_of
from newsledger.fields import changed, shown
from newsledger.ledger import Ledger, View
from newsledger.testing.laws.broken import Unlawful
from newsledger.testing.laws.case import TICK, Case, as_if_large, by_hand, fresh, grouped
from newsledger.testing.laws.comparing import against, alike, plain
from newsledger.testing.stories import Append, Correct, Pass, Retract, Step, Story

_MOST_POINTS = 14
_LATER = tuple(map(timedelta, (1, 45, 400)))


def ignores_arrival(case: Case) -> None:
    """Tell the same in another order, at other times."""
    one, other = tellings(case.story)
    with one.told() as ledger, other.told() as there:
        for point in case.points:
            view, again = ledger.as_of(**point), there.as_of(**point)
            first = plain(view.project(case.projection))
            second = plain(again.project(case.projection))
            if not alike(first, second) and case.stable(view) and case.stable(again):
                raise Unlawful(
                    "the same reports, recorded in the order told and in reverse, gave: "
                    f"{against(first, second)}"
                )


def tellings(story: Story) -> tuple[Story, Story]:
    """Tell the reports in their order, and in reverse; amendments follow, as they were.

    Each report has its ordinal, since by default that goes by arrival. Who withdraws means what is
    there by then, so nobody does.
    """
    reports: dict[Any, Step] = {}
    place_of: dict[int, Any] = {}
    amendments: list[tuple[int, Correct | Retract]] = []
    for place, step in enumerate(story):
        if isinstance(step, Append):
            ordinal = step.report.ordinal or len(reports) + 1
            reports.setdefault(step.report.id, Append(changed(step.report, ordinal=ordinal)))
            place_of[place] = step.report.id
        elif isinstance(step, Correct | Retract):
            amendments.append((place, step))

    def told(order: list[Any], first: list[Step]) -> Story:
        steps = [*first, *(reports[id] for id in order)]
        places = {id: number for number, id in enumerate(order, len(first))}
        new = {place: places[id] for place, id in place_of.items()}
        for place, step in amendments:
            new[place] = len(steps)
            steps.append(step.at(new[step.target]))
        return Story(steps)

    order = list(reports)
    return told(order, []), told(order[::-1], [Pass(timedelta(days=1))])


def goes_on_as_afresh(case: Case) -> None:
    """Ask while the ledger grows, and hold it against folds by copies that were never asked."""
    untouched = case.untouched
    asked = fresh(untouched)
    answers: list[tuple[View, Any]] = []

    def opened(ledger: Ledger) -> Callable[[], None]:
        def after() -> None:
            for point in case.points:
                view = ledger.as_of(**point)
                answers.append((view, plain(view.project(asked))))
            with as_if_large():
                answers.append((view, plain(view.project(asked))))

        return after

    case.told_stepwise(opened)
    for seen, answer in answers:
        view = case.ledger.as_of(
            seen.valid_at, known_at=seen.known_at, recorded_at=seen.position, dates=seen.dates
        )
        afresh = by_hand(fresh(untouched), view)
        if not alike(answer, afresh) and case.stable(view):
            raise Unlawful(
                f"asked at position {seen.position} while the ledger grew, and afresh, it said: "
                f"{against(answer, afresh)}"
            )


def answers_by_key(case: Case) -> None:
    """Look every key up, with keys that are made anew."""
    projection = case.projection
    if not is_keyed(projection):
        return
    with as_if_large():
        for view in case.views:
            read = view.read_by(projection)
            expected, answers = by_hand(projection, view), view.project(projection)
            for entry, _ in read:
                for key in keys_of(projection, entry):
                    if key not in answers or key not in expected:
                        raise Unlawful(
                            f"the key {shown(key)} of {entry!r} was not found when it was made anew"
                        )
            for one, other in combinations(grouped(projection, read), 2):
                if one == other:
                    raise Unlawful(
                        f"{shown(one)} and {shown(other)} are equal and two keys: their hashes "
                        "differ"
                    )
            if not alike(plain(answers), expected) and case.stable(view):
                raise Unlawful(
                    f"by key and folded by hand it said: {against(plain(answers), expected)}"
                )


def lives_as_afresh(case: Case) -> None:
    """Follow a ledger that grows, with the copy that a live view keeps."""

    def opened(ledger: Ledger) -> Callable[[], None]:
        live = ledger.live(case.projection, **case.points[0])

        def after() -> None:
            view = ledger.as_of(**case.points[0])
            state, expected = plain(live.state), plain(view.project(case.projection))
            if not alike(state, expected) and case.stable(view):
                raise Unlawful(
                    f"after {view.position} entries, live and afresh it said: "
                    f"{against(state, expected)}"
                )

        return after

    case.told_stepwise(opened)


def has_a_history(case: Case) -> None:
    """Compare a history along each axis with views at its points, and between them."""
    for axis in ("valid", "known", "recorded"):
        view = case.views[1] if axis == "known" else case.views[0]
        history = view.history(case.projection, along=axis)
        changes = [(instant, plain(state)) for instant, state, _ in history]
        initial = plain(history.initial)
        for moment in _moments(case, axis):
            states = [state for instant, state in changes if instant <= moment]
            state = states[-1] if states else initial
            there = view.moved(axis, moment)
            expected = plain(there.project(case.projection))
            if not alike(state, expected) and case.stable(there):
                raise Unlawful(
                    f"along {axis} time its history and a view of {moment.isoformat()} said: "
                    f"{against(state, expected)}"
                )


def _moments(case: Case, axis: str) -> list[datetime]:
    log = list(case.ledger.entries())
    bounds: set[datetime | None] = {datetime(2000, 1, 1, tzinfo=UTC)}
    for entry in log:
        if axis == "valid":
            bounds |= {*entry.onset, *_dates_of(entry.event)}
        else:
            bounds.add(entry.published.stop if axis == "known" else entry.recorded)
    ends = [end for end in bounds if end is not None and 1 < end.year < _LAST_YEAR]
    near = sorted({end + by for end in ends for by in (-TICK, timedelta(0), *_LATER)})
    # So many that a story of any length takes no longer.
    thin = -(-len(near) // _MOST_POINTS)
    return near[:: max(1, thin)] if axis != "recorded" else near[-_MOST_POINTS:]


_LAST_YEAR = 9990


def _dates_of(event: Any) -> set[datetime | None]:
    """Give the ends of all dates that an event has, such as when something is due."""
    dates = [getattr(event, field.name) for field in attrs.fields(type(event))]
    return {end for date in dates if hasattr(date, "extent") for end in date.extent}
