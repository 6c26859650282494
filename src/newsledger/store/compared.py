"""Comparing an index of tags with the events that it leads to, in nine bytes an event.

An index has no order by position. So each of its rows, and each tag of an event, is hashed into
the place of its position: where the two agree every place comes out as zero. Only the places that
do not are looked at tag by tag.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import TypeAlias

from newsledger.store.base import StoreFault

Tagged: TypeAlias = tuple[int, int, list[bytes]]
"""Of an event that is what was recorded: position, number of its type, what it is filed under."""
Indexed: TypeAlias = tuple[bytes, int, int]
"""A row of the index: what it files, position, number of the type."""

# So many positions are told tag by tag; of more it is told only that they differ.
_EXPLAINED = 1000
_EACH = 2000


def disagreements(
    tagged: Callable[[], Iterator[Tagged]],
    indexed: Callable[[], Iterator[Indexed]],
    upto: int,
    seen: Callable[[int], object] | None = None,
) -> Iterator[StoreFault]:
    """Yield where the two differ, up to a position; each is gone through twice at most.

    ``tagged`` is to yield events in the order of their positions.
    """
    strays: list[tuple[bytes, int]] = []
    differing = _differing(tagged(), indexed(), upto, seen or (lambda _: None), strays)
    for name, position in strays:
        yield StoreFault(position, "index", f"the index has {_shown(name)} here, where no event is")
    yield from _explained(tagged, indexed, differing[:_EXPLAINED])
    for position in differing[_EXPLAINED:]:
        yield StoreFault(position, "index", "the index has other tags than the event")


def _differing(
    tagged: Iterator[Tagged],
    indexed: Iterator[Indexed],
    upto: int,
    seen: Callable[[int], object],
    strays: list[tuple[bytes, int]],
) -> list[int]:
    """Find the intact events that the index does not agree with; note what it has before them."""
    sums, intact = array("q", bytes(8 * (upto + 1))), bytearray(upto + 1)
    for position, number, tags in tagged:
        intact[position] = 1
        for tag in tags:
            sums[position] ^= hash((tag, number))
        if not position % _EACH:
            seen(position // 2)
    for name, position, number in indexed:
        if 0 < position <= upto:
            sums[position] ^= hash((name, number))
        elif position <= 0:
            strays.append((name, position))
    seen(upto)
    return [position for position in range(1, upto + 1) if intact[position] and sums[position]]


def _explained(
    tagged: Callable[[], Iterator[Tagged]],
    indexed: Callable[[], Iterator[Indexed]],
    positions: list[int],
) -> Iterator[StoreFault]:
    if not positions:
        return
    found: dict[int, dict[bytes, int]] = {position: {} for position in positions}
    for tag, position, number in indexed():
        if position in found:
            found[position][tag] = number
    for position, number, tags in tagged():
        if position > positions[-1]:
            return
        if position not in found:
            continue
        told = list(_compared(position, number, {*tags}, found[position]))
        yield from told or [StoreFault(position, "index", "the index has a row more than once")]


def _compared(
    position: int, number: int, own: set[bytes], there: dict[bytes, int]
) -> Iterator[StoreFault]:
    for tag in sorted(own - there.keys()):
        yield StoreFault(position, "index", f"the index lacks {_shown(tag)}")
    for tag in sorted(there.keys() - own):
        yield StoreFault(position, "index", f"the index has {_shown(tag)}, the event has not")
    for tag in sorted(own & there.keys()):
        if there[tag] != number:
            yield StoreFault(position, "index", f"the index has another type beside {_shown(tag)}")


def _shown(tag: bytes) -> str:
    return repr(str(tag, "utf-8", "replace"))
