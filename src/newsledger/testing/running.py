"""Running properties, a few examples at each change and many in a campaign."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

Property: TypeAlias = Callable[[st.DataObject], None]


def prop(examples: int, *, campaign: int = 1000) -> Callable[[Property], Callable[[], None]]:
    """Make a function of drawn ``data`` a test of some examples, and one of many for campaigns.

    The second has the name of the first with ``_at_length`` and the mark ``campaign``.
    """

    def decorate(test: Property) -> Callable[[], None]:
        def at_length(data: st.DataObject) -> None:
            test(data)

        name = f"{test.__name__}_at_length"
        at_length.__name__ = at_length.__qualname__ = name
        at_length.__module__ = test.__module__
        test.__globals__[name] = pytest.mark.campaign(_run(at_length, campaign))
        return _run(test, examples)

    return decorate


def _run(test: Property, examples: int) -> Callable[[], None]:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    chosen = settings(max_examples=examples, deadline=None, suppress_health_check=checks)
    run: Callable[[], None] = chosen(given(st.data())(test))
    return run
