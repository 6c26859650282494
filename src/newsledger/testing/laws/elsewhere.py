"""Laws of elsewhere: another process, another copy."""

from __future__ import annotations

import copy
import io
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from newsledger.engine import Projection
from newsledger.testing.laws.broken import Unlawful
from newsledger.testing.laws.case import Case, by_hand
from newsledger.testing.laws.comparing import against, alike, plain
from newsledger.testing.stories import Story

SEEDS = ("1", "2")
_PATIENCE = 60


def travels(case: Case) -> None:
    """Let each state be copied, and pickled, on its way from one handler to the next."""
    for view in case.views[:2]:
        expected = by_hand(case.projection, view)
        for name, passed in (("copied", copy.deepcopy), ("pickled", _pickled)):
            answer = by_hand(case.projection, view, _trying(name, passed))
            if not alike(answer, expected) and case.stable(view):
                raise Unlawful(
                    f"with states as they are, and {name} between handlers, it said: "
                    f"{against(expected, answer)}"
                )


def _trying(name: str, passed: Any) -> Any:
    def tried(state: Any) -> Any:
        try:
            return passed(state)
        except Exception as error:
            raise Unlawful(f"the state {state!r} cannot be {name}: {error}") from error

    return tried


class _Pickler(pickle.Pickler):
    """Pickles classes by name only, so that those of a test or a notebook can be pickled too."""

    def __init__(self, file: io.BytesIO, classes: dict[str, type]) -> None:
        super().__init__(file)
        self._classes = classes

    def persistent_id(self, value: Any) -> str | None:
        if not isinstance(value, type):
            return None
        name = f"{value.__module__}.{value.__qualname__}-{id(value)}"
        self._classes[name] = value
        return name


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, classes: dict[str, type]) -> None:
        super().__init__(file)
        self._classes = classes

    def persistent_load(self, name: Any) -> type:
        return self._classes[name]


def _pickled(state: Any) -> Any:
    file, classes = io.BytesIO(), dict[str, type]()
    _Pickler(file, classes).dump(state)
    file.seek(0)
    return _Unpickler(file, classes).load()


# -- another process -----------------------------------------------------------------------------


def is_the_same_elsewhere(case: Case) -> None:
    """Ask in processes in which sets are in other orders."""
    for _, seen in different(case.projection, [case.story]):
        raise Unlawful(seen)


def different(projection: Projection[Any], stories: Sequence[Story]) -> Iterable[tuple[Story, str]]:
    """Give the stories of which other processes tell something else, and what.

    None where the projection, or an event, cannot be sent: its class lives in a function or a
    script.
    """
    here = [answers(projection, story) for story in stories]
    for there in _asked_elsewhere(projection, stories):
        for story, ours, theirs in zip(stories, here, there, strict=True):
            pairs = zip(ours, map(_read, theirs), strict=True)
            for one, (told, other) in pairs:
                if told and not alike(one, other):
                    yield story, f"here and in another process it said: {against(one, other)}"
                    break


def answers(projection: Projection[Any], story: Story) -> list[Any]:
    """Give the answers at the points of a case; one that raises gives None."""
    case, given = Case(projection, story), []
    try:
        for view in case.views:
            try:
                given.append(plain(view.project(projection)))
            except Exception:  # noqa: BLE001 (another law is broken)
                given.append(None)
    finally:
        case.close()
    return given


def _read(told: bytes | None) -> tuple[bool, Any]:
    return (False, None) if told is None else (True, pickle.loads(told))  # noqa: S301 (our own)


def _asked_elsewhere(
    projection: Projection[Any], stories: Sequence[Story]
) -> list[list[list[bytes | None]]]:
    try:
        told = pickle.dumps((projection, list(stories)))
    except Exception:  # noqa: BLE001 (its class cannot be found by name)
        return []
    kinds = {type(projection), *(type(e) for e in _events(stories))}
    homes = {kind.__module__: _file(kind) for kind in kinds}
    if "__main__" in homes:
        return []
    given = pickle.dumps((sys.path, homes, told))
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "newsledger.testing.laws.elsewhere"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for seed in SEEDS
    ]
    outputs = [process.communicate(given, timeout=_PATIENCE)[0] for process in started]
    return [pickle.loads(output) for output in outputs if output]  # noqa: S301 (our own)


def _events(stories: Sequence[Story]) -> Iterable[Any]:
    for story in stories:
        for step in story:
            report = getattr(step, "report", None)
            event = getattr(report or step, "event", None)
            if event is not None:
                yield event


def _file(kind: type) -> str | None:
    return getattr(sys.modules.get(kind.__module__), "__file__", None)


def _answer() -> None:
    """Answer what another process asks: what `_asked_elsewhere` starts."""
    import importlib.util  # noqa: PLC0415 (needed here alone)

    path, homes, told = pickle.load(sys.stdin.buffer)  # noqa: S301 (our parent's)
    sys.path[:] = path
    for name, file in homes.items():
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            spec = importlib.util.spec_from_file_location(name, file)
            if spec is None or spec.loader is None:
                raise
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
    projection, stories = pickle.loads(told)  # noqa: S301
    given = [[_dumped(one) for one in answers(projection, story)] for story in stories]
    sys.stdout.buffer.write(pickle.dumps(given))


def _dumped(answer: Any) -> bytes | None:
    try:
        return pickle.dumps(answer)
    except Exception:  # noqa: BLE001 (it cannot be told, so nobody can compare it)
        return None


if __name__ == "__main__":
    _answer()
