"""Reference values of the two-component variance model: Var = s^2 (mean^2 + rho^2), rho estimated from the wells of one plate.

    python3 tests/bench/two_component.py fixtures/curves/real/dnase_run_*.json > fixtures/curves/two_component.json

Needs NumPy and SciPy; shares no code or equations with the program but those of the model. Each set is brought to the fixed point of

- the 4PL by weighted least squares (MINPACK, scipy.optimize.least_squares in a, d, ln c, ln b), the variances being those of the last curve, and
- rho by profile likelihood, -N/2 ln sum(r^2 / v) - 1/2 sum(ln v) with residuals r from that curve, by golden sections in ln rho
  (scipy.optimize.minimize_scalar) between a tenth of the smallest and a hundred times the largest fitted mean.

So does R's gnls with its variance functions (Pinheiro & Bates 2000, section 7.5.2). Of the fixed points from rho = 0.001, 0.2 and 1000 the
likeliest counts. Covariances are s^2 (J'WJ)^-1, s^2 = RSS / (N - 4). Inverse readings have the standard error of the delta method and the
limits at which (y0 - f(x))^2 = t^2 (s^2 v(y0) / m + g'Vg), t being Student's quantile with Satterthwaite's degrees of freedom
2 / Var(ln s^2 v(y0)), Var by the inverse information of (ln s^2, ln rho).
"""

import json
import sys

import numpy as np
from scipy.optimize import brentq, least_squares, minimize_scalar
from scipy.stats import t as student


def curve(p, x):
    a, d, ln_c, ln_b = p
    return d + (a - d) / (1 + (x / np.exp(ln_c)) ** np.exp(ln_b))


def gradient(p, x):
    steps = 1e-6 * np.maximum(np.abs(p), 1e-2)
    return np.array([(curve(p + s, x) - curve(p - s, x)) / (2 * h) for h, s in zip(steps, np.diag(steps))]).T


def negative(ln_rho, r, mean):
    v = mean**2 + np.exp(2 * ln_rho)
    return 0.5 * (len(r) * np.log((r**2 / v).sum()) + np.log(v).sum())


def refine(ln_rho, r, mean):
    """The zero of the derivative next to a minimum."""
    def slope(at):
        v, z = mean**2 + np.exp(2 * at), 2 * np.exp(2 * at)
        return 0.5 * (-len(r) * (r**2 * z / v**2).sum() / (r**2 / v).sum() + (z / v).sum())
    low, high = ln_rho - 0.05, ln_rho + 0.05
    return brentq(slope, low, high, xtol=1e-14) if slope(low) * slope(high) < 0 else ln_rho


def fit(x, y):
    """The likeliest of the fixed points from a small, a middling and a large rho: there may be several."""
    return max((fixed_point(x, y, rho) for rho in (1e-3, 0.2, 1e3)), key=lambda found: found[4])


def fixed_point(x, y, rho):
    p = np.array([y.min() - 0.01, y.max() * 1.3, np.log(np.median(x) * 3), 0.0])
    ln_rho = np.log(rho)
    weights = 1 / (y**2 + np.exp(2 * ln_rho))
    for _ in range(3000):
        found = least_squares(lambda q: np.sqrt(weights) * (y - curve(q, x)), p, jac=lambda q: -np.sqrt(weights)[:, None] * gradient(q, x),
                              method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
        change = np.abs(found.x - p).max()
        p, mean = found.x, curve(found.x, x)
        low, high = np.log(np.abs(mean).min() / 10), np.log(np.abs(mean).max() * 100)
        grid = np.linspace(low, high, 400)
        at = grid[np.argmin([negative(g, y - mean, mean) for g in grid])]
        step = grid[1] - grid[0]
        ln_rho = minimize_scalar(negative, (max(low, at - step), at, min(high, at + step)) if low < at < high else None,
                                 args=(y - mean, mean), method="golden" if low < at < high else "brent").x if low < at < high else at
        if low < at < high:
            ln_rho = refine(ln_rho, y - mean, mean)
        weights = 1 / (mean**2 + np.exp(2 * ln_rho))
        if change < 1e-13:
            break
    return p, np.exp(ln_rho), at in (grid[0], grid[-1]), change, -negative(ln_rho, y - mean, mean)


def main():
    results = []
    for file in sys.argv[1:]:
        with open(file) as text:
            record = json.load(text)
        x, y = np.array(record["x"]), np.array(record["y"])
        p, rho, end, change, _ = fit(x, y)
        mean = curve(p, x)
        v = mean**2 + rho**2
        n, df = len(x), len(x) - 4
        rss = ((y - mean) ** 2 / v).sum()
        s2 = rss / df
        J = gradient(p, x)
        V = s2 * np.linalg.inv(J.T @ (J / v[:, None]))
        scale = np.array([1, 1, np.exp(p[2]), np.exp(p[3])])
        z = 2 * rho**2 / v
        inverse = []
        for y0 in np.round(np.quantile(y, [0.2, 0.5, 0.8]), 4):
            ln_x0 = p[2] + np.log((p[0] - y0) / (y0 - p[1])) / np.exp(p[3])
            x0 = np.exp(ln_x0)
            z0 = 2 * rho**2 / (y0**2 + rho**2)
            nu = max(1.0, df / (1 + n * (z0 - z.mean()) ** 2 / ((z - z.mean()) ** 2).sum()))
            t = student.ppf(0.975, nu)
            def excess(ln_x, m):
                g = gradient(p, np.array([np.exp(ln_x)]))[0]
                return (y0 - curve(p, np.exp(ln_x))) ** 2 - t**2 * (s2 * (y0**2 + rho**2) / m + g @ V @ g)
            readings = {}
            for m in (1, 2, 3):
                g = gradient(p, np.array([x0]))[0]
                slope = (curve(p, x0 * (1 + 1e-6)) - curve(p, x0 * (1 - 1e-6))) / (2e-6 * x0)
                se = np.sqrt(s2 * (y0**2 + rho**2) / m + g @ V @ g) / abs(slope)
                limits = []
                for side in (-1, 1):
                    steps = ln_x0 + side * np.linspace(0, 3, 3001)
                    beyond = next((k for k, at in enumerate(steps) if k and excess(at, m) > 0), None)
                    limits.append(None if beyond is None else float(np.exp(brentq(excess, steps[beyond - 1], steps[beyond], args=(m,), xtol=1e-14))))
                readings[f"curve_plus_response_m{m}"] = {"se": float(se), "ci95_inversion": limits}
            inverse.append({"y0": float(y0), "x0": float(x0), "df": float(nu), **readings})
        loglik = -n / 2 * (np.log(2 * np.pi * rss / n) + 1) - 0.5 * np.log(v).sum()
        results.append({
            "set": record["name"], "crossover": float(rho), "component_not_seen": bool(end), "last_change": float(change),
            "estimates": dict(zip("adcb", [float(p[0]), float(p[1]), *map(float, np.exp(p[2:]))])),
            "se_gauss_newton": dict(zip("adcb", map(float, np.sqrt(np.diag(V)) * scale))),
            "rss_weighted": float(rss), "loglik": float(loglik), "aicc": float(-2 * loglik + 12 + 2 * 6 * 7 / (n - 7)), "inverse": inverse,
        })
    json.dump({"made_by": "tests/bench/two_component.py, NumPy and SciPy, 2026-11-28", "references": results}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
