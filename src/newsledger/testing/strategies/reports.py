"""Strategies for sources, for the chains through which news comes, and for reports."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from newsledger.events import Event
from newsledger.reports import Hop, Report, Source
from newsledger.reports.report import ASSERTIONS
from newsledger.testing.strategies.brief import brief
from newsledger.testing.strategies.events import events
from newsledger.testing.strategies.values import ENTITIES, Names
from newsledger.testing.strategies.whens import whens
from newsledger.when import When

OUTLETS = ("TASS", "AP")
PAGES = ("https://example.org/a", "https://example.org/b")
_ROLES = ("speaker", "agency", "press service")


def sources(
    *,
    outlets: Iterable[str] = OUTLETS,
    published: st.SearchStrategy[When] | None = None,
) -> st.SearchStrategy[Source]:
    """Draw sources, some with a page, versions of one page among them.

    ``published``: where publication dates come from; dates without an end are drawn anew.
    """
    dates = whens() if published is None else published
    drawn = st.builds(
        Source,
        outlet=st.sampled_from(tuple(outlets)),
        published=dates.filter(lambda when: when.stop is not None),
        url=st.none() | st.sampled_from(PAGES),
        title=st.sampled_from([None, None, "Нет"]),
    )
    return brief(drawn, "sources", published=published)


def hops(*, agents: Names | None = None) -> st.SearchStrategy[Hop]:
    """Draw links of the chain from an outlet to a speaker."""
    names = ENTITIES if agents is None else agents
    named = names if isinstance(names, st.SearchStrategy) else st.sampled_from(tuple(names))
    return st.builds(
        Hop,
        agent=named,
        role=st.sampled_from(_ROLES),
        on_behalf_of=st.just(()) | st.lists(named, min_size=1, max_size=2, unique=True).map(tuple),
    )


def reports(
    of: st.SearchStrategy[Event] | None = None,
    source: st.SearchStrategy[Source] | None = None,
    *,
    denied: bool = True,
) -> st.SearchStrategy[Report]:
    """Draw reports, most of them of plain facts; ``denied=False``: none that denies."""
    rarely = st.sampled_from([False, False, False, True])
    drawn = st.builds(
        Report,
        event=events() if of is None else of,
        source=sources() if source is None else source,
        attribution=st.just(()) | st.lists(hops(), max_size=2).map(tuple),
        assertion=st.sampled_from(ASSERTIONS[:1] * 3 + ASSERTIONS),
        background=rarely,
        denied=rarely if denied else st.just(False),
        confidence=st.sampled_from([None, None, 70, 99.5]),
        quote=st.sampled_from([None, None, "“Да.”"]),
        ordinal=st.none() | st.integers(1, 3),
        ref=st.sampled_from([None, None, "data:1", "data:2"]),
    )
    return brief(drawn, "reports", of=of, source=source)
