"""Specs: what a record knows of each field, and when a value is surely one that it holds."""

from __future__ import annotations

from typing import Any

import attrs

from newsledger.fields.kinds import CONDITIONS, Kind

SPEC = "newsledger"


@attrs.frozen
class Spec:
    """What :func:`record` knows of a field beyond attrs: its kind, limits and stored name."""

    kind: Kind
    at_least: int = 0
    distinct: bool = False
    choices: tuple[str, ...] = ()
    wire: str | None = None

    @property
    def limited(self) -> bool:
        """Whether the field refuses some of what its kind takes."""
        return bool(self.at_least or self.choices)


def spec_of(attribute: attrs.Attribute[Any]) -> Spec:
    """Look up the spec of a record's field."""
    spec = attribute.metadata[SPEC]
    assert isinstance(spec, Spec)  # noqa: S101 (every field of a record went through the transformer)
    return spec


def surely(spec: Spec, value: str, number: int = 0) -> str:
    """Write the condition under which the field would hold the very object it is given.

    It is source text about the variable ``value``, and cheap. Where it is false nothing is
    known, and the field's own check decides. ``number`` tells apart fields in one piece of code.
    """
    condition = spec.kind.surely.format(value, number)
    if not condition:
        return "False"
    if spec.choices:
        condition += f" and {value} in choices_{number}"
    if spec.at_least:
        counted = f"set({value})" if spec.distinct else value
        condition += f" and len({counted}) >= {spec.at_least}"
    return f"{value} is None or ({condition})" if spec.kind.optional else condition


def names_in(spec: Spec, number: int = 0) -> dict[str, Any]:
    """Give what the names in a condition stand for."""
    return {
        **CONDITIONS,
        f"held_{number}": spec.kind.held,
        f"every_{number}": spec.kind.every,
        f"choices_{number}": spec.choices,
    }
