"""Rows: how an event is laid out in a row of SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsledger.store.checksum import checked

if TYPE_CHECKING:
    from newsledger.store.base import StoredEvent


def to_row(event: StoredEvent) -> tuple[list[str], str, str | bytes, int]:
    """Return tags without repetitions, their text, data and checksum, as they are to be stored.

    Refuses an event that could not be read back as it was given.
    """
    tags, encoded, checksum = checked(event)
    return tags, encoded.decode(), _readable(event.data), checksum


def _readable(data: bytes) -> str | bytes:
    # The shell and Datasette show text, and would cut it at a NUL.
    if b"\0" in data:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
