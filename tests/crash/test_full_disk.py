"""A full disk refuses what does not fit, and nothing else; when there is room, work goes on."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsledger import Ledger
from newsledger.errors import StoreError

SIZE = 6 << 20
KIB = 1 << 10
OLD = Path(__file__).parents[1] / "corpus" / "v1" / "ledger.db"
FEW, MORE = (0, 40 * KIB), [*range(0, 100 * KIB, 4 * KIB), *range(100 * KIB, 900 * KIB, 50 * KIB)]
NAMES = pytest.mark.parametrize(
    "name", ["append", "heavy", "correct", "retract", "digest", "update"]
)


class Disk:
    """A small file system that can be filled up and freed."""

    def __init__(self, folder):
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, room=0):
        """Fill it, but for so many bytes."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        os.truncate(self._filler, max(self._filler.stat().st_size - room, 0))

    def free(self):
        self._filler.unlink()

    def clear(self):
        for file in self.folder.iterdir():
            file.unlink()


@contextmanager
def mounted(size):
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root, to mount a small file system")
    with tempfile.TemporaryDirectory(prefix="newsledger-disk-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "newsledger", name]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("no file system may be mounted here")
        try:
            yield Disk(Path(name))
        finally:
            subprocess.run(["umount", "-l", name], check=True)


@pytest.fixture
def disk():
    with mounted(SIZE) as made:
        yield made


@pytest.fixture(scope="module")
def base(tmp_path_factory, working):
    """Ledgers to begin with: a small one, and one that has a tile's entries but no tile."""
    folder = tmp_path_factory.mktemp("base")
    for name, count in ("few", 1), ("many", 9):
        with Ledger.open(folder / name, durability="normal") as ledger:
            for number in range(count):
                ledger.extend(working.together(random.Random(number), f"7.{number}", 100))
    return folder


def refusal(do, *given):
    """Do what may not fit; give what it was refused with, if it was."""
    try:
        do(*given)
    except StoreError as error:
        return error
    return None


def opened(news, mode="a"):
    Ledger.open(news, mode=mode).close()


def check_refusal(error):
    assert error.errno == errno.ENOSPC
    assert "disk is full" in str(error)
    assert "make room" in str(error)


def refused(disk, base, working, checking, name, rooms):
    """Do a step on disks with ever more room; count the refusals."""
    count = 0
    projection = working.LatestStatus()
    for room in rooms:
        news, read = disk.folder / "news.db", disk.folder / "read.db"
        shutil.copy(base / ("many" if name == "digest" else "few"), news)
        told = checking.Told()
        with Ledger.open(news) as ledger, ledger.materialize(projection, read, batch=99) as model:
            for before, step in working.plan(3, short=True):
                if before == name:
                    break
                # What is corrected and retracted later is recorded first.
                told.hear({"step": before, "recorded": step(ledger, model)})
            head = ledger.position
            disk.fill(room)
            if error := refusal(step, ledger, model):
                count += 1
                check_refusal(error)
                assert ledger.position == head
            # Whoever reads needs no room.
            assert ledger.verify()
            checking.check(news, told)
            disk.free()
            told.hear({"step": name, "recorded": step(ledger, model)})
            model.update()
        checking.check(news, told)
        checking.check_model(news, read, projection)
        if name == "digest":
            checking.check_tiles(news)
        disk.clear()
    return count


@NAMES
def test_what_does_not_fit_is_refused_and_done_when_there_is_room(
    disk, base, working, checking, name
):
    # A digest is given all the same; its tile is kept another time.
    assert bool(refused(disk, base, working, checking, name, FEW)) == (name != "digest")


@pytest.mark.campaign
@NAMES
def test_what_does_not_fit_is_refused_at_length(disk, base, working, checking, name):
    assert bool(refused(disk, base, working, checking, name, MORE)) == (name != "digest")


@pytest.mark.parametrize("room", [0, 64 * KIB])
def test_a_load_keeps_the_batches_that_fit_and_is_run_again(disk, working, checking, room):
    news = disk.folder / "news.db"
    told = checking.Told()
    load = dict(working.plan(5))["load"]
    with Ledger.open(news) as ledger:
        disk.fill(room)
        check_refusal(refusal(load, ledger, None))
        assert ledger.position % 125 == 0
        checking.check(news, told)
        disk.free()
        told.hear({"step": "load", "recorded": load(ledger, None)})
        assert ledger.position == 500
    checking.check(news, told)


@pytest.mark.parametrize("room", FEW)
def test_what_was_recorded_stays_when_it_is_closed_on_a_full_disk(disk, working, checking, room):
    """To close folds the -wal file into the ledger, for which there may be no room."""
    news = disk.folder / "news.db"
    told = checking.Told()
    with Ledger.open(news) as ledger:
        for name, do in working.plan(4, short=True):
            if name != "update":
                told.hear({"step": name, "recorded": do(ledger, None)})
        disk.fill(room)
    for mode in "r", "a":
        checking.check(news, told, mode=mode)
    disk.free()
    checking.check(news, told, mode="a")


def test_what_could_not_be_made_can_be_made_when_there_is_room(disk, working, checking):
    news, count = disk.folder / "news.db", 0
    for room in range(0, 112 * KIB, 16 * KIB):
        for mode in "a", "x":
            disk.fill(room)
            if error := refusal(opened, news, mode):
                count += 1
                check_refusal(error)
                if mode == "x":
                    with pytest.raises(StoreError, match=r"exists already.*mode 'a'"):
                        Ledger.open(news, mode=mode)
            disk.free()
            told = checking.Told()
            with Ledger.open(news) as ledger:
                _, extend = next(working.plan(4, short=True))
                told.hear({"step": "extend", "recorded": extend(ledger, None)})
            checking.check(news, told)
            disk.clear()
    assert count > 5


def test_what_could_not_be_migrated_stays_as_it_was(disk, checking):
    news, count = disk.folder / "news.db", 0
    told = checking.Told()
    for room in range(0, 96 * KIB, 16 * KIB):
        shutil.copy(OLD, news)
        disk.fill(room)
        if error := refusal(opened, news):
            count += 1
            check_refusal(error)
        disk.free()
        for mode in "r", "a":
            assert checking.check(news, told, mode=mode, before=26) == 26
        disk.clear()
    assert count > 1


@pytest.mark.campaign
def test_a_server_whose_disk_is_full_refuses_and_goes_on(start_postgres, working, checking):
    told = checking.Told()
    with mounted(40 * SIZE) as disk:
        # Not only its owner is to reach the server.
        disk.folder.chmod(0o755)
        with start_postgres(disk.folder) as server:
            url = server.url("ledger")
            with Ledger.open(url) as ledger:
                plan = [(name, do) for name, do in working.plan(4, short=True) if name != "update"]
                for name, do in plan[:3]:
                    told.hear({"step": name, "recorded": do(ledger, None)})
                head = ledger.position
                disk.fill()
                heavy = working.together(random.Random(1), "4.99", 50, 8000)
                check_refusal(refusal(ledger.extend, heavy))
                assert ledger.position == head
                checking.check(url, told)
                disk.free()
                assert len(ledger.extend(heavy)) == 50
                for name, do in plan:
                    told.hear({"step": name, "recorded": do(ledger, None)})
            checking.check(url, told)
