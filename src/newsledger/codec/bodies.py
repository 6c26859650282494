"""Bodies: an event as the JSON object that is stored, of any version that ever was."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from newsledger.codec.converter import converter
from newsledger.events import CATALOGUE, Event, OpaqueEvent
from newsledger.events.base import type_of
from newsledger.when import When

JsonObject: TypeAlias = dict[str, Any]
Window: TypeAlias = tuple[datetime | None, datetime | None]


def type_name(event: Event) -> str:
    """Give the wire name under which an event is stored, an opaque one's too."""
    return event.type if isinstance(event, OpaqueEvent) else type_of(event).name


def type_version(event: Event) -> int:
    """Give the version in which an event is stored."""
    return event.version if isinstance(event, OpaqueEvent) else type_of(event).version


def encode_body(event: Event) -> JsonObject:
    """Make the JSON object of an event: defaults left out, dates as EDTF, decimals as text."""
    if isinstance(event, OpaqueEvent):
        body: JsonObject = msgspec.json.decode(event.raw)
        return body
    known = vars(type(event)).get("TYPE")
    if known is None or CATALOGUE.get(known.name) is not known:
        CATALOGUE.named(type(event))  # raises where it is not registered
    encoded: JsonObject = converter.unstructure(event, unstructure_as=type(event))
    return encoded


def is_known(name: str, version: int) -> bool:
    """Tell whether what is stored so is read as a class of its own, and not as an opaque event."""
    known = CATALOGUE.get(name)
    return known is not None and version <= known.version


def decode_body(
    name: str,
    version: int,
    body: JsonObject,
    *,
    named: frozenset[str] = frozenset(),
    occurred: str | None = None,
    onset: Window | None = None,
) -> Event:
    """Make the event of a stored JSON object, bringing an older version up to today's.

    A type, or a later version of one, that this process does not know becomes an
    :class:`~newsledger.events.OpaqueEvent`, with the entities, the date and the onset that its
    recorder noted. ``ValueError`` names the path of what cannot be read.
    """
    known = CATALOGUE.get(name)
    if known is None or not is_known(name, version):
        when = When(body.get("occurred", occurred or ""))
        began_from, began_until = onset or when.onset
        return OpaqueEvent(
            occurred=when,
            type=name,
            version=version,
            raw=msgspec.json.encode(body).decode(),
            named=named,
            began_from=began_from,
            began_until=began_until,
        )
    for older in range(version, known.version):
        body = known.upcasters[older](dict(body))
    decoded: Event = converter.structure(body, known.cls)
    return decoded
