"""Kills the program at random moments, takes its disk away, and looks at what is left.

    cargo build --release
    python3 tests/bench/faults.py target/release/platewise [--kills 300] [--seed 1] [--only run decide sign review changed refused]

Needs nothing but Python, and `ssh-keygen` for signatures; `--only refused` mounts a small file system where it may (as root on Linux) and
says what it left out. Shares no code with the program. Every part works on a study that `platewise init` made.

- run: two studies take turns in one folder of results. After each kill the folder holds every file of its manifest, of one of the two, and
  nothing else; after the next whole run nothing else is left in the study or beside the results.
- decide: exclusions and their undoing. After each kill every decision that was acknowledged (exit code 0) is in the log, the chain of hashes
  holds, and at most the last line is torn, which the next decision cuts off.
- sign: after each kill every statement holds for `sha256sum` and, where there is a signature, for `ssh-keygen`; what was acknowledged is there.
- review: decisions by the page. What was answered with 303 is in the log.
- changed: a file that is read is edited, emptied, removed, or becomes a folder or a link to itself, at a random moment of the run. The tables
  are those of the study as it was before or as it is afterwards, and so is the exit code; the record says which.
- refused: a full disk, a folder that may not be written, a closed output, clocks, time zones and names of files; the exit code is 2 or 0, never
  a panic, and the results are the old ones or the new ones, whole.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

PROGRAM = ""
ZEROS = "0" * 64


def call(*arguments, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, **options)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def killed(arguments, seconds):
    """Starts the program and kills it after that time; its exit code where it was faster."""
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def study(place, name, title):
    folder = place / name
    made = call("init", folder)
    assert made.returncode == 0, made.stderr
    settings = folder / "study.toml"
    text, count = re.subn(r'(?m)^title = ".*"', f'title = "{title}"', settings.read_text())
    assert count == 1, "a title in study.toml"
    settings.write_text(text)
    return folder


def timed(*arguments):
    begun = time.monotonic()
    done = call(*arguments)
    assert done.returncode in (0, 1), done.stderr
    return time.monotonic() - begun


def whole(results):
    """The title of the study whose results these are; fails where they are not whole."""
    listed = {"manifest-sha256.txt"}
    for line in (results / "manifest-sha256.txt").read_text().splitlines():
        expected, name = line.split("  ", 1)
        assert sha256((results / name).read_bytes()) == expected, name
        listed.add(name)
    assert set(files(results)) == listed, set(files(results)) ^ listed
    return json.loads((results / "run.json").read_text())["protocol"]["study"]["title"]


def run(place, kills, chance):
    old, new = study(place, "old", "the old one"), study(place, "new", "the new one")
    out = place / "out"
    results = out / "results"
    takes = timed("run", new, "--out", results)
    before = {folder: files(folder) for folder in (old, new)}
    kept = replaced = 0
    for _ in range(kills):
        assert timed("run", old, "--out", results) and whole(results) == "the old one"
        assert os.listdir(out) == ["results"], os.listdir(out)
        # Half of the moments are in the last fifth, where files are written.
        share = chance.uniform(0, 1.1) if chance.random() < 0.5 else chance.uniform(0.8, 1.1)
        killed(["run", new, "--out", results], takes * share)
        title = whole(results)
        kept, replaced = kept + (title == "the old one"), replaced + (title == "the new one")
    timed("run", new, "--out", results)
    for folder, names in before.items():
        more = set(files(folder)) - set(names) - {"arms-opened.jsonl"}
        assert not more, more
    for line in (new / "arms-opened.jsonl").read_text().splitlines():
        assert isinstance(json.loads(line), dict), line
    return f"{kept} left the old results, {replaced} the new ones, all whole; nothing was left behind"


def log_of(folder):
    """The whole lines of the log, whose chain holds, and whether a last one is torn."""
    path = folder / "decisions.jsonl"
    text = path.read_bytes() if path.exists() else b""
    lines = text.split(b"\n")
    torn = lines.pop() != b""
    before = ZEROS
    for line in lines:
        assert json.loads(line)["previous"] == before, "the chain"
        before = sha256(line)
    return [json.loads(line) for line in lines], torn


def decide(place, kills, chance):
    folder = study(place, "decided", "decisions")
    plate = "P01"
    why = ["--code", "bubble", "--reason", "made up", "--by", "A. B."]
    well = ["exclude", "--plate", plate, "--well", "E07"]
    takes = timed("decide", folder, *well, *why)
    acknowledged, torn_lines = 1, 0
    for _ in range(kills):
        lines, _ = log_of(folder)
        last = lines[-1]
        what = ["undo", str(len(lines))] if last["action"] == "exclude" else well
        code = killed(["decide", folder, *what, *why], takes * chance.uniform(0, 1.3))
        assert code in (0, None), code
        after, torn = log_of(folder)
        torn_lines += torn
        acknowledged += code == 0
        assert len(lines) <= len(after) <= len(lines) + 1 and after[: len(lines)] == lines
        assert code is None or len(after) == len(lines) + 1, "an acknowledged decision is not in the log"
    assert timed("run", folder) and call("verify", folder).returncode == 0
    return f"{acknowledged} acknowledged, {len(log_of(folder)[0])} in the log, whose chain holds; {torn_lines} times the last line was torn"


def sign(place, kills, chance):
    if not shutil.which("ssh-keygen"):
        return "left out: there is no ssh-keygen"
    folder = study(place, "signed", "signatures")
    key = place / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    (folder / "allowed_signers").write_text(f'h.head namespaces="platewise" {public}\n')
    timed("run", folder)
    arguments = ["sign", folder, "--meaning", "approved", "--by", "H. Head", "--key", key]
    takes = timed(*arguments)
    acknowledged, unsigned = 1, 0
    for _ in range(kills):
        code = killed(arguments, takes * chance.uniform(0, 1.3))
        assert code in (0, None), code
        acknowledged += code == 0
    timed(*arguments)
    acknowledged += 1
    signatures = folder / "signatures"
    others = [name for name in files(signatures) if not name.endswith((".sha256", ".sha256.sig"))]
    assert not others, others
    statements = sorted(signatures.glob("*.sha256"))
    assert len(statements) >= acknowledged, (len(statements), acknowledged)
    for statement in statements:
        checked = subprocess.run(["sha256sum", "--quiet", "-c", f"signatures/{statement.name}"], cwd=folder, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        signature = Path(f"{statement}.sig")
        unsigned += not signature.exists()
        if signature.exists():
            with statement.open("rb") as text:
                verify = ["ssh-keygen", "-Y", "verify", "-f", folder / "allowed_signers", "-I", "h.head", "-n", "platewise", "-s", signature]
                assert subprocess.run(verify, stdin=text, capture_output=True).returncode == 0, statement
    assert call("verify", folder).returncode == 0, call("verify", folder).stdout
    return f"{acknowledged} acknowledged, {len(statements)} statements, all of which hold, {unsigned} of them without a signature; nothing else was left"


class Review:
    """A running review with one browser's session."""

    def __init__(self, folder):
        self.process = subprocess.Popen([PROGRAM, "review", str(folder), "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = self.process.stdout.readline().strip()
        self.port = int(address.split(":")[2].split("/")[0])
        self.origin = f"http://127.0.0.1:{self.port}"
        head, _ = self.ask("POST /session", {"Origin": self.origin}, address.split("#")[1])
        self.cookie = re.search(r"(?i)set-cookie: ([^;\r]+)", head).group(1)

    def ask(self, what, headers, body=""):
        lines = [f"{what} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port)) as stream:
            stream.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            while part := stream.recv(1 << 16):
                answer += part
        head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
        return head, body

    def form(self):
        _, page = self.ask("GET /plate?id=P01", {"Cookie": self.cookie})
        seen = re.search(r'name="seen" value="([^"]*)"', page).group(1)
        for name, sign in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            seen = seen.replace(name, sign)
        fields = {"what": "accept", "plate": "P01", "seen": seen, "code": "reviewed", "reason": "made up", "who": "R. R."}
        return urllib.parse.urlencode(fields)

    def decide(self, form):
        headers = {"Cookie": self.cookie, "Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST /decide", headers, form)[0].startswith("HTTP/1.1 303")


def review(place, kills, chance):
    folder = study(place, "reviewed", "a review")
    acknowledged = 0
    for _ in range(kills):
        server = Review(folder)
        form = server.form()
        answers = []

        def ask():
            try:
                answers.append(server.decide(form))
            except OSError:
                pass

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(chance.uniform(0, 0.3) ** 2 * 3)
        server.process.kill()
        server.process.wait()
        asking.join()
        acknowledged += any(answers)
        lines, _ = log_of(folder)
        assert len(lines) >= acknowledged, (len(lines), acknowledged)
    timed("run", folder)
    assert call("verify", folder).returncode == 0
    return f"{acknowledged} acknowledged, {len(log_of(folder)[0])} in the log, whose chain holds"


def edited(path):
    """Another digit in the last number of the file."""
    data = path.read_bytes()
    if path.suffix not in (".csv", ".txt", ".toml"):
        return data[: len(data) // 2]
    at = max(i for i, byte in enumerate(data) if chr(byte).isdigit())
    return data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :]


def change(path, way):
    """Changes a file in one step, as an editor or a synchronising folder does."""
    other = path.with_name(path.name + ".other")
    if way == "removed":
        return path.unlink()
    if way == "a folder":
        other.mkdir()
        path.unlink()
        return other.rename(path)
    if way == "a link to itself":
        other.symlink_to(path.name)
    else:
        other.write_bytes(edited(path) if way == "edited" else b"")
    other.replace(path)


def outcome(code, results):
    """The exit code, the tables by name, and the hash of every file that was read."""
    if not (results / "run.json").exists():
        return code, {}, {}
    whole(results)
    tables = {name: sha256((results / name).read_bytes()) for name in files(results) if name.endswith(".csv")}
    record = json.loads((results / "run.json").read_text())
    return code, tables, {one["file"]: one["sha256"] for one in record["inputs"]}


def changed(place, kills, chance):
    original = study(place, "original", "the study")
    names = [name for name in files(original) if name.split("/")[0] in ("exports", "layouts", "samples.csv", "arms.csv", "study.toml")]
    assert len(names) > 4, names
    ways = ("edited", "emptied", "removed", "a folder", "a link to itself")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1000000000"}
    work, known = place / "work", {}

    def fresh():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(original, work)

    def at_rest():
        done = call("run", work, "--out", work / "results", "--quiet", env=environment)
        assert "panicked" not in done.stderr, done.stderr
        return outcome(done.returncode, work / "results")

    fresh()
    begun = time.monotonic()
    before = at_rest()
    takes = time.monotonic() - begun
    as_before = 0
    for _ in range(kills):
        name, way = chance.choice(names), chance.choice(ways)
        if (name, way) not in known:
            fresh()
            change(work / name, way)
            known[name, way] = at_rest()
        fresh()
        process = subprocess.Popen(
            [PROGRAM, "run", work, "--out", work / "results", "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
        )
        # Files are read at the beginning.
        time.sleep(takes * (chance.uniform(0, 0.02) if chance.random() < 0.9 else chance.uniform(0.02, 0.7)))
        change(work / name, way)
        _, said = process.communicate()
        assert "panicked" not in said, said
        found = outcome(process.returncode, work / "results")
        assert found in (before, known[name, way]), f"{name} {way}: {found[0]} {said}"
        as_before += found == before
    return f"{as_before} as before the change, {kills - as_before} as after it, and none between"


def old_or_new(done, results, what, codes=(0, 1, 2)):
    assert done.returncode in codes and "panicked" not in done.stderr, f"{what}: {done.returncode} {done.stderr}"
    return whole(results)


def refused(place, kills, chance):
    said = []
    old, new = study(place, "old", "the old one"), study(place, "new", "the new one")
    results = place / "out" / "results"
    for name, environment in {
        "LC_ALL=tr_TR.UTF-8": {"LC_ALL": "tr_TR.UTF-8"},
        "TZ=Pacific/Kiritimati": {"TZ": "Pacific/Kiritimati"},
        "TZ=nowhere": {"TZ": "No/Where"},
        "the clock in 1970": {"SOURCE_DATE_EPOCH": "0"},
        "no HOME, no TERM": {"HOME": "", "TERM": ""},
    }.items():
        timed("run", old, "--out", results)
        done = call("run", new, "--out", results, env={**os.environ, **environment})
        assert old_or_new(done, results, name, (0, 1)) == "the new one"
    done = subprocess.run(["sh", "-c", '"$0" run "$1" --out "$2" >&-', PROGRAM, str(old), str(results)], capture_output=True, text=True)
    old_or_new(done, results, "a closed output")
    said.append("locales, time zones, clocks and a closed output: whole")
    for name in ("a b", "ä ö", "\N{LAB COAT}", "new\nline", "x" * 200, "-rf", "'; rm", "50%"):
        renamed = place / f"named {name}" if name != "-rf" else place / "-named"
        shutil.copytree(old, renamed)
        done = call("run", renamed, "--out", renamed / "results")
        assert old_or_new(done, renamed / "results", repr(name), (0, 1)) == "the old one"
        shutil.rmtree(renamed)
    said.append("folders with blanks, line ends, quotation marks and pictures in their names: whole")
    return "; ".join(said + [full_disk(place, old, new), read_only(place, old, new)])


def full_disk(place, old, new):
    disk = place / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        return "a full disk: left out, nothing may be mounted here"
    try:
        results = disk / "results"
        timed("run", old, "--out", results)
        free = shutil.disk_usage(disk).free
        outcomes = {"the old one": 0, "the new one": 0}
        steps = 60
        for step in range(steps):
            timed("run", old, "--out", results)
            filler = disk / "filler"
            with filler.open("wb") as file:
                file.write(b"\0" * max(0, shutil.disk_usage(disk).free - int(free * 0.3 * step / steps)))
            done = call("run", new, "--out", results)
            outcomes[old_or_new(done, results, f"a full disk, step {step}")] += 1
            filler.unlink()
            assert done.returncode == 2 or whole(results) == "the new one"
        timed("run", old, "--out", results)
        assert os.listdir(disk) == ["results"], os.listdir(disk)
        # A decision on a full disk is refused or whole.
        folder = disk / "study"
        shutil.copytree(old, folder)
        with (disk / "filler").open("wb") as file:
            file.write(b"\0" * shutil.disk_usage(disk).free)
        done = call("decide", folder, "exclude", "--plate", "P01", "--well", "E07", "--code", "bubble", "--reason", "made up", "--by", "A. B.")
        lines, _ = log_of(folder)
        assert (done.returncode == 0) == (len(lines) == 1) and "panicked" not in done.stderr, done.stderr
        return f"a disk that fills at {steps} places: {outcomes}, all whole"
    finally:
        subprocess.run(["umount", disk])


def read_only(place, old, new):
    disk = place / "fixed"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], capture_output=True).returncode:
        return "a read-only disk: left out, nothing may be mounted here"
    try:
        results = disk / "results"
        timed("run", old, "--out", results)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = call("run", new, "--out", results)
        assert old_or_new(done, results, "a read-only disk", (2,)) == "the old one"
        assert str(disk) in done.stderr, done.stderr
        return "a read-only disk: refused, the old results are whole"
    finally:
        subprocess.run(["umount", disk])


def main():
    global PROGRAM
    parts = {part.__name__: part for part in (run, decide, sign, review, changed, refused)}
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program")
    arguments.add_argument("--kills", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    asked = arguments.parse_args()
    PROGRAM = os.path.abspath(asked.program)
    for name in asked.only:
        with tempfile.TemporaryDirectory() as place:
            begun = time.monotonic()
            said = parts[name](Path(place), asked.kills, random.Random(asked.seed))
            times = {"refused": "", "changed": f"{asked.kills} changes, "}.get(name, f"{asked.kills} kills, ")
            print(f"{name}: {times}{said} ({time.monotonic() - begun:.0f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
