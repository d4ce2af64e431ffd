"""Random small trials, run by the program and computed again from the optical densities on by other means.

    python3 tests/bench/random_trials.py PROGRAM [--trials 1000] [--first 0] [--keep FOLDER]        # NumPy and SciPy

Every trial is made here, from its number alone: participants and their losses, levels that reach beyond the limits of quantification, noise, dilutions, the
variance model, the rule for values at a limit, covariates, the level of the responders. `PROGRAM run` makes its tables. Then

1. the curve is fitted by SciPy from the truth on (least squares under the variances of its own means, repeated until they agree), every pair of wells of
   a sample is read off it, and what is reported is compared: concentration, or below or above which limit;
2. the change, its summary by arm, the tests and models between arms and the responders are computed from the reported concentrations with NumPy and
   SciPy, and compared to a relative 1e-6 (of curves: where both found the same minimum; where SciPy's is lower, it counts as wrong).

Each line of the output is a kind of number: how many were compared, how many differ, and the worst relative difference. What cannot be said of a plate
that was rejected, or of wells on both sides of a limit, is counted as left out. Nothing here was measured.
"""

import argparse
import csv
import math
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy import optimize, stats

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "fixtures" / "studies"))
import make as studies  # what is in the wells, and their layouts

ROWS = studies.ROWS
TOLERANCE = 1e-6
STANDARDS = [2000.0 / 2**i for i in range(7)] + [0.0]
CONTROLS = {"low": 90.0, "mid": 400.0, "high": 1500.0}
EXPONENTS = {"constant": 0.0, "proportional": 1.0, "squared": 2.0}


class Trial:
    """What is true of a trial, drawn from its number."""

    def __init__(self, number):
        rng = self.rng = np.random.default_rng(number)
        self.a, self.d = rng.uniform(0.03, 0.09), rng.uniform(1.8, 3.2)
        self.c, self.b = rng.uniform(250, 1200), rng.uniform(0.9, 1.5)
        self.cv = rng.choice([0.003, 0.01, 0.03])
        self.variance = rng.choice(list(EXPONENTS))
        self.replicates = rng.choice(["mean-of-concentrations", "concentration-of-mean-response"])
        self.reference = rng.random() < 0.5
        self.dilution = int(rng.choice([1, 4, 10]))
        self.below = rng.choice(["half-lloq", "lloq-over-sqrt2", "lloq", "exclude"])
        self.above = rng.choice(["uloq", "exclude"])
        self.confidence = rng.choice([0.9, 0.95])
        self.level = round(float(self.dilution * rng.uniform(50, 800)), 1)
        self.covariates = [[], ["age"], ["age", "centre"]][rng.integers(3)]
        sizes = rng.integers(3, 25, 2)
        middle, spread = math.log(self.dilution * rng.uniform(80, 900)), rng.uniform(0.3, 1.3)
        lost, effect = rng.choice([0, 0.1, 0.3]), rng.uniform(-1, 0.3)
        self.people = []
        for arm, size in zip(("active", "placebo"), sizes):
            for _ in range(size):
                base = middle + spread * rng.normal()
                after = base + (effect if arm == "active" else 0) + 0.5 * rng.normal()
                values = [None if rng.random() < lost else math.exp(v) for v in (base, after)]
                self.people.append({"arm": arm, "values": values, "age": int(rng.integers(18, 70)), "centre": int(rng.integers(1, 4))})
        rng.shuffle(self.people)
        for i, person in enumerate(self.people):
            person["id"] = f"R{i + 1:02d}"

    def od(self, x):
        mean = self.a + ((self.d - self.a) / (1 + (self.c / x) ** self.b) if x > 0 else 0)
        return mean * (1 + self.cv * self.rng.normal())

    def write(self, folder):
        """The study; returns for every plate the net optical densities of its standards and of its samples' wells."""
        samples = [(f"{p['id']}-{w:02d}", v) for p in self.people for w, v in zip((0, 16), p["values"]) if v is not None]
        visits = {"00": "Baseline", "16": "Week 16"}
        for sub in ("exports", "layouts"):
            (folder / sub).mkdir(parents=True)
        lines = [f"{name},{name[:3]},{visits[name[-2:]]}" for name, _ in samples]
        (folder / "samples.csv").write_text("sample,subject,visit\n" + "\n".join(lines) + "\n")
        lines = [",".join([p["id"], p["arm"]] + [str(p[name]) for name in self.covariates]) for p in self.people]
        (folder / "arms.csv").write_text(",".join(["subject", "arm"] + self.covariates) + "\n" + "\n".join(lines) + "\n")
        plates = [self.plate(samples[i : i + 34], folder, f"P{i // 34 + 1:02d}") for i in range(0, len(samples), 34)]
        (folder / "study.toml").write_text(self.settings(len(plates)))
        return plates

    def settings(self, plates):
        lines = ['[study]', 'id = "RANDOM"', 'title = "SIMULATED: a random trial"', "simulated = true", 'analyte = "TARC (CCL17)"', 'paramcd = "CCL17"',
                 'unit = "pg/mL"', "[method]", 'name = "made-up ELISA"', 'version = "1"', 'criteria = "ich-m10"', "read = 450"]
        lines += ["reference = 570"] if self.reference else []
        lines += ['model = "4pl"', f'variance = "{self.variance}"', 'variance_from = "fitted"', f'replicates = "{self.replicates}"',
                  f"confidence = {self.confidence}", "lloq = 31.25", "uloq = 2000"]
        lines += ["[[visit]]", 'name = "Baseline"', "week = 0", "baseline = true", "[[visit]]", 'name = "Week 16"', "week = 16", "endpoint = true"]
        lines += ["[records]", "[analysis]", 'reference_arm = "placebo"', f'below_limit = "{self.below}"', f'above_limit = "{self.above}"',
                  f"responder_level = {self.level}", "assay_error_replicates = 0", "sensitivity_grid = false"]
        if self.covariates:
            lines += [f"covariates = {list(self.covariates)}".replace("'", '"')]
        if "centre" in self.covariates:
            lines += ['covariate_classes = ["centre"]']
        for i in range(1, plates + 1):
            lines += ["[[plate]]", f'id = "P{i:02d}"', f'export = "exports/P{i:02d}.csv"', f'layout = "layouts/P{i:02d}.csv"', 'kit_lot = "LOT-1"']
        return "\n".join(lines) + "\n"

    def plate(self, samples, folder, name):
        cells = studies.wells(samples, STANDARDS, CONTROLS, self.dilution)
        (folder / "layouts" / f"{name}.csv").write_text(studies.layout(cells))
        lines, net = ["Made up: no reader wrote this", ""], {}
        read = {(r, c): round(self.od(cells[r, c][4]) if (r, c) in cells else 0.04, 4) for r in ROWS for c in range(1, 13)}
        blank = {at: round(0.037 + 0.001 * self.rng.random(), 4) if self.reference else 0.0 for at in read}
        for wave, values in ((450, {at: read[at] + blank[at] for at in read}), (570, blank)):
            if wave == 450 or self.reference:
                lines.append(f"{wave} nm," + ",".join(str(c) for c in range(1, 13)))
                lines += [",".join([r] + [f"{values[r, c]:.4f}" for c in range(1, 13)]) for r in ROWS] + [""]
        (folder / "exports" / f"{name}.csv").write_text("\n".join(lines))
        for at in read:
            net[at] = round(read[at] + blank[at], 4) - blank[at]
        standards = [(cell[2], net[at]) for at, cell in cells.items() if cell[0] == "standard"]
        wells = defaultdict(list)
        for at, cell in cells.items():
            if cell[0] == "sample":
                wells[cell[1]].append(net[at])
        return name, standards, wells


class Tally:
    def __init__(self):
        self.examples = []
        self.compared, self.differ, self.worst, self.left_out = defaultdict(int), defaultdict(int), defaultdict(float), defaultdict(int)

    def close(self, kind, where, found, expected, scale=0.0, tolerance=TOLERANCE):
        self.compared[kind] += 1
        found = float(found) if found not in ("", None) else math.nan
        off = 0.0 if found == expected else abs(found - expected) / max(abs(expected), scale, 1e-300)
        if off == off:
            self.worst[kind] = max(self.worst[kind], off)
        if not off <= tolerance:
            self.wrong(kind, f"{where}: {found}, expected {expected}")

    def same(self, kind, where, found, expected):
        self.compared[kind] += 1
        if found != expected:
            self.wrong(kind, f"{where}: {found}, expected {expected}")

    def wrong(self, kind, what):
        self.differ[kind] += 1
        self.examples.append(f"{kind}: {what}")

    def report(self):
        print(f"{'what':44}{'compared':>10}{'differ':>8}{'left out':>10}   worst relative difference")
        for kind in sorted(set(self.compared) | set(self.left_out)):
            print(f"{kind:44}{self.compared[kind]:10}{self.differ[kind]:8}{self.left_out[kind]:10}   {self.worst[kind]:.1e}")
        for example in self.examples[:60]:
            print(example)
        return sum(self.differ.values())


def table(folder, name):
    with open(folder / "results" / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# 1: curves and concentrations


def curve(p, x):
    a, d, ln_c, ln_b = p
    with np.errstate(divide="ignore", over="ignore"):
        return a + (d - a) / (1 + np.exp(-np.exp(ln_b) * (np.log(x) - ln_c)))


def fitted(trial, x, y):
    """Parameters under the variances of their own means; None where that does not settle."""
    p = np.array([trial.a, trial.d, math.log(trial.c), math.log(trial.b)])
    power = EXPONENTS[trial.variance]
    for _ in range(200):
        sd = np.abs(curve(p, x)) ** (power / 2)
        fit = optimize.least_squares(lambda q: (y - curve(q, x)) / sd, p, x_scale=[0.1, 1, 1, 1], xtol=1e-15, ftol=1e-15, gtol=1e-15)
        step, p = np.abs(fit.x - p).max(), fit.x
        if step < 1e-11 or power == 0:
            return p
    return None


def deviance(trial, f, y):
    """What curves under variances of their own means minimise."""
    return {"constant": np.sum((y - f) ** 2), "proportional": 2 * np.sum(y * np.log(y / f) - (y - f)), "squared": 2 * np.sum((y - f) / f - np.log(y / f))}[trial.variance]


def read_off(p, y):
    a, d, ln_c, ln_b = p
    if not a < y < d:
        return 0.0 if y <= a else math.inf
    return math.exp(ln_c + math.log((y - a) / (d - y)) / math.exp(ln_b))


def check_plates(trial, where, folder, plates, tally):
    curves = {row["plate"]: row for row in table(folder, "curves") if row["fit"] == "final"}
    measured = {(row["plate"], row["sample"]): row for row in table(folder, "measurements")}
    for name, standards, wells in plates:
        x, y = (np.array(part) for part in zip(*standards))
        ours = curves.get(name)
        if ours is None or ours["rejected_standard"] or not ours["c"]:
            tally.left_out["curves"] += 1
            continue
        mine = np.array([float(ours["a"]), float(ours["d"]), math.log(float(ours["c"])), math.log(float(ours["b"]))])
        p = fitted(trial, x, y)
        means = np.array([y[x == v].mean() for v in x])
        if p is None:
            tally.left_out["curves"] += 1
            continue
        least, own = deviance(trial, curve(p, x), means), deviance(trial, curve(mine, x), means)
        tally.compared["curves"] += 1
        if own > least * (1 + 1e-7) + 1e-13:
            tally.wrong("curves", f"{where} {name}: {own:.10g}, SciPy {least:.10g}")
        if abs(own / least - 1) > 1e-7:
            tally.left_out["concentrations"] += len(wells)
            continue
        for sample, ods in wells.items():
            check_sample(trial, f"{where} {name} {sample}", p, ods, measured[name, sample], tally)


def check_sample(trial, where, p, ods, row, tally):
    tally.close("mean responses", where, row["mean_response"], sum(ods) / 2, tolerance=1e-12)
    read = [read_off(p, od) for od in ods]
    one = sum(read) / 2 if trial.replicates.startswith("mean") else read_off(p, sum(ods) / 2)
    sides = {(r > 2000) - (r < 31.25) for r in read + [one]}
    near = any(abs(r / limit - 1) < 1e-4 for r in read for limit in (31.25, 2000))
    if len(sides) > 1 or near:
        tally.left_out["concentrations"] += 1
    elif row["status"] == "not reported" and np.std(read, ddof=1) > 0.2 * np.mean(read):
        # Replicates that differ by more than the limit of the method.
        tally.left_out["concentrations"] += 1
    elif sides == {0}:
        tally.same("status", where, row["status"], "quantified")
        if row["status"] == "quantified":
            tally.close("concentrations", where, row["concentration"], one * trial.dilution)
    else:
        tally.same("status", where, row["status"], "above ULOQ" if sides == {1} else "below LLOQ")


# 2: the trial


def values(trial, folder):
    """The reported concentration of every participant at both visits, with limits as the trial has them; NaN where there is none."""
    low = {"half-lloq": 0.5, "lloq-over-sqrt2": 1 / math.sqrt(2), "lloq": 1.0, "exclude": math.nan}[trial.below] * trial.dilution
    high = (1.0 if trial.above == "uloq" else math.nan) * trial.dilution
    # A plate whose lowest or highest standards failed has a narrower range.
    ranges = {row["plate"]: [float(row[end]) for end in ("lloq", "uloq")] for row in table(folder, "curves") if row["fit"] == "final" and row["lloq"]}
    found, beyond = {}, {}
    for row in table(folder, "concentrations"):
        at = row["subject"], int(float(row["week"]))
        if row["status"] == "quantified" and row["reported"] and row["plate"]:
            found[at] = float(row["concentration"])
        elif row["status"] in ("below LLOQ", "above ULOQ"):
            lloq, uloq = ranges[row["plate"]]
            found[at], beyond[at] = (low * lloq, -1) if row["status"] == "below LLOQ" else (high * uloq, 1)
    return found, beyond


def check_summary(trial, where, folder, found, beyond, tally):
    rows = {(row["TRTP"], int(row["AVISITN"])): row for row in table(folder, "summary")}
    for (arm, week), row in rows.items():
        people = [p["id"] for p in trial.people if p["arm"] == arm]
        x = np.array([found[p, week] for p in people if not math.isnan(found.get((p, week), math.nan))])
        at = f"{where} {arm} week {week}"
        tally.same("below and above", at, (row["N_BELOW"], row["N_ABOVE"]), tuple(str(sum(beyond.get((p, week)) == s for p in people)) for s in (-1, 1)))
        if row["MEAN"]:
            tally.same("number of values", at, row["N_MEAN"], str(len(x)))
        if row["MEAN"] and len(x) > 1:
            tally.close("mean", at, row["MEAN"], x.mean())
            tally.close("SD", at, row["SD"], x.std(ddof=1))
            half = stats.t.ppf(0.5 + trial.confidence / 2, len(x) - 1) * np.log(x).std(ddof=1) / math.sqrt(len(x))
            for column, by in (("GEOMEAN", 0), ("GEOMEAN_LOWER", -half), ("GEOMEAN_UPPER", half)):
                tally.close("geometric mean, interval", at, row[column], exp(np.log(x).mean() + by))
        if not row["MEAN"]:
            tally.left_out["mean"] += 1
            tally.same("no mean has a reason", at, bool(row["NOT_ESTIMABLE"]) or len(x) < 2, True)
        if week == 16:
            both = [(found[p, 0], found[p, 16]) for p in people if all(not math.isnan(found.get((p, w), math.nan)) for w in (0, 16))]
            if row["GMR"]:
                tally.same("number of changes", at, row["N_CHG"], str(len(both)))
            if row["GMR"] and len(both) > 1:
                change = np.log([after / before for before, after in both])
                half = stats.t.ppf(0.5 + trial.confidence / 2, len(change) - 1) * change.std(ddof=1) / math.sqrt(len(change))
                for column, by in (("GMR", 0), ("GMR_LOWER", -half), ("GMR_UPPER", half)):
                    tally.close("ratio to baseline, interval", at, row[column], exp(change.mean() + by))
                if row["P_PAIRED_T"] and change.std() > 0:
                    tally.close("p of the paired t test", at, row["P_PAIRED_T"], stats.ttest_1samp(change, 0).pvalue, 1e-9)


def exp(x):
    return math.exp(x) if x < 709 else math.inf


def design(trial, people, found):
    base = np.log([found[p["id"], 0] for p in people])
    columns = [np.ones(len(people)), np.array([p["arm"] == "active" for p in people], float), base]
    if "age" in trial.covariates:
        columns.append(np.array([p["age"] for p in people], float))
    if "centre" in trial.covariates:
        seen = sorted({p["centre"] for p in people})
        columns += [np.array([p["centre"] == c for p in people], float) for c in seen[1:]]
    return np.column_stack(columns)


def check_models(trial, where, rows, people, found, tally):
    y = np.log([found[p["id"], 16] / found[p["id"], 0] for p in people])
    x = design(trial, people, found)
    n, k = x.shape
    if n <= k or np.linalg.matrix_rank(x) < k:
        tally.left_out["analysis of covariance"] += 1
        return
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    r = y - x @ beta
    hat = np.einsum("ij,jk,ik->i", x, inverse, x)
    plain = inverse * (r @ r) / (n - k)
    # No estimate of the error where one observation determines a coefficient.
    robust = inverse @ (x.T * (r / (1 - hat)) ** 2) @ x @ inverse if hat.max() < 1 - 1e-9 else None
    # At the mean of what is measured and with the same weight for every class.
    at = x.mean(axis=0)
    classes = k - 3 - ("age" in trial.covariates)
    at[k - classes :] = 1 / (classes + 1)
    for name, covariance in (("ancova", plain), ("ancova_hc3", robust)):
        row = rows.get(name)
        if row is None or not row["RATIO"] or covariance is None:
            tally.left_out[f"{name}"] += 1
            continue
        t = stats.t.ppf(0.5 + trial.confidence / 2, n - k)
        se = math.sqrt(covariance[1, 1])
        if t * se > 50:
            # An interval of one degree of freedom and more powers of ten than a number has.
            tally.left_out[name] += 1
            continue
        for column, expected in (("RATIO", exp(beta[1])), ("SE_LOG", se), ("RATIO_LOWER", exp(beta[1] - t * se)), ("RATIO_UPPER", exp(beta[1] + t * se)),
                                 ("DF", n - k), ("P", 2 * stats.t.sf(abs(beta[1] / se), n - k))):
            tally.close(name, f"{where} {column}", row[column], expected, 1e-9)
        for column, arm in (("ADJ_GMR", 1.0), ("ADJ_GMR_REF", 0.0)):
            point = at.copy()
            point[1] = arm
            middle, half = point @ beta, t * math.sqrt(point @ covariance @ point)
            for end, by in (("", 0), ("_LOWER", -half), ("_UPPER", half)):
                tally.close(f"{name}, adjusted means", f"{where} {column}{end}", row[column + end], exp(middle + by))


def check_tests(trial, where, rows, people, found, tally):
    change = {arm: np.log([found[p["id"], 16] / found[p["id"], 0] for p in people if p["arm"] == arm]) for arm in ("active", "placebo")}
    one, other = change["active"], change["placebo"]
    for name, equal in (("welch_t", False), ("student_t", True)):
        row = rows.get(name)
        if row is None or not row["P"]:
            tally.left_out[name] += 1
            continue
        test = stats.ttest_ind(one, other, equal_var=equal)
        interval = test.confidence_interval(trial.confidence)
        for column, expected in (("RATIO", exp(one.mean() - other.mean())), ("P", test.pvalue), ("DF", test.df),
                                 ("RATIO_LOWER", exp(interval.low)), ("RATIO_UPPER", exp(interval.high))):
            tally.close(name, f"{where} {column}", row[column], expected, 1e-9)
    row = rows.get("mann_whitney")
    if row is not None and row["P"] and "(exact)" in row["MODEL"]:
        tally.close("Mann-Whitney, exact", f"{where} P", row["P"], exact_rank_sum(one, other), 1e-9)
        if row["RATIO"]:
            tally.close("Mann-Whitney, exact", f"{where} RATIO", row["RATIO"], math.exp(np.median(np.subtract.outer(one, other))))
    else:
        tally.left_out["Mann-Whitney, exact"] += 1


def exact_rank_sum(one, other):
    """Twice the smaller tail of the sum of (mid-)ranks over all allocations."""
    # Changes that are the same but for the rounding of a logarithm are tied.
    ranks = np.rint(2 * stats.rankdata(np.round(np.concatenate([one, other]), 12))).astype(int)
    ways = [defaultdict(int) for _ in range(len(one) + 1)]
    ways[0][0] = 1
    for rank in ranks:
        for taken in range(len(one), 0, -1):
            for total, count in ways[taken - 1].items():
                ways[taken][total + rank] += count
    seen = ranks[: len(one)].sum()
    low = sum(count for total, count in ways[-1].items() if total <= seen)
    high = sum(count for total, count in ways[-1].items() if total >= seen)
    return min(1, 2 * min(low, high) / math.comb(len(ranks), len(one)))


def wilson(k, n, confidence):
    z = stats.norm.ppf(0.5 + confidence / 2)
    middle, half = k + z * z / 2, z * math.sqrt(k * (n - k) / n + z * z / 4)
    return (middle - half) / (n + z * z), (middle + half) / (n + z * z)


def check_responders(trial, where, folder, found, beyond, tally):
    row = next(row for row in table(folder, "responders") if row["DENOMINATOR"].startswith("participants"))
    counts = {}
    for arm in ("active", "placebo"):
        pairs = [[found.get((p["id"], w), math.nan) for w in (0, 16)] for p in trial.people if p["arm"] == arm]
        # Who begins below has not fallen below.
        known = [pair for pair in pairs if not math.isnan(pair[0] + pair[1])]
        counts[arm] = sum(before >= trial.level > after for before, after in known), len(known)
    (k, n), (k0, n0) = counts["active"], counts["placebo"]
    at_limit = trial.level < 31.25 * trial.dilution or trial.below == "exclude" or trial.above == "exclude"
    if not row["P"] or at_limit:
        tally.left_out["responders"] += 1
        return
    tally.same("responders", where, [row[c] for c in ("RESPONDERS", "N", "RESPONDERS_REF", "N_REF")], [str(v) for v in (k, n, k0, n0)])
    if [row["RESPONDERS"], row["N"]] != [str(k), str(n)]:
        return
    tally.close("Fisher's exact test", where, row["P_FISHER"], stats.fisher_exact([[k, n - k], [k0, n0 - k0]]).pvalue, 1e-9)
    (low, high), (low0, high0) = wilson(k, n, trial.confidence), wilson(k0, n0, trial.confidence)
    p, p0 = k / n, k0 / n0
    lower, upper = p - p0 - math.hypot(p - low, high0 - p0), p - p0 + math.hypot(high - p, p0 - low0)
    tally.close("difference of responders, interval", where, row["DIFFERENCE_LOWER"], lower, 1e-9)
    tally.close("difference of responders, interval", where, row["DIFFERENCE_UPPER"], upper, 1e-9)


def check_trial(number, program, folder, tally):
    trial = Trial(number)
    plates = trial.write(folder)
    run = subprocess.run([program, "run", str(folder)], capture_output=True, text=True)
    where = f"trial {number}"
    tally.same("exit code", f"{where}: {run.stderr[-400:]}", run.returncode in (0, 1, 2), True)
    if not (folder / "results" / "comparison.csv").is_file():
        tally.wrong("exit code", f"{where}: no comparison.csv: {run.stderr[-400:]}")
        return
    check_plates(trial, where, folder, plates, tally)
    found, beyond = values(trial, folder)
    people = [p for p in sorted(trial.people, key=lambda p: p["id"]) if all(not math.isnan(found.get((p["id"], w), math.nan)) for w in (0, 16))]
    check_summary(trial, where, folder, found, beyond, tally)
    rows = {row["ANALYSIS"]: row for row in table(folder, "comparison")}
    if all(sum(p["arm"] == arm for p in people) > 1 for arm in ("active", "placebo")):
        check_models(trial, where, rows, people, found, tally)
        check_tests(trial, where, rows, people, found, tally)
    else:
        tally.left_out["trials with fewer than two in an arm"] += 1
    check_responders(trial, where, folder, found, beyond, tally)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", help="keep the studies in this folder")
    arguments = parser.parse_args()
    program, tally = str(Path(arguments.program).resolve()), Tally()
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(arguments.first, arguments.first + arguments.trials):
            folder = Path(arguments.keep or scratch) / f"trial{number}"
            try:
                check_trial(number, program, folder, tally)
            except KeyboardInterrupt:
                print(f"stopped at trial {number}")
                break
            if not arguments.keep:
                shutil.rmtree(folder)
    sys.exit(1 if tally.report() else 0)


if __name__ == "__main__":
    main()
