"""Processes that work on a ledger until they are killed, and say what they have got.

Started as a script, it forks a child for each line on its standard input, a job as JSON. A child
does all steps of a plan, which follows from a seed, and may be done again and again: what is
recorded already is not recorded twice. Each step that has returned is said in a line.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import sys
import traceback
from contextlib import ExitStack

from newsledger import BaseStatusReported, Ledger, Projection, Report, Source, on
from newsledger.errors import StoreError

STATUSES = ("planned", "operating", "suspended", "closing", "closed", "handed over")
TILE = 1024
RETRIES = 6


class LatestStatus(Projection[str]):
    """The last status of each base."""

    def keys(self, event, entry):
        return (event.base,)

    def initial(self):
        return None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        return event.status


def keep(ledger, into, table=None):
    return ledger.materialize(LatestStatus(), into, table=table, batch=300)


# -- the plan --------------------------------------------------------------------------------------


def status(rng, number):
    return BaseStatusReported(
        base=f"Base {number}",
        status=rng.choice(STATUSES),
        occurred=f"{rng.randrange(2010, 2020)}-0{rng.randrange(1, 10)}",
    )


def together(rng, name, size, weight=0):
    """Reports that are recorded together or not at all; each says with how many others."""
    source = Source("The Daily Example", "2017-02-28", title=f"{name} of {size}")
    return [
        Report(status(rng, number), source, quote="x" * rng.randrange(weight, 3 * weight + 2))
        for number in range(size)
    ]


def plan(seed, short=False):
    """Yield steps: a name, and what to do with the ledger and the model of it.

    Each step gives the ids of what is recorded when it has returned, each with its position where
    it is told.
    """
    rng = random.Random(seed)
    there = []

    def told(entries):
        return [[str(entry.id), entry.position] for entry in entries]

    def append(name, size):
        [report] = together(rng, name, 1)
        there.append(report.id)
        return lambda ledger, model: told([ledger.append(report)])

    def extend(name, size, weight=0):
        reports = together(rng, name, size, weight)
        there.extend(report.id for report in reports)
        return lambda ledger, model: told(ledger.extend(reports))

    def heavy(name, size):
        return extend(name, 25, 8000)

    def load(name, size):
        count = 12 if short else 500
        parts = [together(rng, f"{name}.{part}", count // 4, 60) for part in range(4)]
        reports = [report for part in parts for report in part]
        there.extend(report.id for report in reports)

        def do(ledger, model):
            done = ledger.load(reports, batch=count // 4)
            assert done.recorded + done.known == count, done
            return [[str(report.id), None] for report in reports]

        return do

    def correct(name, size):
        # Each entry once: what was corrected twice would be so again when it is done again.
        wrong, right = there.pop(rng.randrange(len(there))), status(rng, rng.randrange(9))
        return lambda ledger, model: told([ledger.correct(wrong, right, reason=name)])

    def retract(name, size):
        wrong = there.pop(rng.randrange(len(there)))
        return lambda ledger, model: told([ledger.retract(wrong, reason=name)])

    def digest(name, size):
        return lambda ledger, model: ledger.digest() and []

    def update(name, size):
        return lambda ledger, model: model.update() and []

    kinds = [append, extend, heavy, correct, retract, digest, update]
    chosen = [extend, load]
    chosen += kinds if short else rng.choices([*kinds, load], k=10)
    for number, kind in enumerate(chosen):
        name = f"{seed}.{number}"
        yield kind.__name__, kind(name, rng.randrange(3, 40))


# -- a child ---------------------------------------------------------------------------------------


def say(word):
    line = json.dumps(word).encode() + b"\n"
    while line:
        line = line[os.write(1, line) :]


def arm(fault):
    if fault is not None:
        ctypes.CDLL(None).faults_arm(
            os.fsencode(fault["folder"]),
            *(fault[name] for name in ("calls", "nth", "error", "lasting")),
        )


def limit_files(size):
    """Let no file grow beyond a size, as the quota of a user may; None lifts it."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


def persist(job, name, do):
    """Do it until it is done; say each time that the store refused."""
    for _ in range(RETRIES):
        try:
            return do()
        except StoreError as error:
            say({"refused": name, "message": str(error), "errno": error.errno})
            if job.get("wait"):
                # Until the parent has looked, or put right what is wrong.
                os.read(0, 1)
                limit_files(None)
    raise RuntimeError(f"{name} is refused for ever")


def work(job):
    url, into = job["url"], job.get("into")
    with ExitStack() as stack:
        opened = {"durability": job.get("durability", "full"), "mode": job.get("mode", "a")}
        ledger = stack.enter_context(
            persist(job, "open", lambda: Ledger.open(url, **opened)),
        )
        say({"step": "open", "recorded": []})
        model = None
        if into:
            model = stack.enter_context(
                persist(job, "model", lambda: keep(ledger, into, job.get("table")))
            )
        for name, do in plan(job["seed"], job.get("short", False)):
            if name == "update" and model is None:
                continue
            recorded = persist(job, name, lambda do=do: do(ledger, model))
            say({"step": name, "recorded": recorded})


def child(job):
    """Do a job, and end with 0 where it is done and 1 where anything but the store refused."""
    code = 1
    try:
        arm(job.get("fault"))
        limit_files(job.get("quota"))
        work(job)
        if job.get("fault"):
            say({"seen": ctypes.CDLL(None).faults_seen()})
        code = 0
    except BaseException:  # noqa: BLE001 (nothing may leave the child)
        say({"broke": traceback.format_exc()})
    finally:
        os._exit(code)


def main():
    say("ready")
    pid = None
    for line in filter(str.strip, sys.stdin):
        if pid is not None:
            os.waitpid(pid, 0)
        pid = os.fork()
        if not pid:
            child(json.loads(line))
        say({"started": pid})
        # Until the next job its id stays its own, as somebody may be about to kill it.
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        # After a line feed, as the last line of who was killed may be half a line.
        os.write(1, b"\n")
        say({"ended": found.si_status if found.si_code == os.CLD_EXITED else -found.si_status})


if __name__ == "__main__":
    main()
