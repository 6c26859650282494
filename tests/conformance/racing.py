"""Several processes that record the same things in one ledger, at the same moments.

`race(url)` runs in any test; the processes are this file, started as a script with the url.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise

from newsledger import AppendConflict, Ledger, MembershipStarted, Projection, Source, on

PROCESSES = 8
STAGGER = 0.02  # seconds; a step of a round takes some milliseconds
SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")


def joined(member, organization="EEU"):
    return MembershipStarted(organization=organization, member=member, occurred="2015-08-12")


class Members(Projection[frozenset[str]]):
    def __init__(self, organization):
        self.organization = organization

    def about(self):
        return self.organization

    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state | {event.member}


# -- one of the processes ------------------------------------------------------------------------


def take_part(ledger, name, number, base):
    """Do what everybody does in a round, and tell what came of it."""
    same = ledger.append(joined(f"same {number}"), SOURCE)
    batch = [joined(f"same {number}"), joined(f"{name} {number}"), joined(f"shared {number}")]
    known, own, shared = ledger.extend(batch, SOURCE)
    correction = ledger.correct(same, joined(f"corrected by {name}"))
    won = _expecting(ledger, name, f"ORG {number}", base)
    # Whoever is told that it holds must have recorded it, though all say the same.
    claimed = _expecting(ledger, "the chair", f"CLUB {number}", base)
    return {
        "same": [same.position, known.position],
        "own": own.position,
        "shared": shared.position,
        "correction": correction.position,
        "won": won,
        "claimed": claimed,
    }


def _expecting(ledger, member, organization, base):
    """Give the position at which it was recorded, None where somebody else was faster."""
    question = ledger.as_of("2020", recorded_at=base).question(Members(organization))
    try:
        return ledger.append(joined(member, organization), SOURCE, expecting=question).position
    except AppendConflict:
        return None


def look(ledger):
    """Tell all that a reader sees, in its order."""
    entries = [[e.position, str(e.id), str(e.amends), e.kind] for e in ledger.entries()]
    corrected = {
        # Without one that amends it, an entry is not looked at.
        str(entry.id): [str(one.id) for one in ledger.chain(entry)]
        for entry in list(ledger.entries())
        if entry.amends is None and entry.event.member.startswith("same")
    }
    conflicts = [
        [str(conflict.target.id), [str(one.id) for one in conflict.amendments]]
        for conflict in ledger.as_of("2020").conflicts
    ]
    return [entries, corrected, conflicts]


def main(url, name):
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger.open(url))
        _tell("ready")
        for line in sys.stdin:
            number, base, late, anew = json.loads(line)
            time.sleep(late)
            if anew:
                # One who comes to a ledger that others are writing to has yet to learn all of it.
                stack.close()
                ledger = stack.enter_context(Ledger.open(url))
            told = look(ledger) if number is None else take_part(ledger, name, number, base)
            _tell(told)


def _tell(word):
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


# -- the one that starts them --------------------------------------------------------------------


def race(url, *, processes=PROCESSES, rounds=5, seed=1):
    """Let them race on an empty ledger, and check what came of it."""
    randomness = random.Random(seed)
    with ExitStack() as stack:
        racers = [stack.enter_context(_started(url, f"p{n}")) for n in range(processes)]
        for racer in racers:
            assert json.loads(racer.stdout.readline()) == "ready"
        ledger = stack.enter_context(Ledger.open(url, mode="r+"))
        for number in range(rounds):
            # All at once, or one after the other so that they meet each other's every step.
            stagger = number % 2 * STAGGER
            told = _all(racers, number, ledger.position, randomness, stagger)
            _check_round(ledger, told, number)
        sights = _all(racers, None, None, randomness)
        _check_end(ledger, sights, processes, rounds)


def _all(racers, number, base, randomness, stagger=0):
    """Start all, each time in another order, some with a ledger anew, and gather their answers."""
    for racer in randomness.sample(racers, len(racers)):
        late, anew = randomness.uniform(0, stagger), randomness.random() < 0.1
        racer.stdin.write(json.dumps([number, base, late, anew]) + "\n")
        racer.stdin.flush()
    return [json.loads(racer.stdout.readline()) for racer in racers]


class _Racer(subprocess.Popen):
    def __exit__(self, *exc_info):
        if exc_info[0] is not None:
            self.kill()
        self.stdin.close()
        code = self.wait(60)
        self.stdout.close()
        assert exc_info[0] is not None or code == 0


def _started(url, name):
    return _Racer(
        [sys.executable, "-W", "error", __file__, str(url), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _check_round(ledger, told, number):
    # Recorded once: everybody got the one entry that there is.
    assert len({position for one in told for position in one["same"]}) == 1, (number, told)
    assert len({one["shared"] for one in told}) == 1, (number, told)
    # And the rest of a batch of which a part was known already is there too.
    for one in told:
        assert one["own"] not in {one["shared"], *one["same"]}
    assert len({one["own"] for one in told}) == len(told), (number, told)
    # All corrections are kept.
    assert len({one["correction"] for one in told}) == len(told), (number, told)
    for prize, organization in ("won", f"ORG {number}"), ("claimed", f"CLUB {number}"):
        winners = [one[prize] for one in told if one[prize] is not None]
        assert len(winners) == 1, (number, told)
        [entry] = ledger.entries(about=organization)
        assert entry.position == winners[0]


def _check_end(ledger, sights, processes, rounds):
    entries, corrected, conflicts = sights[0]
    assert all(sight == sights[0] for sight in sights), "readers disagree"
    assert sights[0] == json.loads(json.dumps(look(ledger)))
    assert [position for position, *_ in entries] == list(range(1, len(entries) + 1))
    # Of each round: one same report, one shared, two winners; of each one's own and a correction.
    assert len(entries) == rounds * (4 + 2 * processes)
    assert len({id for _, id, *_ in entries}) == len(entries)
    assert Counter(kind for *_, kind in entries)["correction"] == rounds * processes
    assert [len(chain) for chain in corrected.values()] == [1 + processes] * rounds
    # All of them have an effect, and compete.
    assert {target: set(ids) for target, ids in conflicts} == {
        id: set(chain[1:]) for id, chain in corrected.items()
    }
    _check_entries(ledger)


def _check_entries(ledger):
    """Whoever recorded them, entries are numbered and stamped as by one writer."""
    entries = list(ledger.entries())
    reports = [entry for entry in entries if entry.amends is None]
    assert [entry.ordinal for entry in reports] == list(range(1, len(reports) + 1))
    for earlier, later in pairwise(entries):
        assert earlier.recorded <= later.recorded


if __name__ == "__main__":
    main(*sys.argv[1:])
