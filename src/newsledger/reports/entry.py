"""Entry: a report as a ledger recorded it."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

import attrs

from newsledger.events import Event
from newsledger.reports.erasure import Erasure
from newsledger.reports.report import Hop, Report
from newsledger.reports.source import Source
from newsledger.when import When

WEIGHTS = {"opinion": 0, "rumour": 1, "claim": 2, "fact": 3}


@attrs.frozen(kw_only=True, repr=False)
class Entry:
    """One line of the ledger: a report, or an amendment of one.

    It has all that its report has, and its place in the ledger. ``position`` counts from 1
    without gaps; ``recorded`` is when this ledger took it in, aware UTC. ``kind`` is "report",
    "correction" or "retraction". ``amends`` is the id of the very entry amended, ``root`` the id
    of the report at the start of the chain: the handle that stays. ``ours``: an amendment of our
    reading, without a source; it bears its target's source. ``reason``: why it was amended.

    A correction holds what the entry should have said, a retraction what it takes back.
    ``erased``: that it was taken out for good, why and when; then its event, its source and all
    else that it said are gone, and its place and its times are left.
    """

    id: UUID
    position: int
    recorded: datetime
    report: Report
    kind: str = "report"
    amends: UUID | None = None
    root: UUID
    ours: bool = False
    reason: str = ""
    # Ids of amendments that the event refers to, each with the root that it stands for.
    stand_ins: tuple[tuple[UUID, UUID], ...] = attrs.field(default=(), eq=False)
    # The entities that an outcome carried, when it was recorded, from what it refers to.
    carried: frozenset[str] = attrs.field(default=frozenset(), eq=False)
    erased: Erasure | None = None

    def __repr__(self) -> str:
        if self.erased is not None:
            at, why = f"{self.erased.at:%Y-%m-%d}", self.erased.reason
            return f"<Entry {self.position} {self.kind} erased {at}: {why}>"
        kind = "" if self.kind == "report" else f" {'our ' if self.ours else ''}{self.kind}"
        denied = " denied" if self.denied else ""
        source = f"{self.source.outlet} {self.published}"
        return f"<Entry {self.position}{kind}{denied} {self.event!r} [{self.assertion}; {source}]>"

    def __deepcopy__(self, memo: object) -> Self:
        # A state may hold very many, and what cannot be changed need not be copied.
        return self

    @property
    def event(self) -> Event:
        """What is reported; of a retraction, what it takes back."""
        return self.report.event

    @property
    def source(self) -> Source:
        """Who says so; of an amendment of ours, the source that we had read."""
        return self.report.source

    @property
    def published(self) -> When:
        """When its source published it."""
        return self.report.source.published

    @property
    def attribution(self) -> tuple[Hop, ...]:
        """The chain from the outlet to the speaker."""
        return self.report.attribution

    @property
    def assertion(self) -> str:
        """In whose voice: "fact", "claim", "opinion" or "rumour"."""
        return self.report.assertion

    @property
    def background(self) -> bool:
        """Whether it is not the news but its setting."""
        return self.report.background

    @property
    def denied(self) -> bool:
        """Whether the source says that this did not happen."""
        return self.report.denied

    @property
    def confidence(self) -> float | None:
        """The coder's confidence, 0 to 100."""
        return self.report.confidence

    @property
    def quote(self) -> str | None:
        """The source's words."""
        return self.report.quote

    @property
    def ordinal(self) -> int:
        """Its place within its source."""
        return self.report.ordinal or 0

    @property
    def ref(self) -> str | None:
        """The id that a data set gives it."""
        return self.report.ref

    @property
    def note(self) -> str | None:
        """The coder's note."""
        return self.report.note

    @property
    def onset(self) -> tuple[datetime | None, datetime | None]:
        """The window in which the event began."""
        return self.report.event.onset

    @property
    def entities(self) -> frozenset[str]:
        """All entities that the event names; an outcome carries those of what it refers to.

        They are those of when it was recorded; a question goes by what it refers to in its view.
        """
        return self.report.event.entities | self.carried

    @property
    def weight(self) -> int:
        """How much it counts among entries of one date: 0 background or opinion, to 3 fact."""
        return 0 if self.background else WEIGHTS[self.assertion]

    @property
    def forecast(self) -> bool:
        """Whether it was published before the event can have begun."""
        start, known = self.onset[0], self.published.stop
        return start is not None and known is not None and known <= start

    def root_of(self, reference: UUID) -> UUID:
        """Give the root that one of the event's references leads to."""
        for given, root in self.stand_ins:
            if given == reference:
                return root
        return reference
