"""Kept: what a record works out of its fields when it is first asked, once."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


class Identified:
    """Slots for ids and a tag, beside a record's fields.

    Not ``functools.cached_property``: for that attrs gives a slotted class a ``__getattr__``, with
    which the reading of every field takes several times as long.
    """

    __slots__ = ("_id", "_place_id", "_tag")
    _id: UUID
    _place_id: UUID
    _tag: str


def keep(owner: object, slot: str, value: T) -> T:
    """Keep a value in a slot of a frozen record, and give it."""
    object.__setattr__(owner, slot, value)
    return value
