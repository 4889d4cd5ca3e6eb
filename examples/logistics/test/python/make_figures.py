"""Figures of scikit-learn on fixed rows, which judge.test.ts computes again.

    python make_figures.py > ../model/sklearn-figures.json
"""
import json

import numpy as np
from sklearn.metrics import log_loss, mean_absolute_error, roc_auc_score, root_mean_squared_error

random = np.random.default_rng(12)
predicted = np.round(random.random(400), 2)  # with ties
actual = (random.random(400) < predicted**2).astype(int)
print(json.dumps({
    "predicted": predicted.tolist(),
    "actual": actual.tolist(),
    "auc": roc_auc_score(actual, predicted),
    "log_loss": log_loss(actual, np.clip(predicted, 1e-15, 1 - 1e-15)),
    "mae": mean_absolute_error(actual, predicted),
    "rmse": root_mean_squared_error(actual, predicted),
}))  # fmt: skip
