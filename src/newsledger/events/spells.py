"""Spells: states that begin and end, and that are told by their ends."""

from __future__ import annotations

from newsledger.errors import InvalidEvent
from newsledger.events.base import Event
from newsledger.when import When


def refuse_whole_spells(event: Event) -> None:
    """Refuse a date that lasts to a known end on an event that tells of one end of a spell.

    A membership or an office that began and ended is two events: one date could not be amended,
    disputed or become known without the other.
    """
    if not event.occurred.lasts and getattr(event, "since", None) is None:
        return  # as nearly all are
    for name in ("occurred", "since"):
        when: When | None = getattr(event, name, None)
        if when is not None and when.lasts and when.stop is not None:
            field = f"{type(event).__name__}.{name}"
            raise InvalidEvent(
                f"{field}: {str(when)!r} lasts to a known end: report the beginning and the end "
                "as two events",
                field=field,
            )
