"""What only a UmaDB server does: addresses, fences, what it cannot take, and who else is there."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from newsledger import Ledger, MembershipStarted, Report, Source
from newsledger.errors import CorruptEntry, LedgerClosed, StoreError
from newsledger.store import (
    AppendCondition,
    BatchTooLarge,
    ConditionFailed,
    Query,
    QueryItem,
    StoredEvent,
    open_recorder,
)

umadb = pytest.importorskip("umadb", reason="the extra umadb is not installed: umadb is missing")

EVENT = StoredEvent("T", b"data", ["a"])
SOURCE = Source("The Daily Example", "2017-02-28")


def joined(member):
    return MembershipStarted(organization="EEU", member=member, occurred="2015-08-12")


@pytest.fixture
def raw(umadb_server):
    """The bare client, by which another program would come."""
    return umadb.Client(umadb_server.url.replace("umadb", "http"))


@pytest.fixture
def recorder(umadb_server):
    with open_recorder(umadb_server.url) as recorder:
        yield recorder


def positions(found):
    return [one.position for one in found]


# -- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("umadb://", "names no host"),
        ("umadb://:50051", "names no host"),
        ("umadb://localhost:port", "cannot be read"),
        ("umadb://localhost:99999", "cannot be read"),
        ("umadb://localhost/news", "'/news'.*just one ledger"),
        ("umadb://localhost?sslmode=1", "no parameter 'sslmode'"),
        ("umadb://localhost?tls=yes", "tls is 0 or 1"),
        ("umadb://localhost?ca=/no/such/file.pem", "'/no/such/file.pem' cannot be read: No such"),
        (f"umadb://localhost?ca={__file__}", "no certificate"),
        ("umadb://sesame@localhost", "without TLS"),
    ],
)
def test_addresses_that_cannot_be_are_refused_before_anything_is_asked(url, words):
    with pytest.raises(StoreError, match=words) as caught:
        open_recorder(url)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(("given", "word"), [("mode", "w"), ("durability", "most")])
def test_unknown_modes_and_durabilities_are_refused(given, word):
    with pytest.raises(StoreError, match=repr(word)) as caught:
        open_recorder("umadb://localhost:1", **{given: word})
    assert isinstance(caught.value, ValueError)


def test_nobody_there_is_said_with_an_errno():
    with pytest.raises(StoreError, match=r"umadb://127\.0\.0\.1:1 cannot be reached") as caught:
        open_recorder("umadb://127.0.0.1:1")
    assert caught.value.errno == errno.ECONNREFUSED


def test_without_the_client_the_extra_is_named(run):
    code = (
        "import sys; sys.modules['umadb'] = None\n"
        "from newsledger import Ledger\n"
        "try: Ledger.open('umadb://localhost')\n"
        "except OSError as error: print(error)\n"
    )
    process = run(code)
    out, err = process.communicate()
    assert 'pip install "newsledger[umadb]"' in out, err


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key, and a certificate for localhost that it signs itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is missing, which makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(cert)]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command, *files, *name, "-addext", "basicConstraints=critical,CA:FALSE"],
        check=True,
        capture_output=True,
    )
    return key, cert


def test_tls_and_the_key_are_passed_on(start_umadb, certificate):
    key, cert = certificate
    options = ["--tls-cert", str(cert), "--tls-key", str(key), "--api-key", "open:sesame"]
    with start_umadb(*options) as server:
        place = f"localhost:{server.port}?ca={cert}"
        with open_recorder(f"umadb://open:sesame@{place}") as recorder:
            assert recorder.append([EVENT]) == 1
            assert "sesame" not in repr(recorder)
        with pytest.raises(StoreError, match="does not accept the API key") as caught:
            open_recorder(f"umadb://open:poppy@{place}")
        assert caught.value.errno == errno.EACCES
        assert "poppy" not in str(caught.value)
        with pytest.raises(StoreError, match="cannot be reached"):
            open_recorder(f"umadb://localhost:{server.port}")


# -- who else is there ---------------------------------------------------------------------------


def test_another_programs_server_is_refused_and_left_as_it_was(umadb_server, raw):
    raw.append([umadb.Event("Theirs", b"x" * 100_000, ["a"])])
    for mode in "a", "r", "r+", "x":
        with pytest.raises(StoreError, match="mode 'x'" if mode == "x" else "'Theirs'.*left as"):
            open_recorder(umadb_server.url, mode=mode)
    assert raw.head() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"identity": "x", "created": "x", "schema": 2}', "newer newsledger.*schema 2"),
        (b"{}", "does not say which ledger it is"),
        (b"\xff", "does not say which ledger it is"),
    ],
)
def test_a_certificate_that_is_not_ours_is_refused(umadb_server, raw, data, words):
    raw.append([umadb.Event("newsledger:ledger", data, [])])
    with pytest.raises(StoreError, match=words):
        open_recorder(umadb_server.url)


def test_an_event_that_is_not_what_was_recorded_is_corrupt(recorder, raw):
    recorder.append([EVENT])
    [mine] = raw.read(start=2)
    assert mine.event.metadata.keys() == {"crc32"}
    raw.append([umadb.Event("T", b"Data", ["a"], metadata=mine.event.metadata)])
    raw.append([umadb.Event("T", b"data", ["a"])])
    raw.append([umadb.Event("T", b"data", ["a"], metadata={**mine.event.metadata, "tags": "x"})])
    reading = recorder.read()
    assert next(reading).position == 1
    for position in 2, 3, 4:
        with pytest.raises(CorruptEntry) as caught:
            list(recorder.read(after=position - 1))
        assert caught.value.position == position
    with pytest.raises(CorruptEntry):
        list(recorder.rows())


def test_a_server_that_other_programs_write_to_is_told_of(recorder, raw):
    recorder.append([EVENT])
    raw.append([umadb.Event("Theirs", b"", [])])
    with pytest.raises(StoreError, match="another program writes to it"):
        recorder.append([EVENT])


# -- one behind the other ------------------------------------------------------------------------


def test_a_race_is_lost_to_a_large_event_as_to_any_other(umadb_server, recorder):
    """The server would break the connection rather than say which event its condition met."""
    with open_recorder(umadb_server.url) as other:
        other.append([StoredEvent("T", b"x" * 1_000_000, ["a"])])
        for condition in AppendCondition(after=0), AppendCondition(Query([QueryItem(tags=["a"])])):
            with pytest.raises(ConditionFailed):
                recorder.append([EVENT], condition)
        assert recorder.append([EVENT], AppendCondition(Query([QueryItem(tags=["b"])]))) == 2
        assert other.append([EVENT], AppendCondition(Query([QueryItem(tags=["a"])]), after=2)) == 3


def test_a_fence_without_its_events_is_passed(recorder, raw):
    recorder.append([EVENT])
    last = raw.get_tracking_info("newsledger")
    for fence in last + 1, last + (5 << 20):
        raw.append([], None, umadb.TrackingInfo("newsledger", fence))
        for _ in range(3):
            recorder.append([EVENT], AppendCondition(after=recorder.head()))
    assert positions(recorder.read()) == list(range(1, 8))


def test_it_gives_up_when_others_never_rest(umadb_server, monkeypatch):
    monkeypatch.setattr("newsledger.store.uma.recorder.append_after", lambda *_: None)
    recorder = open_recorder(umadb_server.url)
    recorder._timeout = 0.01
    with recorder, pytest.raises(StoreError, match=r"for 0\.01 seconds.*nothing of this"):
        recorder.append([EVENT])


# -- what it cannot take -------------------------------------------------------------------------


def test_more_than_it_takes_at_once_is_refused_whole(recorder):
    big = StoredEvent("T", b"x" * 1_500_000, ["a"])
    with pytest.raises(BatchTooLarge, match=r"at most 4 MB at once.*4\.5 MB") as caught:
        recorder.append([big] * 3)
    assert 0.8 < caught.value.part < 0.9
    assert recorder.head() == 0
    assert recorder.append([big] * 2) == 2


def test_more_tags_than_it_takes_are_refused_with_their_batch(recorder):
    many = StoredEvent("T", b"", [f"{n:040}" for n in range(200)])
    with pytest.raises(StoreError, match="so many tags") as caught:
        recorder.append([EVENT, many, EVENT])
    assert isinstance(caught.value, ValueError)
    assert recorder.head() == 0
    assert recorder.append([EVENT]) == 1


def test_a_load_goes_in_parts_that_the_server_takes(umadb_server):
    reports = [Report(joined(f"M{n}"), SOURCE, note="x" * 400_000) for n in range(25)]
    with Ledger.open(umadb_server.url) as ledger:
        with pytest.raises(StoreError, match="append fewer at a time"):
            ledger.extend(reports)
        assert len(ledger) == 0
        told = []
        done = ledger.load(reports, batch=20, progress=lambda so_far: told.append(so_far.recorded))
        assert (done.recorded, told) == (25, [20, 25])
        assert [entry.ordinal for entry in ledger.entries()] == list(range(1, 26))
        with pytest.raises(StoreError, match="append fewer at a time"):
            ledger.load([Report(joined("X"), SOURCE, note="x" * 4_500_000)])
        assert len(ledger) == 25


LONG = ["é" * 33, "x" * 65, "sha256:", "sha256:" + "x" * 22, "\U0010ffff" * 17]
SHORT = ["é" * 32, "x" * 64, "\U0010ffff" * 16, "sha256"]


def test_long_tags_are_filed_by_their_digests(recorder, raw):
    recorder.append([StoredEvent("T", b"\xff{}", [tag]) for tag in LONG + SHORT])
    filed = [found.event.tags[0] for found in raw.read(start=2)]
    assert filed[len(LONG) :] == SHORT
    assert all(len(tag) == 29 and tag.startswith("sha256:") for tag in filed[: len(LONG)])
    assert [found.event.tags for found in recorder.read()] == [[tag] for tag in LONG + SHORT]
    assert {found.event.data for found in recorder.read()} == {b"\xff{}"}
    for position, tag in enumerate(LONG + SHORT, 1):
        assert positions(recorder.read(Query([QueryItem(tags=[tag])]))) == [position]
    # What it is filed as is another tag.
    assert positions(recorder.read(Query([QueryItem(tags=[filed[0]])]))) == []
    assert [json.loads(tags) for _, _, tags in recorder.rows()] == [[tag] for tag in LONG + SHORT]


# -- reading -------------------------------------------------------------------------------------


def test_rows_that_lie_apart_are_read_apart(recorder):
    recorder.append([StoredEvent("T", b"%d" % n, []) for n in range(1, 1001)])
    for wanted in ([], [1], [1000], [1, 2, 500, 510, 574, 575, 640, 1000], list(range(1, 1001))):
        assert [int(data) for _, data, _ in recorder.rows_at(wanted)] == wanted


def test_counts_are_brought_up_to_date_and_not_counted_twice(umadb_server, recorder):
    with open_recorder(umadb_server.url) as other:
        for number in range(40):
            other.append([StoredEvent("T", b"", [f"p{number % 20}:x", "q:a"])])
            assert dict(recorder.tag_counts("q:")) == {"q:a": number + 1}
            # More prefixes than are kept.
            for prefix in range(20):
                found = dict(recorder.tag_counts(f"p{prefix}:"))
                assert sum(found.values()) == sum(n % 20 == prefix for n in range(number + 1))
        assert dict(recorder.tag_counts()) == {f"p{n}:x": 2 for n in range(20)} | {"q:a": 40}
        other.append([EVENT])
        assert list(recorder.tag_counts("p1")) == [(f"p{n}:x", 2) for n in (*range(10, 20), 1)]


# -- the end -------------------------------------------------------------------------------------


def test_a_server_that_goes_away_is_told_of_and_waited_for(umadb_server, recorder):
    recorder.append([EVENT] * 3000)
    halfway = recorder.read()
    next(halfway)
    watch = recorder.changes()
    umadb_server.kill()
    for call in (
        recorder.head,
        lambda: list(halfway),
        lambda: watch.wait(3000, 5),
        lambda: list(recorder.rows()),
        lambda: next(recorder.subscribe()),
    ):
        with pytest.raises(StoreError, match="cannot be reached; try again"):
            call()
    with pytest.raises(StoreError, match="whether this was recorded is not known"):
        recorder.append([EVENT])
    umadb_server.start()
    assert _when_back(recorder.head) == 3000
    assert recorder.append([EVENT]) == 3001
    assert positions(recorder.read()) == list(range(1, 3002))


def _when_back(call):
    """The client learns with a call or two that the server is back."""
    for _ in range(1000):
        try:
            return call()
        except StoreError as error:
            last = error
    raise last


def test_a_killed_server_loses_nothing_acknowledged(umadb_server, recorder):
    for round_ in range(1, 4):
        for number in range(1, 30):
            assert recorder.append([EVENT] * 2) % 2 == 0, number
        umadb_server.kill()
        umadb_server.start()
        assert _when_back(recorder.head) == 58 * round_
        assert positions(recorder.read()) == list(range(1, 58 * round_ + 1))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads in /proc")
def test_a_closed_recorder_leaves_no_thread(umadb_server):
    def tasks():
        return len(list(Path("/proc/self/task").iterdir()))

    before, named = tasks(), threading.active_count()
    for _ in range(5):
        with open_recorder(umadb_server.url) as recorder:
            recorder.append([EVENT] * 2000)
            halfway = recorder.read()
            next(halfway)
            subscription = recorder.subscribe()
            assert next(subscription).position == 1
        with pytest.raises(LedgerClosed):
            list(halfway)
        assert list(subscription) == []
        del halfway
    assert threading.active_count() == named
    # A thread that has ended is listed a moment longer.
    for _ in range(100_000):
        if tasks() <= before:
            return
    pytest.fail(f"{tasks()} threads, {before} before")


FORKS = """
import gc, os, sys, warnings
warnings.simplefilter("ignore")
from newsledger.store import StoredEvent, open_recorder
recorder = open_recorder(sys.argv[1])
recorder.append([StoredEvent("T", b"data", ["a"])] * 3000)
halfway = recorder.read()
next(halfway)
child = os.fork()
if child == 0:
    del recorder, halfway
    gc.collect()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(sum(1 for _ in halfway), recorder.head())
recorder.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_exits_in_the_ordinary_way_is_held_up_by_nothing(umadb_server, run):
    process = run(FORKS, umadb_server.url)
    out, err = process.communicate(timeout=60)
    assert out.split() == ["2999", "3000"], err
