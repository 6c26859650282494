"""Loading: many reports, streamed in batches, each recorded whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import TypeAlias

import attrs

from newsledger.errors import NewsledgerError, StoreError
from newsledger.ledger.parts import in_parts
from newsledger.ledger.writer import Writer
from newsledger.progress import Meter, OnProgress, Progress
from newsledger.reports import Report


@attrs.frozen
class Rejected:
    """An item that was not recorded: its index in the input, the item, and why."""

    index: int
    item: object
    reason: str


@attrs.frozen
class LoadReport:
    """What a load did: entries recorded, reports already known, and what was rejected.

    ``expected``: how many items there are, where the input has a length and ``progress`` is told.
    """

    recorded: int = 0
    known: int = 0
    rejected: tuple[Rejected, ...] = ()
    expected: int | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    @property
    def total(self) -> int:
        """How many items were seen."""
        return self.recorded + self.known + len(self.rejected)

    @property
    def progress(self) -> Progress:
        """The same as other long work tells it."""
        return Progress("load", self.total, self.expected)


OnLoad: TypeAlias = Callable[[LoadReport], object]


def load(
    writer: Writer,
    reports: Iterable[object],
    *,
    batch: int,
    progress: OnLoad | None,
    tell: OnProgress | None,
) -> LoadReport:
    """Record reports batch by batch; see ``Ledger.load``.

    ``progress`` is called after each batch, ``tell`` as of any long work.
    """
    asked = progress is not None or tell is not None
    done = LoadReport(expected=len(reports) if asked and isinstance(reports, Sized) else None)
    meter = Meter(tell, "load", done.expected)
    most = batch
    for items in _batches(enumerate(reports), batch):
        meter.coming(done.total + len(items))
        good: list[Report] = []
        bad = []
        for index, item in items:
            if fault := _fault(item):
                bad.append(Rejected(index, item, fault))
            else:
                good.append(item)  # type: ignore[arg-type]  # the rest is rejected
        recorded, most = _recorded(writer, good, most)
        done = LoadReport(
            recorded=done.recorded + recorded,
            known=done.known + len(good) - recorded,
            rejected=(*done.rejected, *bad),
            expected=done.expected,
        )
        meter.more(len(items), done.total)
        if progress is not None:
            progress(done)
    meter.end(done.total)
    return done


def _recorded(writer: Writer, reports: list[Report], most: int) -> tuple[int, int]:
    """Record a batch; give how many are new, and how many reports to bring at most from now on."""
    recorded = 0

    def record(part: Sequence[Report]) -> None:
        nonlocal recorded
        recorded += writer.record(part)[1]

    most = in_parts(reports, most, record)
    return recorded, most


def _fault(item: object) -> str | None:
    if not isinstance(item, Report):
        return f"expected a Report, got {type(item).__name__}"
    try:
        item.id  # noqa: B018 (what cannot be identified cannot be stored either)
    except StoreError:
        raise
    except (NewsledgerError, TypeError, ValueError) as error:
        return str(error)
    return None


def _batches(items: Iterable[tuple[int, object]], size: int) -> Iterator[list[tuple[int, object]]]:
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
