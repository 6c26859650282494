"""What a question about one entity costs as the ledger grows.

Run it with ``python tests/benchmarks/one_entity.py``. Two ledgers, of 10,000 and of 100,000
entries, hold 200 entries about each organisation. They are asked in turn, in one run, so that a
noisy machine slows both; answers are compared with a fold over everything first.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from newsledger import Ledger, MembershipStarted, Projection, Report, Source, on

SIZES = (10_000, 100_000)
PER_ORGANIZATION = 200
REPETITIONS = 40


class Members(Projection[frozenset[str]]):
    def __init__(self, organization, *, everything=False):
        self.organization = organization
        self.everything = everything

    def about(self):
        return () if self.everything else self.organization

    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state | {event.member} if event.organization == self.organization else state


def reports(size):
    rng = random.Random(2017)
    for number in range(size):
        yield Report(
            MembershipStarted(
                organization=f"ORG{number % (size // PER_ORGANIZATION)}",
                member=f"M{rng.randrange(500)}",
                occurred=f"20{rng.randrange(10, 20)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}",
            ),
            Source("A", f"202{rng.randrange(5)}-01-01", url=f"https://example.org/{number % 5000}"),
        )


def main():
    with tempfile.TemporaryDirectory() as folder:
        ledgers = {}
        for size in SIZES:
            ledgers[size] = Ledger.open(Path(folder) / f"{size}.db", durability="normal")
            done = ledgers[size].load(
                reports(size), progress=lambda d, size=size: print(f"  {d.total:,} of {size:,}")
            )
            print(f"{done.recorded:,} entries")
        for ledger in ledgers.values():
            view = ledger.as_of("2021")
            assert view.project(Members("ORG7")) == view.project(Members("ORG7", everything=True))
        cold = {size: [] for size in SIZES}
        warm = {size: [] for size in SIZES}
        for number in range(REPETITIONS):
            for size, ledger in ledgers.items():
                for times in (cold, warm):
                    start = time.perf_counter()
                    ledger.as_of("2021").project(Members(f"ORG{number}"))
                    times[size].append(time.perf_counter() - start)
        for name, times in (("cold", cold), ("warm", warm)):
            small, large = (statistics.median(times[size]) * 1000 for size in SIZES)
            print(
                f"{name}: {small:.2f} ms at 10k, {large:.2f} ms at 100k, ratio {large / small:.2f}"
            )
        for ledger in ledgers.values():
            ledger.close()


if __name__ == "__main__":
    main()
