"""Runs the tests against every mutant of a copy: python3 run.py COPY RESULTS NAME=TEST-PROGRAM [NAME=TEST-PROGRAM ...]

Each test of each program is run once by itself, to see which mutants it reaches (kept in RESULTS). Then each mutant is awake
for the tests that reach it, those of its own file first, then of its room, the quickest first, until one fails. A test that takes more than
SLOW seconds is left out, and after BUDGET seconds of tests of a program a mutant has survived it. A time-out (five times what the tests took,
and five seconds) kills.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter

SLOW, BUDGET, MEMORY = 20.0, float(os.environ.get("BUDGET", "10")), 12 << 30


def tests(program):
    lines = subprocess.run([program, "--list"], capture_output=True, text=True).stdout.splitlines()
    return [line[: -len(": test")] for line in lines if line.endswith(": test")]


def reach(program, kept):
    """What each test reaches, and how long it takes."""
    if os.path.exists(kept):
        return json.load(open(kept))
    found = []
    for test in tests(program):
        seen, start = kept + ".seen", time.time()
        if os.path.exists(seen):
            os.remove(seen)
        try:
            subprocess.run([program, "--exact", test], capture_output=True, timeout=SLOW, env=dict(os.environ, MUTANTS_REACHED=seen))
        except subprocess.TimeoutExpired:
            continue
        ids = sorted({int(id) for id in open(seen)}) if os.path.exists(seen) else []
        found.append({"test": test, "seconds": time.time() - start, "reached": ids})
    json.dump(found, open(kept, "w"))
    return found


def failing(program, id, batch):
    """The test that fails with a mutant awake, or how the program ended."""
    command = [program, "--test-threads", "2", "--exact", *(one["test"] for one in batch)]
    allowed = 5 * sum(one["seconds"] for one in batch) + 5
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=allowed, preexec_fn=limit, env=dict(os.environ, MUTANT=id))
    except subprocess.TimeoutExpired:
        return "time-out"
    failed = [line[5:].split(" ... ")[0] for line in run.stdout.splitlines() if line.startswith("test ") and line.endswith("FAILED")]
    return None if run.returncode == 0 else failed[0] if failed else f"exit {run.returncode}"


def kill(program, id, place, reached):
    """The test that kills a mutant, and how many were run."""
    module = place.split(":")[0][len("src/") : -len(".rs")].replace("/", "::")
    own = lambda test: 0 if test.startswith(module) else 1 if test.startswith(module.split("::")[0]) else 2
    order = sorted((one for one in reached if int(id) in one["reached"]), key=lambda one: (own(one["test"]), one["seconds"]))
    size, ran, spent = 1.0, 0, 0.0
    while order and spent < BUDGET:
        batch = [order.pop(0)]
        while order and sum(one["seconds"] for one in batch) + order[0]["seconds"] <= size:
            batch.append(order.pop(0))
        ran, spent, size = ran + len(batch), spent + sum(one["seconds"] for one in batch), 3 * size
        if by := failing(program, id, batch):
            return by, ran
    return None, ran


def main():
    copy, results, programs = sys.argv[1], sys.argv[2], [pair.split("=") for pair in sys.argv[3:]]
    os.makedirs(results, exist_ok=True)
    results = os.path.abspath(results)
    os.chdir(copy)
    mutants = [line.rstrip("\n").split("\t") for line in open("mutants.tsv")]
    of_room, killed = Counter(room for _, room, _, _ in mutants), Counter()
    reached = {name: reach(program, f"{results}/{name}.json") for name, program in programs}
    with open(f"{results}/mutants.tsv", "a") as out:
        for id, room, place, what in mutants:
            for name, program in programs:
                by, ran = kill(program, id, place, reached[name])
                if by:
                    killed[room] += 1
                    break
            print(id, room, place, what, by or "SURVIVES", name, ran, sep="\t", file=out, flush=True)
    for room, count in of_room.items():
        print(f"{room}: {count}, killed {killed[room]}")


main()
