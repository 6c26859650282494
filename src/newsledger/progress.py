"""Progress: how far long work has come, told to a callback, which may be a bar.

Loading, building an index, replaying, hashing, verifying, copying and making a read model are the
work that takes long. It is told of every 10,000 entries, from ``done=0`` to ``done == total``, in
the thread that does it; what comes to fewer is not told of at all. A callback that raises ends the
work: nothing half made is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeAlias, TypeVar

import attrs

EACH = 10_000
T = TypeVar("T")
Work: TypeAlias = Literal["load", "index", "replay", "digest", "verify", "materialize", "copy"]


@attrs.frozen
class Progress:
    """How far a piece of work has come, in entries.

    ``what``: "load", "index" where an index is built, "replay" where entries are folded without
    one, "digest" where they are hashed for the first time, "verify", "copy", or "materialize" where
    a read model is brought up to date. ``total``: of a load, how many items there are to read, None
    while that is unknown; of hashing, how many entries were not hashed before; of copying, how many
    the target lacked; else how many entries the ledger had at the view's point. An entry that is to
    be read first and folded later is done by half when it was read.
    """

    what: Work
    done: int
    total: int | None


OnProgress: TypeAlias = Callable[[Progress], object]


class Counted(Protocol):
    """What has a progress, such as a LoadReport."""

    @property
    def progress(self) -> Progress:
        """How far it has come."""


class Meter:
    """Tells a callback of one piece of work, as soon as it turns out to be long.

    The work is a number of ``passes`` over the entries; each adds the same share to what is done.
    """

    __slots__ = ("_count", "_done", "_pass", "_passes", "_tell", "_total", "_what")

    def __init__(
        self, tell: OnProgress | None, what: Work, total: int | None, passes: int = 1
    ) -> None:
        self._tell = None if total is not None and total < EACH else tell
        self._what: Work = what
        self._total = total
        self._passes = passes
        self._pass = 0
        self._count = 0
        self._done = -1

    @property
    def seen(self) -> Callable[[int], object] | None:
        """What is to be called with the positions that a first pass reads; None: with none."""
        return None if self._tell is None else self._see

    def _see(self, position: int) -> None:
        total = self._total or position
        self.more(1, min(position, total) // self._passes)

    def through(self, items: Iterable[T], count: int, entries: int | None = None) -> Iterable[T]:
        """Make another pass: over ``count`` items, which come to so many entries, one each."""
        entries = count if entries is None else entries
        self._pass += 1
        if self._tell is None or entries < EACH:
            return items
        return self._counted(items, count, max(1, count * EACH // entries), self._pass)

    def _counted(self, items: Iterable[T], count: int, each: int, passed: int) -> Iterator[T]:
        total = self._total or count
        for number, item in enumerate(items, 1):
            yield item
            if not number % each:
                self._reach(total * (passed * count + number) // (self._passes * count))

    def last(self, items: Iterable[T], count: int) -> Iterable[T]:
        """Make the last pass, at the end of which the work is done."""
        return items if self._tell is None else self._ending(self.through(items, count))

    def _ending(self, items: Iterable[T]) -> Iterator[T]:
        yield from items
        self.end()

    def coming(self, entries: int) -> None:
        """Begin to tell, if so many entries are many."""
        if entries >= EACH:
            self._begin()

    def more(self, entries: int, done: int) -> None:
        """Count entries, and tell what is done once they have become many."""
        self._count += entries
        if self._count >= EACH:
            self._count = 0
            self._reach(done)

    def end(self, total: int | None = None) -> None:
        """Tell that all is done, if anything was told; ``total`` where it was unknown before."""
        if self._tell is not None and self._done >= 0:
            self._total = total if total is not None else self._total
            self._say(self._total or 0)
            self._tell = None

    def _begin(self) -> None:
        if self._done < 0:
            self._say(0)

    def _reach(self, done: int) -> None:
        self._begin()
        if self._done < done and (self._total is None or done < self._total):
            self._say(done)

    def _say(self, done: int) -> None:
        self._done = done
        if self._tell is not None:
            self._tell(Progress(self._what, done, self._total))


class Bar:
    """A callback that draws a bar; make one with :func:`bar`."""

    def __init__(self, draw: Callable[..., Any], options: dict[str, Any]) -> None:
        self._draw = draw
        self._options = options
        self._drawn: Any = None
        self._what: Work | None = None

    def __call__(self, report: Progress | Counted) -> None:
        """Draw how far the work has come: a new bar for new work, left behind when it is done."""
        now = report if isinstance(report, Progress) else report.progress
        if self._drawn is None or now.what != self._what or now.done < self._drawn.n:
            self._open(now)
        self._drawn.total = now.total
        self._drawn.update(now.done - self._drawn.n)
        if now.done == now.total:
            self.close()

    def _open(self, now: Progress) -> None:
        self.close()
        # What was done before the first report says nothing of the pace.
        options = {"desc": now.what, "unit": " entries", "initial": now.done, **self._options}
        self._drawn, self._what = self._draw(total=now.total, **options), now.what

    def close(self) -> None:
        """Leave the bar as it is; the next report begins another."""
        drawn, self._drawn = self._drawn, None
        if drawn is not None:
            drawn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def bar(**options: Any) -> Bar:
    """Make a callback that draws a bar, in a terminal or a notebook, for any ``progress=``.

    A bar that did not come to its end is closed by ``close()`` or the end of a ``with`` block.
    ``options`` are those of tqdm: ``file=`` draws elsewhere than on stderr, ``disable=None`` on
    terminals only.

    Raises ImportError where tqdm is not installed.
    """
    try:
        draw = import_module("tqdm.auto").tqdm
    except ImportError as error:
        raise ImportError(
            "a bar is drawn by tqdm, which is not installed: "
            'pip install "newsledger[progress]", or give a function of your own as progress=',
            name="tqdm",
        ) from error
    return Bar(draw, options)
