"""A directive that writes the vocabulary from the catalogue of event types.

``{vocabulary}`` gives a section for each type that newsledger itself registers: what it means, its
wire name, and its fields with what they hold.
"""

# ruff: noqa: INP001 (Sphinx finds it by its folder)
from __future__ import annotations

import inspect
import types
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from newsledger.events import CATALOGUE, EventType
from newsledger.fields import fields_of, spec_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def held(kind: Any) -> str:
    """Name the type that a field holds, as short as it can be read."""
    if kind is type(None):
        return "None"
    origin, args = get_origin(kind), get_args(kind)
    if origin is types.UnionType or (origin and "Union" in str(origin)):
        return " or ".join(held(arg) for arg in args)
    if origin is tuple:
        return f"tuple of {held(args[0])}"
    return str(getattr(kind, "__name__", kind))


def default(attribute: attrs.Attribute[Any]) -> str:
    """Tell what a field holds unless it is given."""
    if not attribute.init:
        return "not given"
    if attribute.default is attrs.NOTHING:
        return "required"
    return f"`{attribute.default!r}`"


def row(known: EventType, attribute: attrs.Attribute[Any]) -> tuple[str, ...]:
    """Tell of one field: its name, type, roles, default and limits."""
    spec = spec_of(attribute)
    roles = []
    if spec.kind.entity:
        roles.append("entity")
    if spec.kind.reference:
        roles.append("reference")
    if attribute.name in known.identity:
        roles.append("identity")
    limits = []
    if spec.choices:
        limits.append("one of " + ", ".join(spec.choices))
    elif spec.at_least and spec.kind.many:
        limits.append(f"{spec.at_least} or more{' different' if spec.distinct else ''}")
    elif spec.at_least:
        limits.append("not empty")
    return (
        f"`{attribute.name}`",
        held(spec.kind.held),
        ", ".join(roles),
        default(attribute),
        "; ".join(limits),
    )


def told(known: EventType) -> list[str]:
    """Write one type as Markdown."""
    own = [a for a in fields_of(known.cls) if a.name != "occurred"]
    occurred = [a for a in fields_of(known.cls) if a.name == "occurred"]
    rows = [
        ("field", "holds", "role", "default", "limits"),
        ("---",) * 5,
        *(row(known, a) for a in (*own, *occurred)),
    ]
    return [
        *inspect.cleandoc(known.cls.__doc__ or "").splitlines(),
        "",
        f"Wire name `{known.name}`, version {known.version}.",
        "",
        *("| " + " | ".join(cells) + " |" for cells in rows),
        "",
    ]


class Vocabulary(SphinxDirective):
    """Tell of all types that newsledger registers, in the order of their wire names."""

    def run(self) -> list[nodes.Node]:
        """Make a section for each type."""
        sections: list[nodes.Node] = []
        for known in CATALOGUE:
            if not known.cls.__module__.startswith("newsledger."):
                continue
            name = known.cls.__name__
            section = nodes.section(ids=[nodes.make_id(name)], names=[name.lower()])
            section += nodes.title(text=name)
            self.state.nested_parse(
                StringList(told(known), source="the catalogue of event types"),
                self.content_offset,
                section,
            )
            sections.append(section)
        return sections


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("vocabulary", Vocabulary)
    return {"version": "1", "parallel_read_safe": True}
