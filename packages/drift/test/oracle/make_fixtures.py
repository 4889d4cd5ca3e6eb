"""Writes fixtures.json: what scipy says, with 17 significant digits.

Usage: python make_fixtures.py [path]   (needs scipy; default path: fixtures.json beside this file)
"""
import json
import math
import pathlib
import random
import sys

import numpy as np
import scipy
from scipy import special, stats
from scipy.spatial.distance import jensenshannon


def number(x):
    x = float(x)
    return None if math.isnan(x) else x


random.seed(20240117)
out = {"scipy": scipy.__version__}

shapes = [0.5, 1, 1.5, 2, 2.5, 4.5, 5, 9.5, 10, 24.5, 50, 99.5, 250, 999.5, 5000, 50000]
factors = [0.01, 0.1, 0.3, 0.5, 0.8, 0.9, 0.97, 0.99, 1, 1.01, 1.03, 1.1, 1.25, 1.5, 2, 3, 5, 10, 30, 100, 300, 600, 1300]
rows = []
for a in shapes:
    for f in factors:
        x = a * f
        q = special.gammaincc(a, x)
        if q > 1e-300:
            rows.append([a, x, number(q)])
    for target in [1e-3, 1e-10, 1e-30, 1e-100, 1e-200, 1e-290, 1e-300]:
        x = float(special.gammainccinv(a, target)) if target > 1e-30 else None
        if x is None:  # the inverse is not reliable there: bisect
            lo, hi = a, a + 2000 + 60 * math.sqrt(a) * 10
            for _ in range(200):
                mid = (lo + hi) / 2
                lo, hi = (mid, hi) if special.gammaincc(a, mid) > target else (lo, mid)
            x = lo
        rows.append([a, x, number(special.gammaincc(a, x))])
out["gammaUpper"] = rows
out["logGamma"] = [[x, number(special.gammaln(x))] for x in [1e-5, 0.01, 0.1, 0.5, 0.9, 1.5, 1.9, 2.5, 3, 3.3, 7, 10, 14.99, 15, 15.01, 50, 100.5, 1e3, 1e5, 1e8]]
out["normalTail"] = [[z, number(stats.norm.sf(z)), number(stats.norm.logsf(z))] for z in [-8, -3, -1, -0.1, 0, 0.1, 0.5, 1, 1.959963984540054, 3, 5, 8, 10, 15, 20, 30, 37]]
out["chiSquareTail"] = [[x, k, number(stats.chi2.sf(x, k)), number(math.log(stats.chi2.sf(x, k)))] for x, k in [(0.1, 1), (3.84, 1), (50, 1), (1300, 1), (11.6, 2), (9, 9), (40, 9), (700, 9), (1300, 9), (200, 50), (500, 100), (30, 29), (1000, 999), (3000, 999)]]
out["kolmogorovTail"] = [[x, number(special.kolmogorov(x))] for x in [0.05, 0.2, 0.4, 0.5, 0.7, 0.81, 0.82, 0.83, 1, 1.36, 2, 3, 5, 10, 18]]

rows = []
for n in [1, 2, 3, 5, 10, 20, 50, 100, 139, 140, 141, 200, 500, 1000, 2000, 5000, 20000, 99999, 150000, 900000, 5000000]:
    root = math.sqrt(n)
    for z in [0.3, 0.45, 0.6, 0.75, 0.86, 0.9, 1.0, 1.2, 1.36, 1.48, 1.5, 1.8, 2.0, 2.1, 2.5, 3, 4, 6, 9, 13, 18]:
        x = z / root
        if 0 < x < 1:
            q = float(stats.kstwo.sf(x, n))
            if q > 1e-300:
                rows.append([x, n, q])
    for t in [0.4, 0.6, 0.9, 1.0]:
        if t / n < 1:
            rows.append([t / n, n, number(stats.kstwo.sf(t / n, n))])
out["kstwo"] = rows

rows = []
for n, m in [(1, 1), (2, 3), (5, 5), (5, 7), (10, 10), (10, 29), (29, 30), (50, 50), (100, 100), (100, 37), (200, 300), (500, 500), (997, 1000), (2000, 3000)]:
    for z in [0.5, 0.9, 1.2, 1.6, 2.2, 3, 5, 9, 14]:
        gap = z * math.sqrt((n + m) / (n * m))
        if gap > 1:
            continue
        # two samples with a known gap of h/(n·m): shift i of m steps
        g = math.gcd(n, m)
        lcm = n // g * m
        h = max(1, round(gap * lcm))
        from scipy.stats._stats_py import _attempt_exact_2kssamp
        ok, d, p = _attempt_exact_2kssamp(max(n, m), min(n, m), g, h / lcm, "two-sided")
        if ok and p > 1e-300:
            rows.append([n, m, h * g, number(p)])
out["ksExact"] = rows


def pair(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    ks = stats.ks_2samp(a, b)
    return {"name": name, "reference": [float(v) for v in a], "current": [float(v) for v in b],
            "ks": number(ks.statistic), "p": number(ks.pvalue), "location": number(ks.statistic_location),
            "wasserstein": number(stats.wasserstein_distance(a, b)), "std": number(np.std(a)), "mean": number(np.mean(a)),
            "deciles": [number(v) for v in np.quantile(a, np.arange(1, 10) / 10)],
            "mannWhitney": number(stats.mannwhitneyu(a, b, method="asymptotic").pvalue)}


rng = np.random.default_rng(7)
out["pairs"] = [
    pair("five", [1, 2, 3, 4, 5], [3, 4, 5, 6, 7]),
    pair("ties", [1, 1, 1, 2], [1, 2, 2, 2]),
    pair("uneven", [0, 1, 3], [5, 6, 8, 9]),
    pair("equal constant", [5] * 10, [5] * 20),
    pair("moved constant", [5] * 10, [6] * 20),
    pair("normal", np.round(rng.normal(0, 1, 400), 6), np.round(rng.normal(0.2, 1.1, 300), 6)),
    pair("lognormal", np.round(rng.lognormal(0, 1.5, 300), 6), np.round(rng.lognormal(0.1, 1.5, 500), 6)),
    pair("small integers", rng.poisson(3, 200), rng.poisson(3.5, 150)),
    pair("zeros and a tail", np.where(rng.random(300) < 0.9, 0, np.round(rng.lognormal(0, 1, 300), 6)), np.where(rng.random(200) < 0.8, 0, np.round(rng.lognormal(0, 1, 200), 6))),
    pair("far apart", np.round(rng.normal(0, 1, 300), 6), np.round(rng.normal(3, 1, 300), 6)),
]

rows = []
for k in [2, 3, 4, 10, 30]:
    for n, m in [(100, 100), (1000, 400), (20000, 30000)]:
        base = rng.dirichlet(np.ones(k) * 5)
        other = rng.dirichlet(base * 60)
        left, right = rng.multinomial(n, base), rng.multinomial(m, other)
        keep = left + right > 0
        left, right = left[keep], right[keep]
        table = np.array([left, right])
        chi = stats.chi2_contingency(table, correction=False)
        g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        p, q = left / n, right / m
        ps, qs = (left + 0.5) / (n + 0.5 * len(left)), (right + 0.5) / (m + 0.5 * len(right))
        rows.append({"reference": [int(v) for v in left], "current": [int(v) for v in right],
                     "chi2": number(chi.statistic), "degrees": int(chi.dof), "p": number(chi.pvalue),
                     "cramersV": number(stats.contingency.association(table, method="cramer")),
                     "g": number(g.statistic), "gP": number(g.pvalue),
                     "psi": number(stats.entropy(ps, qs) + stats.entropy(qs, ps)), "kl": number(stats.entropy(ps, qs)),
                     "jsDistance": number(jensenshannon(p, q, base=2)),
                     "hellinger": number(np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2)),
                     "tvd": number(np.abs(p - q).sum() / 2), "lInfinity": number(np.abs(p - q).max())})
out["tables"] = rows

ps = [[0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216], [0.9], [0.5, 0.01, 0.01, 0.2], [float(v) for v in np.round(rng.random(40), 6)]]
out["benjaminiHochberg"] = [{"p": p, "q": [number(v) for v in stats.false_discovery_control(p)]} for p in ps]

target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("fixtures.json")


def render(value):
    if isinstance(value, dict):
        return "{" + ",\n".join(f"{json.dumps(k)}: {render(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        flat = all(not isinstance(v, (list, dict)) for v in value)
        return "[" + ("," if flat else ",\n").join(render(v) for v in value) + "]"
    if isinstance(value, float):
        return format(value, ".17g")
    return json.dumps(value)


target.write_text(render(out) + "\n")
print(f"wrote {target}: scipy {scipy.__version__}")
