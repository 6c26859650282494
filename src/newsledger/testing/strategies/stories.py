"""A strategy for what happens to a ledger, told step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
from hypothesis import event as record, strategies as st

from newsledger.events import CATALOGUE, Event
from newsledger.fields import changed
from newsledger.reports import Hop, Report, Source
from newsledger.testing.stories import (
    Append,
    Correct,
    Pass,
    Retract,
    Step,
    Story,
    Withdraw,
    features_of,
)
from newsledger.testing.strategies.brief import brief
from newsledger.testing.strategies.events import events
from newsledger.testing.strategies.reports import PAGES, reports, sources
from newsledger.testing.strategies.values import REFERENCES, Names
from newsledger.testing.strategies.whens import whens
from newsledger.when import When

_BEGUN = (
    *("2017-02-28", "2015-08-12", "2015", "2015?", "2015-08", "[2015..]", "[..2017-02-28]"),
    *("2017-02-28T08:05:00Z", "[2017-01..2017-03]", "2017-33", "2015-08-12/..", "2017-03-01"),
)
_PUBLISHED = (
    "2017-02-28",
    "2015-08-12",
    "2014",
    "2017-03-01",
    "[..2017-12-31]",
    "2017-02-28T12:00:00Z",
)
_TIMES = tuple(map(timedelta, (1, 0, 30)))

dates_that_collide = st.sampled_from(_BEGUN).map(When) | whens(min_year=2014, max_year=2018)


@attrs.frozen
class _Again:
    """An earlier report, told once more with something changed."""

    number: int
    change: dict[str, Any]


@attrs.frozen
class _Alike:
    """A report of something else, of those whom an earlier report names where that can be."""

    number: int
    report: Report


@attrs.frozen
class _Amend:
    """An amendment of an earlier step, by its number modulo those that there are."""

    number: int
    event: Event | None
    of_another: int | None
    fields: dict[str, Any] | None
    source: Source | None
    reason: str


@attrs.frozen
class _Withdraw:
    """The withdrawal of a page, or of the source of an earlier report, by its number."""

    page: str | None
    number: int
    source: Source | None


def histories(
    *types: type[Event] | str,
    entities: Names | None = None,
    dates: st.SearchStrategy[When] | None = None,
    min_size: int = 1,
    max_size: int = 10,
    amendments: bool = True,
) -> st.SearchStrategy[Story]:
    """Draw what happens to a ledger: reports come, come again, late and denied, and are amended.

    The reports are of these types, or of any that is registered; few names, dates and sources are
    in them, so that they collide. There are forecasts, denials, happenings with several reports,
    outcomes of what was reported, and (but for ``amendments=False``) corrections, retractions
    and withdrawals, of our own and of sources, in chains and forks. What a history has is told to
    Hypothesis' statistics. All is published before 2019, and recorded from 2030 on.

    >>> from hypothesis import find
    >>> from newsledger import MembershipEnded
    >>> find(histories(MembershipEnded), lambda story: True)
    Story([
        Append(Report(event=MembershipEnded(occurred='2017-02-28', organization='KGZ', \
member='KGZ'), source=Source('TASS', '2017-02-28'))),
    ])
    """
    whens_drawn = dates_that_collide if dates is None else dates
    happenings = events(*types, entities=entities, dates=whens_drawn, references=REFERENCES)
    published = sources(published=st.sampled_from(_PUBLISHED).map(When))
    told = reports(happenings, published)
    steps: list[st.SearchStrategy[Any]] = [
        told.map(Append),
        st.builds(_Alike, st.integers(0, 5), told),
        st.builds(_Again, st.integers(0, 5), _changes(published)),
        st.builds(Pass, st.sampled_from(_TIMES)),
    ]
    if amendments:
        amended = _amendments(happenings, published)
        withdrawn = st.builds(
            _Withdraw, st.none() | st.sampled_from(PAGES), st.integers(0, 5), st.none() | published
        )
        steps += [amended, amended, amended, withdrawn]
    # Two lists, since one that may be long is mostly short; the first has what others stumble over.
    first = max(0, min(max_size // 3, max_size - min_size))
    some = st.lists(st.one_of(steps[:2]), max_size=first)
    more = st.lists(st.one_of(steps), min_size=min_size - 1, max_size=max_size - 1 - first)
    drawn = st.builds(_story, told.map(Append), some, more).map(_recorded)
    return brief(drawn, "histories", *types, entities=entities, dates=dates)


def _changes(published: st.SearchStrategy[Source]) -> st.SearchStrategy[dict[str, Any]]:
    plain: list[dict[str, Any]] = [
        {},
        {"denied": True},
        {"assertion": "claim"},
        {"background": True},
        {"ordinal": 2},
    ]
    agency = {"attribution": (Hop("TASS", "agency"),)}
    elsewhere = published.map(lambda source: {"source": source})
    return st.one_of(st.sampled_from([*plain, agency]), elsewhere)


def _amendments(
    happenings: st.SearchStrategy[Event], published: st.SearchStrategy[Source]
) -> st.SearchStrategy[_Amend]:
    fields: list[dict[str, Any]] = [{}, {"assertion": "rumour"}, {"denied": True}]
    corrected = st.builds(
        _Amend,
        number=_numbers,
        event=st.none() | happenings,
        of_another=st.none() | _numbers,
        fields=st.sampled_from(fields),
        source=st.none() | published,
        reason=st.sampled_from(["", "misread"]),
    )
    retracted = st.builds(
        _Amend,
        number=_numbers,
        event=st.none(),
        of_another=st.none(),
        fields=st.none(),
        source=st.none() | published,
        reason=st.just(""),
    )
    return retracted | corrected


# The first ones, the last one, or any.
_numbers = st.integers(0, 3) | st.just(-1) | st.integers(0, 12)


def _story(first: Append, some: list[Any], more: list[Any]) -> Story:
    """Put the steps in their places: what they refer to is there by then."""
    steps: list[Step] = []
    there: list[int] = []
    told: list[Report] = []
    for one in [first, *some, *more]:
        step = _step(one, there, told)
        if isinstance(step, Append | Correct | Retract):
            there.append(len(steps))
        if isinstance(step, Append):
            told.append(step.report)
        steps.append(step)
    return Story(steps)


def _step(one: Any, there: list[int], told: list[Report]) -> Step:  # noqa: PLR0911 (one a kind)
    match one:
        case Append(report):
            return Append(changed(report, event=_referring(report.event, told)))
        case _Again(number, change):
            return Append(changed(told[number % len(told)], **change))
        case _Alike(number, report):
            event = _with_names_of(told[number % len(told)].event, report.event)
            return Append(changed(report, event=_referring(event, told)))
        case _Withdraw(page, number, source):
            return Withdraw(page or told[number % len(told)].source, source)
        case _Amend(number, _, _, None, source, reason):
            return Retract(there[number % len(there)], source, reason=reason)
        case _Amend(number, said, other, fields, source, reason):
            if said is not None:
                said = _referring(said, told)
            elif other is not None:
                said = told[other % len(told)].event
            target = there[number % len(there)]
            return Correct(target, said, source, reason=reason, **(fields or {}))
    step: Step = one
    return step


def _with_names_of(event: Event, other: Event) -> Event:
    """Let an event be about those whom one of its type is about."""
    known = CATALOGUE.get(event.TYPE.name)
    if type(event) is not type(other) or known is None:
        return other
    try:
        made: Event = changed(other, **{n: getattr(event, n) for n, _ in known.entity_fields})
    except ValueError:  # it refuses how they go together
        return other
    return made


def _referring(event: Event, told: list[Report]) -> Event:
    """Let an event refer to reports that are there, where it refers to any."""
    known = CATALOGUE.get(event.TYPE.name)
    if not told or known is None or not known.reference_fields:
        return event

    def meant(reference: UUID | None) -> UUID | None:
        if reference not in REFERENCES:
            return reference
        return told[REFERENCES.index(reference) % len(told)].id

    fields = {
        name: tuple(map(meant, getattr(event, name))) if many else meant(getattr(event, name))
        for name, many in known.reference_fields
    }
    made: Event = changed(event, **fields)
    return made


def _recorded(story: Story) -> Story:
    for feature in sorted(features_of(story)):
        record(feature)
    return story
