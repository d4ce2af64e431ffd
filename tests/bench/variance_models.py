"""Which variance model real assays speak for: AICc of five, each fitted to a fixed point with a 4PL.

    python3 tests/bench/variance_models.py fixtures/curves/real/dnase_run_*.json [--together]

Needs NumPy and SciPy. constant, proportional and squared have Var = s^2 mean^(2 theta) with theta 0, 1/2, 1; power estimates theta;
floor+percent has Var = s^2 (mean^2 + rho^2), a floor s rho beside a CV of s, and estimates rho (printed as a share of the highest
response). Exponent and rho are the likeliest of a grid, and --together has all files share them, each with its own curve and s. Printed: AICc
less the least, restricted log-likelihood less the highest, and the estimate.
"""

import argparse
import json

import numpy as np

import curve_optimum as optimum


class Assay(optimum.Curve):
    """A reference set: x and y of every well."""

    def __init__(self, file):
        with open(file) as text:
            record = json.load(text)
        wells = list(zip(record["x"], record["y"]))
        truth = {"c": 1.0, "b": 1.0, "g": 1.0}
        super().__init__({"number": 0, "method": "4pl constant", "ours": {}, "points": wells, "truth": truth})
        self.name = record["name"]


def log_likelihoods(assay, variance):
    """Full and restricted, wells and parameters, of the curve that agrees with its variances."""
    fitted, theta = assay.mean, None
    for _ in range(60):
        weights = 1.0 / variance(fitted, assay)
        if theta is None:
            middle = np.array([assay.ln_x[assay.x > 0].mean(), 0.0, 0.0])
            (theta, _), = optimum.search([assay], [weights], [(0, middle)])[0]
        batch = optimum.batch_of(assay.model, [assay], [weights])
        (theta,), _ = optimum.minimise(batch, theta[None], 60)
        s, by_c, by_b, _ = batch.s(theta[None])
        _, kappa, r, inner = batch.line(s)
        before, fitted = fitted, assay.mean - r[0]
        if np.abs(fitted - before).max() < 1e-10 * np.abs(fitted).max():
            break
    n, rss = assay.n.sum(), inner[0] + (weights * assay.within).sum()
    jacobian = np.stack([np.ones(assay.levels), s[0], kappa[0] * by_c[0], kappa[0] * by_b[0]], 1)
    triangle = np.linalg.qr(np.sqrt(assay.n * weights)[:, None] * jacobian)[1]
    p = jacobian.shape[1]
    of = lambda df: 0.5 * (assay.n * np.log(weights)).sum() - df / 2 * (np.log(2 * np.pi * rss / df) + 1)
    return np.array([of(n), of(n - p) - np.log(np.abs(np.diag(triangle))).sum(), n, p])


def power(theta):
    return lambda mean, assay: np.maximum(np.abs(mean), assay.floor) ** (2 * theta)


def floor_and_percent(share):
    return lambda mean, assay: mean**2 + (share * np.abs(assay.mean).max()) ** 2


def compare(name, assays):
    total = lambda variance: sum(log_likelihoods(assay, variance) for assay in assays)
    best = lambda family, grid: max(((total(family(value)), value) for value in grid), key=lambda row: row[0][0])
    rows = [(label, total(power(theta)), 0, None) for label, theta in (("constant", 0), ("proportional", 0.5), ("squared", 1))]
    rows.append(("power", *(lambda row: (row[0], 1, row[1]))(best(power, np.arange(-0.2, 1.6, 0.1)))))
    rows.append(("floor+percent", *(lambda row: (row[0], 1, row[1]))(best(floor_and_percent, np.geomspace(1e-4, 1, 17)))))

    def aicc(sums, more):
        full, _, n, p = sums
        k = p + len(assays) + more
        return -2 * full + 2 * k + 2 * k * (k + 1) / (n - k - 1)

    least = min(aicc(sums, more) for _, sums, more, _ in rows)
    highest = max(sums[1] for _, sums, _, _ in rows)
    print(name)
    for label, sums, more, estimate in rows:
        said = "" if estimate is None else f"  ({estimate:.3g})"
        print(f"  {label:14} {aicc(sums, more) - least:7.1f} {sums[1] - highest:7.1f}{said}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="+")
    options.add_argument("--together", action="store_true")
    options = options.parse_args()
    np.seterr(all="ignore")
    assays = [Assay(file) for file in options.files]
    if options.together:
        compare(f"{len(assays)} curves together", assays)
    else:
        for assay in assays:
            compare(assay.name, [assay])


if __name__ == "__main__":
    main()
