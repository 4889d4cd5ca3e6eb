"""Figures on rows of later months, and what a model is compared with."""
import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

PRIOR = 10  # rows that the mean of the wider group counts as


def group_means(target: np.ndarray, learnt: np.ndarray, groupings: list[list[tuple | None]]) -> np.ndarray:
    """The mean target of the learnt rows of each row's group, drawn towards that of the wider group by ten rows."""
    means = np.full(len(target), target[learnt].mean())
    for groups in reversed(groupings):
        found: dict[tuple, list[float]] = {}
        for row in learnt:
            if groups[row] is not None:
                found.setdefault(groups[row], []).append(target[row])
        means = np.array(
            [
                mean if group not in found else (sum(found[group]) + PRIOR * mean) / (len(found[group]) + PRIOR)
                for group, mean in zip(groups, means)
            ]
        )
    return means


def scores_of(kind: str, actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    if kind == "binary":
        return {
            "auc": float(roc_auc_score(actual, predicted)),
            "log_loss": float(log_loss(actual, np.clip(predicted, 1e-15, 1 - 1e-15), labels=[0, 1])),
        }
    error = predicted - actual
    return {"mae": float(np.abs(error).mean()), "rmse": float(np.sqrt((error**2).mean()))}


def calibration(actual: np.ndarray, predicted: np.ndarray) -> list[dict[str, float]]:
    """Mean prediction and mean outcome of ten groups of rows, from the lowest prediction to the highest."""
    order = np.argsort(predicted, kind="stable")
    bounds = [tenth * len(order) // 10 for tenth in range(11)]
    tenths = [order[start:end] for start, end in zip(bounds, bounds[1:])]
    return [
        {"rows": len(rows), "predicted": float(predicted[rows].mean()), "actual": float(actual[rows].mean())}
        for rows in tenths
    ]
