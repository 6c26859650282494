"""Tombstones: what a store keeps in the place of an entry that was erased, and how it reads.

::

    {"erased": "<fingerprint>", "at": "2026-02-01T08:00:00Z", "reason": "…",
     "id": "…", "recorded": "2026-01-31T08:00:00Z", "published": "2017-02-28",
     "occurred": "2017-02-27", "onset": ["…", "…"], "ordinal": 3,
     "kind": "correction", "amends": "…", "root": "…", "ours": true}

What it holds is the entry's place: on the three axes, in its chain, and in its source. So views
settle the amendments of a chain as before, and only what was said is missing. It is filed under the
type "erased", with the tags ``id:`` and ``root:`` alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from newsledger.events import ErasedEvent
from newsledger.reports import tags
from newsledger.reports.entry import Entry
from newsledger.reports.erasure import Erasure
from newsledger.reports.fingerprint import ERASED as BEGINNING
from newsledger.reports.report import Report
from newsledger.reports.source import Source
from newsledger.when import When

NOBODY: Final = "(erased)"
"""Stands for the outlet, which is erased too."""
_FINGERPRINT = 64


class _Tombstone(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    erased: str  # comes first: by this the data of a tombstone is known
    at: str
    reason: str
    id: UUID
    recorded: str
    published: str
    occurred: str
    onset: tuple[str | None, str | None] | None = None
    ordinal: int | None = None
    kind: str = "report"
    amends: UUID | None = None
    root: UUID | None = None
    ours: bool = False


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Tombstone)


def tombstone(entry: Entry, erasure: Erasure) -> Entry:
    """Make what is left of an entry."""
    began_from, began_until = entry.event.onset
    return Entry(
        id=entry.id,
        position=entry.position,
        recorded=entry.recorded,
        report=Report(
            ErasedEvent(
                occurred=entry.event.occurred,
                fingerprint=erasure.fingerprint,
                began_from=began_from,
                began_until=began_until,
            ),
            Source(NOBODY, entry.published),
            ordinal=entry.report.ordinal,
        ),
        kind=entry.kind,
        amends=entry.amends,
        root=entry.root,
        ours=entry.ours,
        erased=erasure,
    )


def encode_tombstone(entry: Entry, erasure: Erasure) -> bytes:
    """Write what is left of an entry, or an entry that is nothing more, as a store keeps it."""
    onset, occurred = entry.event.onset, entry.event.occurred
    return _ENCODER.encode(
        _Tombstone(
            erased=erasure.fingerprint,
            at=str(When(erasure.at)),
            reason=erasure.reason,
            id=entry.id,
            recorded=str(When(entry.recorded)),
            published=str(entry.published),
            occurred=str(occurred),
            onset=None if onset == occurred.onset else (_text(onset[0]), _text(onset[1])),
            ordinal=entry.report.ordinal,
            kind=entry.kind,
            amends=entry.amends,
            root=None if entry.root == entry.id else entry.root,
            ours=entry.ours,
        )
    )


def decode_tombstone(data: bytes, position: int) -> Entry:
    """Read a tombstone; ValueError or a ValidationError of msgspec tells what is wrong with it."""
    stored = _DECODER.decode(data)
    if not data.startswith(BEGINNING) or len(bytes.fromhex(stored.erased)) * 2 != _FINGERPRINT:
        raise ValueError("the tombstone has no fingerprint")
    occurred = When(stored.occurred)
    began_from, began_until = (
        occurred.onset if stored.onset is None else map(_instant, stored.onset)
    )
    event = ErasedEvent(
        occurred=occurred,
        fingerprint=stored.erased,
        began_from=began_from,
        began_until=began_until,
    )
    return Entry(
        id=stored.id,
        position=position,
        recorded=_read(stored.recorded),
        report=Report(event, Source(NOBODY, stored.published), ordinal=stored.ordinal),
        kind=stored.kind,
        amends=stored.amends,
        root=stored.root or stored.id,
        ours=stored.ours,
        erased=Erasure(stored.reason, _read(stored.at), stored.erased),
    )


def tombstone_tags(entry: Entry) -> list[str]:
    """Give the tags by which a tombstone is found: its id, and its chain."""
    found = [tags.id_tag(entry.id)]
    if entry.amends is not None:
        found.append(tags.root_tag(entry.root))
    return found


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


def _instant(text: str | None) -> datetime | None:
    return None if text is None else _read(text)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
