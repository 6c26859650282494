"""Statements: who took which position, and when."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import StatementMade
from newsledger.fields import shown
from newsledger.projections.base import (
    DEFAULT_ACCEPT,
    Collected,
    Collecting,
    Listing,
    all_told,
    brief,
    collected,
    part,
    told,
)
from newsledger.projections.happenings import Happening, happenings
from newsledger.reports import Entry
from newsledger.when import When


@attrs.frozen(repr=False)
class Position:
    """What somebody said, told from all reports of it.

    ``denies``: the root of the report whose content is denied. ``reports``: the entries, each
    with the chain through which it came (``attribution``).
    """

    speaker: str
    summary: str
    stance: str | None = None
    on_behalf_of: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    when: When = attrs.field(kw_only=True)
    denies: UUID | None = None
    reports: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)

    __repr__ = brief

    def is_on(self, topic: str) -> bool:
        """Tell whether it is on a topic, or about an entity of that name."""
        return topic in self.topics or topic in self.about


@attrs.frozen(repr=False)
class StatementsState(Listing[Position]):
    """Positions in order of their onset; it is a sequence of them.

    ``denials``: those that deny a report.
    """

    positions: tuple[Position, ...] = part()
    denials: tuple[Position, ...] = part(lambda one: one.denies is not None)

    def by(self, speaker: str) -> tuple[Position, ...]:
        """Give what somebody said."""
        return tuple(one for one in self if one.speaker == speaker)

    def on_behalf_of(self, whom: str) -> tuple[Position, ...]:
        """Give what others said in somebody's name."""
        return tuple(one for one in self if whom in one.on_behalf_of)

    def on(self, topic: str) -> tuple[Position, ...]:
        """Give what was said on a topic or about an entity."""
        return tuple(one for one in self if one.is_on(topic))

    def latest(self, speaker: str, topic: str | None = None) -> Position | None:
        """Give the last that somebody said (on a topic), or None."""
        said = [one for one in self.by(speaker) if topic is None or one.is_on(topic)]
        return said[-1] if said else None

    def denials_of(self, report: Entry | UUID) -> tuple[Position, ...]:
        """Give what denies a report, given as an entry or by its root."""
        root = report.root if isinstance(report, Entry) else report
        return tuple(one for one in self.denials if one.denies == root)


class Statements(Collecting[StatementsState]):
    """Positions over time: of everybody or one speaker, on everything or one topic.

    A topic is one of the statement's ``topics``, or an entity that it is ``about``. Opinions are
    not read unless ``accept`` names them, and many statements are opinions.

    >>> from newsledger import Ledger, Source, StatementMade
    >>> from newsledger.projections import Statements
    >>> ledger = Ledger.open()
    >>> said = StatementMade(
    ...     speaker="Almazbek Atambayev", summary="joining was right", topics=["EEU"],
    ...     occurred="2017-02-28",
    ... )
    >>> paper = Source("The Daily Example", "2017-02-28")
    >>> _ = ledger.append(said, paper, assertion="opinion")
    >>> view = ledger.as_of("2017-02-28")
    >>> len(view.project(Statements()))
    0
    >>> everything = Statements(topic="EEU", accept=("fact", "claim", "opinion"))
    >>> view.project(everything).latest("Almazbek Atambayev").summary
    'joining was right'
    """

    def __init__(
        self,
        speaker: str | None = None,
        topic: str | None = None,
        *,
        accept: Iterable[str] = DEFAULT_ACCEPT,
    ) -> None:
        for name, given in (("speaker", speaker), ("topic", topic)):
            if given is not None and not isinstance(given, str):
                raise TypeError(f"{name}= takes one name, got {shown(given)}")
        super().__init__(speaker, accept=accept)
        self.speaker = speaker
        self.topic = topic

    @on(StatementMade)
    def collect(self, state: Collected, event: StatementMade, entry: Entry) -> Collected:
        """Keep the report, if this speaker's."""
        return (state, entry) if self.speaker in {None, event.speaker} else state

    def result(self, state: Collected, view: Vantage, /) -> StatementsState:
        """Merge the reports of each statement; any of them may tell its topic."""
        positions = map(_position, happenings(collected(state)))
        topic = self.topic
        return StatementsState(
            items=tuple(one for one in positions if topic is None or one.is_on(topic))
        )


def _position(happening: Happening) -> Position:
    return Position(
        speaker=told(happening, "speaker"),
        summary=told(happening, "summary"),
        stance=told(happening, "stance"),
        on_behalf_of=all_told(happening, "on_behalf_of"),
        about=all_told(happening, "about"),
        topics=all_told(happening, "topics"),
        when=happening.when,
        denies=_denied(happening),
        reports=happening.reports,
    )


def _denied(happening: Happening) -> UUID | None:
    for entry in happening.ranked:
        if isinstance(entry.event, StatementMade) and entry.event.denies is not None:
            return entry.root_of(entry.event.denies)
    return None
