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
    decode_known,
    encode_body,
    type_name,
    type_version,
    uuid_text,
)
from newsledger.errors import CorruptEntry
from newsledger.events import OutcomeRecorded
from newsledger.fields import maker
from newsledger.reports.entry import Entry
from newsledger.reports.fingerprint import ERASED
from newsledger.reports.report import Hop, Report
from newsledger.reports.source import Source, forget_places
from newsledger.reports.tags import carried_entities, own_entities
from newsledger.reports.tombstone import decode_tombstone, encode_tombstone
from newsledger.when import When


# Hidden from the garbage collector, since none outlives the call that makes it.
class _Envelope(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    id: UUID
    recorded: str
    type: str
    version: int
    event: dict[str, Any]
    source: msgspec.Raw  # to be written, what it stands for will do
    kind: str = "report"
    amends: UUID | None = None
    root: UUID | None = None
    ours: bool = False
    reason: str = ""
    attribution: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET  # as is the source
    assertion: str = "fact"
    background: bool = False
    denied: bool = False
    confidence: float | int | None = None
    quote: str | None = None
    ordinal: int | None = None
    ref: str | None = None
    note: str | None = None
    stand_ins: dict[str, str] | msgspec.UnsetType = msgspec.UNSET  # a dict would be copied
    occurred: str | None = None
    onset: tuple[str | None, str | None] | None = None


# They take fields in the order of the class.
_make_report: Callable[..., Report] = maker(Report)
_make_entry: Callable[..., Entry] = maker(Entry)
_ENCODER = msgspec.json.Encoder()
_NONE: frozenset[str] = frozenset()
_ENVELOPE = msgspec.json.Decoder(_Envelope)


def encode_entry(entry: Entry) -> bytes:
    """Write an entry as a store keeps it; its position is the store's to know."""
    if entry.erased is not None:
        return encode_tombstone(entry, entry.erased)
    report, event, id = entry.report, entry.report.event, entry.id
    hops = report.attribution
    body, ids = encode_body(event), entry.stand_ins
    onset, occurred = event.onset, event.occurred
    # In the order of the class: by name takes several times as long.
    return _ENCODER.encode(
        _Envelope(
            id,
            _stamp(entry.recorded),
            type_name(event),
            type_version(event),
            body,
            converter.unstructure(report.source),
            entry.kind,
            entry.amends,
            None if entry.root == id else entry.root,
            entry.ours,
            entry.reason,
            converter.unstructure(hops) if hops else msgspec.UNSET,
            report.assertion,
            report.background,
            report.denied,
            report.confidence,
            report.quote,
            report.ordinal,
            report.ref,
            report.note,
            {uuid_text(given): uuid_text(root) for given, root in ids} if ids else msgspec.UNSET,
            None if "occurred" in body else str(occurred),
            None if onset == occurred.onset else _texts(onset),
        )
    )


def decode_entry(data: bytes, position: int, tags: Iterable[str]) -> Entry:
    """Read an entry; :class:`~newsledger.errors.CorruptEntry` names the position and the fault.

    An entry whose event type is unknown here comes with an opaque event, and one that was erased
    with an erased event.
    """
    try:
        if data.startswith(ERASED):
            return decode_tombstone(data, position)
        stored = _ENVELOPE.decode(data)
        onset = stored.onset and (_instant(stored.onset[0]), _instant(stored.onset[1]))
        event = decode_known(stored.type, stored.version, stored.event)
        if event is None:
            event = decode_body(
                stored.type,
                stored.version,
                stored.event,
                named=own_entities(tags),
                occurred=stored.occurred,
                onset=onset,
            )
        hops, ids = stored.attribution, stored.stand_ins
        report = _make_report(
            event,
            _source_from_json(bytes(stored.source)),
            _hops_from_json(bytes(hops)) if hops else (),
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
            _read_instant(stored.recorded),
            report,
            stored.kind,
            stored.amends,
            stored.root or stored.id,
            stored.ours,
            stored.reason,
            _ids_from_json(ids) if ids else (),
            carried_entities(tags) if isinstance(event, OutcomeRecorded) else _NONE,
            None,
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise CorruptEntry(
            f"the entry at position {position} cannot be read: {error}", position=position
        ) from error


def own_ordinal(data: bytes) -> int:
    """Read only the ordinal of a stored entry."""
    return _ORDINAL.decode(data).ordinal


def forget_texts() -> None:
    """Forget what was read of sources and speakers, so that what was erased is not held here."""
    _source_from_json.cache_clear()
    _hops_from_json.cache_clear()
    forget_places()


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


# The same agency passes on what the same ministry says, day after day.
@lru_cache(maxsize=4096)
def _hops_from_json(stored: bytes) -> tuple[Hop, ...]:
    hops: tuple[Hop, ...] = converter.structure(msgspec.json.decode(stored), tuple[Hop, ...])
    return hops


def _ids_from_json(stored: dict[str, str]) -> tuple[tuple[UUID, UUID], ...]:
    return tuple([(UUID(given), UUID(root)) for given, root in stored.items()])


@overload
def _instant(text: str) -> datetime: ...
@overload
def _instant(text: str | None) -> datetime | None: ...
def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    return _read_instant(text)


# The entries of a batch have one stamp.
@lru_cache(maxsize=1024)
def _read_instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _texts(window: Window) -> tuple[str | None, str | None]:
    start, stop = window
    # Not by way of When: the stop of a date in its last year lies beyond what it can say.
    return (
        None if start is None else start.isoformat().replace("+00:00", "Z"),
        None if stop is None else stop.isoformat().replace("+00:00", "Z"),
    )
