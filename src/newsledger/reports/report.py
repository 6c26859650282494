"""Report: what one source says of one event, and through whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from newsledger.codec import converter, digest, encode_body, type_name, uuid_text
from newsledger.events import Event
from newsledger.fields import Converted, Entities, MaybePercent, field, record
from newsledger.reports.kept import Identified, keep
from newsledger.reports.source import Source

ASSERTIONS = ("fact", "claim", "opinion", "rumour")


@record()
class Hop:
    """One link of the chain through which a report came: an agency, a press service, a speaker.

    >>> Hop("TASS", "agency")
    Hop(agent='TASS', role='agency')
    """

    agent: str = field(at_least=1)
    role: str = field(at_least=1)
    on_behalf_of: Entities = field(default=())


class Chain(Converted[Iterable[Hop], tuple[Hop, ...]]):
    """The links between outlet and speaker, outlet side first."""


@record()
class Report(Identified):
    """What one source says.

    ``attribution`` leads from the outlet to the speaker, speaker last; the outlet itself is the
    source. ``assertion``: "fact" in the outlet's own voice, "claim" attributed to somebody,
    "opinion", or "rumour". ``background``: not the news but its setting. ``denied``: the source
    says that this did *not* happen. ``confidence`` is the coder's, 0 to 100. ``ordinal``: its
    place within its source, by default the next. ``ref``: the id that a data set gives it.
    """

    event: Event
    source: Source
    attribution: Chain = field(default=(), kw_only=True)
    assertion: str = field(default="fact", kw_only=True, choices=ASSERTIONS)
    background: bool = field(default=False, kw_only=True)
    denied: bool = field(default=False, kw_only=True)
    confidence: MaybePercent = field(default=None, kw_only=True)
    quote: str | None = field(default=None, kw_only=True)
    ordinal: int | None = field(default=None, kw_only=True)
    ref: str | None = field(default=None, kw_only=True, at_least=1)
    note: str | None = field(default=None, kw_only=True)

    @property
    def id(self) -> UUID:
        """The UUIDv5 of what it says: source, event, attribution, assertion, background, denied.

        Known before it is appended, and the same on every machine. What is not said (quote,
        note, confidence, ordinal, ref) does not change it.
        """
        known: UUID | None = getattr(self, "_id", None)
        return known or keep(
            self, "_id", digest({"source": uuid_text(self.source.id), **said(self)})
        )


def said(report: Report) -> dict[str, Any]:
    """Give what a report says, without its source, as JSON: what makes two reports the same."""
    out: dict[str, Any] = {"type": type_name(report.event), "event": encode_body(report.event)}
    if report.attribution:
        out["attribution"] = converter.unstructure(report.attribution)
    if report.assertion != "fact":
        out["assertion"] = report.assertion
    if report.background:
        out["background"] = True
    if report.denied:
        out["denied"] = True
    return out
