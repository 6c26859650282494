"""The model of a store: a list of events, searched from its beginning to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from hypothesis import strategies as st

from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    QueryItem,
    SequencedEvent,
    StoredEvent,
)

Read: TypeAlias = tuple[Query | None, int | None, int | None, int | None]
Append: TypeAlias = tuple[list[StoredEvent], AppendCondition | None]


class Model:
    """Says in as few words as possible what a `Recorder` promises."""

    def __init__(self) -> None:
        self.events: list[SequencedEvent] = []

    def append(
        self, events: Sequence[StoredEvent], condition: AppendCondition | None = None
    ) -> int:
        """Record all or none."""
        if condition is not None:
            query, after = condition.fail_if_events_match, condition.after
            if any(self._matching(query, after, None)):
                raise ConditionFailed(condition)
        for event in events:
            tags = list(dict.fromkeys(event.tags))
            stored = StoredEvent(type=event.type, data=event.data, tags=tags)
            self.events.append(SequencedEvent(event=stored, position=len(self.events) + 1))
        return len(self.events)

    def read(
        self,
        query: Query | None = None,
        after: int | None = None,
        limit: int | None = None,
        upto: int | None = None,
    ) -> tuple[list[SequencedEvent], int | None]:
        """Give what matches, and the head of the answer."""
        found = list(self._matching(query, after, upto))
        if limit is not None:
            found = found[:limit]
            return found, found[-1].position if found else None
        head = len(self.events) if upto is None else max(min(len(self.events), upto), 0)
        return found, head or None

    def tag_counts(self, prefix: str = "") -> list[tuple[str, int]]:
        """Count the events that bear each tag."""
        tags = Counter(tag for event in self.events for tag in event.event.tags)
        return sorted((tag, count) for tag, count in tags.items() if tag.startswith(prefix))

    def _matching(
        self, query: Query | None, after: int | None, upto: int | None
    ) -> Iterator[SequencedEvent]:
        for event in self.events:
            above = event.position > (after or 0)
            if above and (upto is None or event.position <= upto) and _matches(event.event, query):
                yield event


def _matches(event: StoredEvent, query: Query | None) -> bool:
    if query is None or not query.items:
        return True
    return any(
        (not item.types or event.type in item.types) and set(item.tags) <= set(event.tags)
        for item in query.items
    )


# Few names, so that things collide; odd ones, so that nothing is lost on the way to the store.
TAGS = ("", "a", "b", "A", "ä", "a\0", "😀", "%")
TYPES = ("T", "U", "", "t")
_positions = st.none() | st.integers(-1, 30)
_data = st.sampled_from([b"", b"\0", b"{}", b"\xff\xfe", "né".encode()]) | st.binary(max_size=8)
batches = st.lists(
    st.builds(
        StoredEvent,
        type=st.sampled_from(TYPES),
        data=_data,
        tags=st.lists(st.sampled_from(TAGS), max_size=4),
    ),
    min_size=1,
    max_size=6,
)
_items = st.builds(
    QueryItem,
    types=st.lists(st.sampled_from([*TYPES, "nobody"]), max_size=3),
    tags=st.lists(st.sampled_from([*TAGS, "nobody"]), max_size=3),
)
queries = (
    st.none()
    | st.builds(Query, items=st.lists(_items, max_size=4))
    # More items than a store is likely to merge while it reads.
    | st.builds(Query, items=st.lists(_items, min_size=14, max_size=30))
)
conditions = st.none() | st.builds(
    AppendCondition,
    fail_if_events_match=queries.map(lambda query: query or Query()),
    after=_positions,
)
reads: st.SearchStrategy[Read] = st.tuples(
    queries, _positions, st.none() | st.integers(0, 12), _positions
)
appends: st.SearchStrategy[Append] = st.tuples(batches, conditions)
operations = st.lists(appends | reads, max_size=25)
