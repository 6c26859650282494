"""Erasing: an entry gives way to its tombstone, and whoever remembers it forgets."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from newsledger.errors import ErasureUnfinished, StoreError, UnknownEntry
from newsledger.events import ERASED
from newsledger.index.log import Log
from newsledger.reports import (
    Entry,
    Erasure,
    decode_entry,
    encode_entry,
    tags,
    tombstone,
    tombstone_tags,
)
from newsledger.reports.fingerprint import fingerprint_at
from newsledger.store import Query, QueryItem, SequencedEvent, StoredEvent


def erase(log: Log, id: UUID, reason: str, now: Callable[[], datetime], *, chain: bool) -> Entry:
    """Erase an entry, or all of its chain, and give what is left of it; see Ledger.erase."""
    with log.recorder.exclusive():
        those = _found(log, tags.id_tag(id))
        if not those:
            raise UnknownEntry(f"the ledger holds no entry {id}: nothing was erased")
        entry = _read(those[0])
        if chain:
            those = _found(log, tags.id_tag(entry.root), tags.root_tag(entry.root))
        at = now()
        left = {
            one.position: tombstone(_read(one), Erasure(reason, at, _fingerprint(one)))
            for one in those
            if one.event.type != ERASED
        }
        if left:
            log.recorder.erase({place: _stored(what) for place, what in left.items()})
    log.head()  # by which all that is kept in memory is forgotten
    try:
        log.recorder.scrub()
    except StoreError as error:
        warnings.warn(
            "what was erased is gone from the ledger, but its files may hold traces of it: erase it"
            f" again when that is over, or open the ledger anew to write ({error})",
            ErasureUnfinished,
            stacklevel=3,
        )
    return left.get(entry.position, entry)


def _found(log: Log, *wanted: str) -> list[SequencedEvent]:
    query = Query(items=[QueryItem(tags=[tag]) for tag in wanted])
    return list(log.recorder.read(query))


def _read(found: SequencedEvent) -> Entry:
    # Not by way of the log, which would remember it.
    return decode_entry(found.event.data, found.position, found.event.tags)


def _fingerprint(found: SequencedEvent) -> str:
    event = found.event
    return fingerprint_at(found.position, event.type, event.tags, event.data).hex()


def _stored(left: Entry) -> StoredEvent:
    return StoredEvent(type=ERASED, data=encode_entry(left), tags=tombstone_tags(left))
