"""Laws of the fold itself: what a projection does with one entry after the other."""

from __future__ import annotations

import gc
import random
import sys
import time
from datetime import date
from types import FrameType, ModuleType
from typing import Any, Self

from newsledger.engine import answer_of, is_keyed, keys_of
from newsledger.engine.fold import blamed
from newsledger.engine.sameness import copied
from newsledger.fields import shown
from newsledger.testing.laws.broken import Unlawful
from newsledger.testing.laws.case import Case, Read, grouped, states
from newsledger.testing.laws.comparing import against, alike, equal, held, plain


def never_raises(case: Case) -> None:
    """Ask everything that can be asked."""
    for view in case.views:
        try:
            plain(view.project(case.projection))
            list(view.history(case.projection))
        except Exception as error:
            raise Unlawful(f"it raised: {error}") from error


def leaves_its_arguments_alone(case: Case) -> None:
    """Look at what a handler was given before and after."""
    projection = case.projection
    for view in case.views:
        for read in grouped(projection, view.read_by(projection)).values():
            state = projection.initial()
            for entry, handler in read:
                before, told = copied(state), held(entry.report)
                try:
                    after = handler(state, entry.event, entry)
                except Exception as error:
                    raise blamed(handler, entry, error) from error
                name = handler.__name__
                if not alike(before, state):
                    raise Unlawful(
                        f"{name} was given the state {shown(before)}, and left it as {shown(state)}"
                    )
                if not equal(told, held(entry.report)):
                    raise Unlawful(f"{name} changed the entry that it was given, {entry!r}")
                state = copied(after)
            before = copied(state)
            answer_of(projection, state, view)
            if not alike(before, state):
                raise Unlawful(
                    f"result was given the state {shown(before)}, and left it as {shown(state)}"
                )


def is_pure(case: Case) -> None:
    """Watch what it calls, and do all of it twice, the second time in another order."""
    projection = case.projection
    for view in case.views[:2]:
        read = view.read_by(projection)
        with _Watch() as watch:
            groups = grouped(projection, read)
            for one in groups.values():
                answer_of(projection, states(projection, one)[-1], view)
        if watch.called:
            raise Unlawful(f"it asked {watch.called}, which is not among what it was given")
        if is_keyed(projection):
            _gives_the_same_keys(case, read)
        for one in groups.values():
            _gives_the_same_answers(case, one, view)


def _gives_the_same_keys(case: Case, read: Read) -> None:
    for entry, _ in read:
        first, second = (keys_of(case.projection, entry) for _ in range(2))
        if not alike(first, second):
            raise Unlawful(f"keys gave first and then, for {entry!r}: {against(first, second)}")


def _gives_the_same_answers(case: Case, read: Read, view: Any) -> None:
    projection = case.projection
    first = []
    state = projection.initial()
    for count in range(len(read) + 1):
        state = states(projection, read[:count])[-1]
        first.append(answer_of(projection, state, view))
    folded = states(projection, read)
    again = [answer_of(projection, state, view) for state in reversed(folded)]
    for count, (one, other) in enumerate(zip(first, reversed(again), strict=True)):
        if equal(one, other):
            continue
        if alike(one, other):
            raise Unlawful(
                f"two answers from the same {count} entries hold the same and are not equal: "
                f"{against(one, other)}; {type(one).__name__} should compare by what it holds"
            )
        raise Unlawful(f"the same {count} entries gave first and then: {against(one, other)}")


class _Watch:
    """Watch for calls that no pure function makes: of clocks, of chance, of files."""

    def __init__(self) -> None:
        self.called = ""

    def __enter__(self) -> Self:
        # Whoever collects garbage may look at the clock.
        self._collects = gc.isenabled()
        gc.disable()
        self._before = sys.getprofile()
        sys.setprofile(self._see)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)
        if self._collects:
            gc.enable()

    def _see(self, _: FrameType, what: str, called: Any) -> None:
        if what == "c_call" and not self.called:
            self.called = _told(called)


_CLOCKS = frozenset(
    {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}
)


def _told(called: Any) -> str:
    """Name a built-in function that no pure function calls; "" of others."""
    name, owner = getattr(called, "__name__", ""), getattr(called, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, date) and name in {"now", "today", "utcnow"}:
        return f"the clock ({owner.__name__}.{name})"
    if owner is time and name in _CLOCKS:
        return f"the clock (time.{name})"
    if isinstance(owner, random.Random):
        return f"for chance (random.{name})"
    if isinstance(owner, ModuleType) and name in {"urandom", "open"}:
        return "for chance (os.urandom)" if name == "urandom" else "for a file (open)"
    return ""
