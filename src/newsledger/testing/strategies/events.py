"""A strategy for events of every registered type, those of a user's own included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from newsledger.events import CATALOGUE, Event
from newsledger.fields import fields_of
from newsledger.testing.strategies.brief import brief
from newsledger.testing.strategies.values import Names, Pool, pool, records
from newsledger.when import When


def events(
    *types: type[Event] | str,
    entities: Names | None = None,
    dates: st.SearchStrategy[When] | None = None,
    references: Sequence[UUID] | None = None,
    **fields: st.SearchStrategy[Any],
) -> st.SearchStrategy[Event]:
    """Draw events of these types, or of any that is registered when they are drawn.

    All is made from what the fields say of themselves, so that a type of your own needs nothing
    more. ``entities``: the names that may be named, few unless given, so that things collide.
    ``dates`` and ``references`` likewise: where dates and ids of reports come from. Any other
    keyword is a strategy for the field of that name, in those types that have it.

    Values that a type refuses for how they go together are mended. Where a rule is so strict that
    nothing passes, draw the field that it is about from a strategy of your own.

    >>> from hypothesis import find
    >>> from newsledger import MeetingHeld
    >>> find(events(MeetingHeld), lambda event: True)
    MeetingHeld(occurred='2017-02-28', participants=('KGZ', 'RUS'))
    """
    drawn_from = pool(entities, dates, references)
    classes = [_class(one) for one in types]

    def drawn() -> st.SearchStrategy[Event]:
        # Looked up late: types may be registered after the strategy is made.
        chosen = classes or [known.cls for known in CATALOGUE]
        return st.one_of([_of(one, drawn_from, fields) for one in chosen])

    return brief(st.deferred(drawn), "events", *types, entities=entities, **fields)


def _class(type_or_name: type[Event] | str) -> type[Event]:
    known = CATALOGUE.get(CATALOGUE.named(type_or_name))
    assert known is not None  # noqa: S101 (named() raises where there is none)
    return known.cls


def _of(
    cls: type[Event], drawn_from: Pool, fields: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Event]:
    aliases = {field.alias for field in fields_of(cls)}
    return records(cls, drawn_from, {n: one for n, one in fields.items() if n in aliases})
