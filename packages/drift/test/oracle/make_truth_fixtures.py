"""Writes truth-fixtures.json: metrics of scikit-learn and tails of scipy, which the tests compare with.

    pip install scipy scikit-learn && python packages/drift/test/oracle/make_truth_fixtures.py
"""

import json
import pathlib
import sys

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from sklearn import metrics

rng = np.random.default_rng(11)
out = {"scipy": scipy.__version__, "sklearn": sklearn.__version__}
out["betaLower"] = [[a, b, x, float(special.betainc(a, b, x))] for a in (0.5, 2, 30, 400) for b in (0.5, 3, 200) for x in (1e-6, 0.1, 0.5, 0.9, 0.999)]
out["studentTail"] = [[t, k, float(stats.t.sf(t, k))] for t in (-3, 0, 0.5, 2, 8, 40) for k in (1, 2, 5, 30, 400, 100000)]
out["studentQuantile"] = [[q, k, float(stats.t.isf(q, k))] for q in (0.4, 0.025, 0.005, 1e-6) for k in (1, 2, 5, 30, 400, 100000)]

p = np.round(rng.beta(1.2, 2, 300), 2)
y = (rng.random(300) < 0.15 + 0.7 * p).astype(int)
said = (p >= 0.5).astype(int)
out["binary"] = {"p": p.tolist(), "y": y.tolist(), "expected": {
    "auc": metrics.roc_auc_score(y, p), "logLoss": metrics.log_loss(y, np.clip(p, 1e-15, 1 - 1e-15)),
    "brier": metrics.brier_score_loss(y, p), "accuracy": metrics.accuracy_score(y, said),
    "precision": metrics.precision_score(y, said), "recall": metrics.recall_score(y, said), "f1": metrics.f1_score(y, said)}}

actual = np.round(rng.gamma(3, 5, 300), 3)
predicted = np.round(actual * 1.05 + rng.normal(0, 2, 300), 3)
out["regression"] = {"p": predicted.tolist(), "y": actual.tolist(), "expected": {
    "mae": metrics.mean_absolute_error(actual, predicted), "rmse": metrics.root_mean_squared_error(actual, predicted),
    "wape": float(np.abs(predicted - actual).sum() / np.abs(actual).sum()), "bias": float((predicted - actual).mean())}}

target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("truth-fixtures.json")
target.write_text(json.dumps(out) + "\n")
print(f"wrote {target}: scipy {scipy.__version__}, scikit-learn {sklearn.__version__}")
