"""The envelope: an entry as the JSON text that a store keeps, and back.

::

    {"id": "…", "recorded": "2026-01-31T08:00:00Z",
     "kind": "correction", "amends": "…", "root": "…", "ours": true, "reason": "…",
     "type": "MeetingHeld", "version": 1, "event": {"occurred": "2017-02-28", …},
     "source": {"outlet": "…", "published": "2017-02-28", …},
     "attribution": […], "assertion": "claim", …, "ordinal": 3}

Members that hold their default are left out. ``occurred`` and ``onset`` stand there only where a
process that does not know the event's type could not tell them from its body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, overload
from uuid import UUID

import msgspec

from newsledger.codec import (
    Window,
    converter,
    decode_body,
    encode_body,
    is_known,
    type_name,
    type_version,
    uuid_text,
)
from newsledger.errors import CorruptEntry
from newsledger.events import OutcomeRecorded
from newsledger.fields import maker
from newsledger.reports.entry import Entry
from newsledger.reports.report import Hop, Report
from newsledger.reports.source import Source
from newsledger.reports.tags import carried_entities, own_entities
from newsledger.when import When


class _Envelope(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    id: UUID
    recorded: str
    type: str
    version: int
    event: dict[str, Any]
    source: msgspec.Raw  # to be written, an object will do
    kind: str = "report"
    amends: UUID | None = None
    root: UUID | None = None
    ours: bool = False
    reason: str = ""
    attribution: list[Any] = []  # msgspec copies defaults
    assertion: str = "fact"
    background: bool = False
    denied: bool = False
    confidence: float | int | None = None
    quote: str | None = None
    ordinal: int | None = None
    ref: str | None = None
    note: str | None = None
    stand_ins: dict[str, str] = {}
    occurred: str | None = None
    onset: tuple[str | None, str | None] | None = None


# They take fields in the order of the class.
_make_report: Callable[..., Report] = maker(Report)
_make_entry: Callable[..., Entry] = maker(Entry)
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def encode_entry(entry: Entry) -> bytes:
    """Write an entry as a store keeps it; its position is the store's to know."""
    report, event = entry.report, entry.event
    body = encode_body(event)
    return msgspec.json.encode(
        _Envelope(
            id=entry.id,
            recorded=_stamp(entry.recorded),
            kind=entry.kind,
            amends=entry.amends,
            root=None if entry.root == entry.id else entry.root,
            ours=entry.ours,
            reason=entry.reason,
            type=type_name(event),
            version=type_version(event),
            event=body,
            source=converter.unstructure(report.source),
            attribution=[converter.unstructure(hop) for hop in report.attribution],
            assertion=report.assertion,
            background=report.background,
            denied=report.denied,
            confidence=report.confidence,
            quote=report.quote,
            ordinal=report.ordinal,
            ref=report.ref,
            note=report.note,
            stand_ins={uuid_text(given): uuid_text(root) for given, root in entry.stand_ins},
            occurred=None if "occurred" in body else str(event.occurred),
            onset=None if event.onset == event.occurred.onset else _texts(event.onset),
        )
    )


def decode_entry(data: bytes, position: int, tags: Iterable[str]) -> Entry:
    """Read an entry; :class:`~newsledger.errors.CorruptEntry` names the position and the fault.

    An entry whose event type is unknown here comes with an opaque event.
    """
    try:
        stored = _ENVELOPE.decode(data)
        event = decode_body(
            stored.type,
            stored.version,
            stored.event,
            named=frozenset() if is_known(stored.type, stored.version) else own_entities(tags),
            occurred=stored.occurred,
            onset=stored.onset and (_instant(stored.onset[0]), _instant(stored.onset[1])),
        )
        report = _make_report(
            event,
            _source_from_json(bytes(stored.source)),
            tuple([converter.structure(hop, Hop) for hop in stored.attribution]),
            stored.assertion,
            stored.background,
            stored.denied,
            stored.confidence,
            stored.quote,
            stored.ordinal,
            stored.ref,
            stored.note,
        )
        return _make_entry(
            stored.id,
            position,
            _instant(stored.recorded),
            report,
            stored.kind,
            stored.amends,
            stored.root or stored.id,
            stored.ours,
            stored.reason,
            tuple([(UUID(g), UUID(r)) for g, r in stored.stand_ins.items()]),
            carried_entities(tags) if isinstance(event, OutcomeRecorded) else frozenset(),
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise CorruptEntry(
            f"the entry at position {position} cannot be read: {error}", position=position
        ) from error


def own_ordinal(data: bytes) -> int:
    """Read only the ordinal of a stored entry."""
    return _ORDINAL.decode(data).ordinal


class _Ordinal(msgspec.Struct):
    ordinal: int = 0


_ORDINAL = msgspec.json.Decoder(_Ordinal)


@lru_cache(maxsize=64)
def _stamp(recorded: datetime) -> str:
    # All that is recorded at once bears one.
    return str(When(recorded))


@lru_cache(maxsize=4096)
def _source_from_json(stored: bytes) -> Source:
    source: Source = converter.structure(msgspec.json.decode(stored), Source)
    return source


@overload
def _instant(text: str) -> datetime: ...
@overload
def _instant(text: str | None) -> datetime | None: ...
def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _texts(window: Window) -> tuple[str | None, str | None]:
    start, stop = window
    # Not by way of When: the stop of a date in its last year lies beyond what it can say.
    return (
        None if start is None else start.isoformat().replace("+00:00", "Z"),
        None if stop is None else stop.isoformat().replace("+00:00", "Z"),
    )
