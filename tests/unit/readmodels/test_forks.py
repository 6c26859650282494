"""A forked child leaves its parent's read models alone."""

from __future__ import annotations

import os
import traceback

import pytest

from newsledger.errors import LedgerClosed, StoreError


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    return (
        tmp_path / "read.db"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_may_not_use_it_and_does_not_close_it(ledger, news, projection, place):
    news.record(ledger, 20)
    with ledger.materialize(projection, place, table="forked") as model:
        child = os.fork()
        if not child:
            code = 1
            try:
                for call in lambda: model.position, model.update, lambda: model.at("2015"):
                    with pytest.raises(LedgerClosed, match="again in this process"):
                        call()
                model.close()
                del model
                code = 0
            except BaseException:  # noqa: BLE001 (nothing may leave the child)
                traceback.print_exc()
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        news.record(ledger, 3)
        model.update()
        assert model.position == len(ledger)


@pytest.mark.parametrize("name", ["\0", "\ud800", 7])
def test_a_name_that_no_database_holds_is_refused(ledger, projection, into, name):
    with pytest.raises(StoreError, match="name: "):
        ledger.materialize(projection, into, name=name)


def test_a_path_that_is_none_is_refused(ledger, projection, tmp_path):
    with pytest.raises(StoreError, match="no place for a read model"):
        ledger.materialize(projection, tmp_path / "a\0b")
