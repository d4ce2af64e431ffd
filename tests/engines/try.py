#!/usr/bin/env python3
"""A study in one run, in parts, and in parts under Snakemake: the same bytes, and the time of each.

    python3 tests/engines/try.py target/release/platewise [STUDY] [--shards 20] [--snakemake PROGRAM]

STUDY is plates/ where none is named. Its files are copied, once as they are and once as symbolic links, as engines stage them. Exit codes are
tried on a study with an export missing, and on a folder without a study. Ends with 1 when anything differs.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "USER": "lab"}
failed = []


def check(what: str, holds: bool) -> None:
    print(("ok    " if holds else "WRONG ") + what, flush=True)
    if not holds:
        failed.append(what)


def call(*command) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], env=ENVIRONMENT, capture_output=True, text=True)


def timed(work) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def contents(folder: pathlib.Path) -> dict:
    """Every file but the mark that Snakemake leaves in a folder that a rule makes."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".snakemake_timestamp")
    return {path.relative_to(folder): path.read_bytes() for path in files}


def staged(study: pathlib.Path, into: pathlib.Path, links: bool) -> pathlib.Path:
    for path in sorted(study.rglob("*")):
        name = path.relative_to(study)
        if path.is_file() and "results" not in name.parts and name.name != "arms-opened.jsonl":
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(path, into / name) if links else shutil.copy(path, into / name)
    return into


def by_hand(program: str, study: pathlib.Path, shards: int, place: pathlib.Path, *more) -> pathlib.Path:
    """Two parts at a time, each on one thread, as two machines would; then all of them together, in the reverse order."""
    names = [place / f"part{n}" for n in range(1, shards + 1)]
    waiting = list(enumerate(names, 1))
    running = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            n, name = waiting.pop(0)
            command = [program, "quantify", study, "--plates", f"{n}/{shards}", "--out", name, "--threads", "1", "--quiet", "--findings-ok", *more]
            running.append(subprocess.Popen([str(part) for part in command], env=ENVIRONMENT, stdout=subprocess.DEVNULL))
        check_code = running.pop(0).wait()
        if check_code != 0:
            check(f"a part ends with 0, not {check_code}", False)
    done = call(program, "combine", *reversed(names), "--out", place / "together", "--quiet", "--findings-ok")
    if done.returncode != 0:
        check(f"combine ends with 0, not {done.returncode}: {done.stderr}", False)
    return place / "together"


def snakemake(engine: str, program: str, study: pathlib.Path, shards: int, place: pathlib.Path, links: bool) -> pathlib.Path:
    place.mkdir()
    config = [f"study={study}", f"shards={shards}", f"platewise={program}", f"results={place}/together", f"parts={place}/parts", f"follow_links={links}"]
    done = call(engine, "--snakefile", ROOT / "tests/engines/Snakefile", "--directory", place, "--cores", str(os.cpu_count() or 1), "--quiet", "all", "--config", *config)
    if done.returncode != 0:
        check(f"Snakemake ends with 0: {done.stderr[-2000:]}", False)
    return place / "together"


def exit_codes(program: str, study: pathlib.Path, place: pathlib.Path) -> None:
    broken = staged(study, place / "broken", False)
    sorted((broken / "exports").iterdir())[0].unlink()
    for wanted, more in [(1, []), (0, ["--findings-ok"])]:
        part = call(program, "quantify", broken, "--plates", "1/1", "--out", place / "part", "--quiet", *more)
        check(f"a part with an export missing ends with {wanted} {' '.join(more)}", part.returncode == wanted)
        done = call(program, "combine", place / "part", "--out", place / "results", "--quiet", *more)
        check(f"and so does combine {' '.join(more)}", done.returncode == wanted)
    nothing = call(program, "quantify", place, "--plates", "1/1", "--out", place / "none", "--quiet", "--findings-ok")
    check("a folder without a study ends with 2, whatever is asked", nothing.returncode == 2)
    check("and so does combine of what is no part", call(program, "combine", place, "--out", place / "none").returncode == 2)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    arguments.add_argument("study", nargs="?", type=pathlib.Path, default=ROOT / "plates")
    arguments.add_argument("--shards", type=int, default=20)
    arguments.add_argument("--snakemake", default=shutil.which("snakemake"))
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as made:
        place = pathlib.Path(made)
        copied, linked = staged(asked.study.resolve(), place / "study", False), staged(asked.study.resolve(), place / "links", True)
        once = timed(lambda: call(asked.program, "quantify", copied, "--out", place / "once", "--quiet"))
        expected = contents(place / "once")
        check(f"one run writes {len(expected)} files in {once:.1f} s", len(expected) > 20)
        (place / "hand").mkdir()
        parts = timed(lambda: by_hand(asked.program, copied, asked.shards, place / "hand"))
        check(f"{asked.shards} parts together give the same bytes", contents(place / "hand/together") == expected)
        print(f"      in {parts:.1f} s, {parts / once:.2f} times the one run")
        call(asked.program, "quantify", linked, "--follow-links", "--out", place / "once-links", "--quiet")
        of_links = contents(place / "once-links")
        if asked.snakemake:
            snakes = timed(lambda: snakemake(asked.snakemake, asked.program, copied, asked.shards, place / "snakes", False))
            check("Snakemake gives the same bytes", contents(place / "snakes/together") == expected)
            print(f"      in {snakes:.1f} s")
            snakemake(asked.snakemake, asked.program, linked, asked.shards, place / "snakes-links", True)
            check("Snakemake on links gives the bytes of one run on links", contents(place / "snakes-links/together") == of_links)
        else:
            print("skipped: Snakemake is not installed")
        exit_codes(asked.program, asked.study.resolve(), place)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
