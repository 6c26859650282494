"""Tokens: a view as a text to cite, from which the same ledger makes the same view again."""

from __future__ import annotations

import re
from typing import cast

import attrs

from newsledger.engine import Dates
from newsledger.errors import InvalidWhen, WrongLedger
from newsledger.when import FOREVER, Forever, When

_TOKEN = re.compile(
    r"nl1_(?P<ledger>[0-9a-f-]{36})_(?P<position>[0-9]{1,18})"
    r"_(?P<valid>[^_]+)_(?P<known>[^_]+)_(?P<dates>certain|possible)"
)
_FOR_EVER = "ever"


@attrs.frozen
class Token:
    """What a token says."""

    ledger: str
    position: int
    valid_at: When | Forever
    known_at: When | Forever
    dates: Dates


def write_token(token: Token) -> str:
    """Write a token: ASCII without blanks, the points as EDTF."""
    valid, known = (_FOR_EVER if p is FOREVER else str(p) for p in (token.valid_at, token.known_at))
    return f"nl1_{token.ledger}_{token.position}_{valid}_{known}_{token.dates}"


def read_token(text: str) -> Token:
    """Read a token; WrongLedger where it is none."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise WrongLedger(f"{text!r} is no token of a view: take view.token as it is")
    try:
        valid, known = (
            FOREVER if p == _FOR_EVER else When(p) for p in found.group("valid", "known")
        )
    except InvalidWhen as error:
        raise WrongLedger(f"{text!r} is no token of a view: {error}") from error
    return Token(
        found["ledger"], int(found["position"]), valid, known, cast("Dates", found["dates"])
    )
