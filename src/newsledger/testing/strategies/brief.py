"""Strategies that are shown by the call that makes them, not by all that they are made of."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Shown:
    """Something that Hypothesis is to show as this text, and not by what it holds."""

    def __init__(self, text: str, held: Any) -> None:
        self.text = text
        self.held = held

    def __repr__(self) -> str:
        return self.text


def brief(
    strategy: st.SearchStrategy[T], name: str, *given: Any, **more: Any
) -> st.SearchStrategy[T]:
    """Give a strategy that draws the same, and whose repr is a call with what was given, not None.

    Hypothesis shows strategies in its messages, and those here are built of hundreds of others.
    """
    told = [getattr(one, "__name__", None) or repr(one) for one in given]
    told += [f"{key}={value!r}" for key, value in more.items() if value is not None]
    return _drawn(Shown(f"{name}({', '.join(told)})", strategy))


@st.composite
def _drawn(draw: st.DrawFn, call: Shown) -> Any:
    return draw(call.held)
