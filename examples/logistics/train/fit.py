"""Boosted trees by LightGBM, or by scikit-learn where LightGBM cannot be imported."""
import os

# One thread is quick enough for so few rows, and threads that wait for each other are slow on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

try:
    import lightgbm
except (ImportError, OSError):  # OSError: its library needs libgomp
    lightgbm = None

LIBRARY = "scikit-learn" if lightgbm is None else "lightgbm"


def fit(kind: str, x: np.ndarray, y: np.ndarray, x_stop: np.ndarray, y_stop: np.ndarray):
    """Fits on some rows and stops by others."""
    if lightgbm is not None:
        learner = lightgbm.LGBMClassifier if kind == "binary" else lightgbm.LGBMRegressor
        model = learner(
            n_estimators=600, learning_rate=0.04, num_leaves=15, min_child_samples=30, colsample_bytree=0.5,
            subsample=0.8, subsample_freq=1, reg_lambda=1.0, random_state=7, n_jobs=1, verbose=-1,
        )  # fmt: skip
        stop = lightgbm.early_stopping(40, verbose=False)
        return snapped_booster(model.fit(x, y, eval_X=x_stop, eval_y=y_stop, callbacks=[stop]))
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    # scikit-learn stops by rows of its own choice: the number of trees is chosen here, by the same rows as above.
    learner = HistGradientBoostingClassifier if kind == "binary" else HistGradientBoostingRegressor
    loss = "log_loss" if kind == "binary" else "squared_error"
    model = learner(
        loss=loss, max_iter=300, learning_rate=0.04, max_leaf_nodes=15, min_samples_leaf=30, l2_regularization=1.0,
        early_stopping=False, random_state=7,
    )  # fmt: skip
    model.fit(x, y)
    stages = model.staged_predict_proba(x_stop) if kind == "binary" else model.staged_predict(x_stop)
    losses = [stage_loss(kind, y_stop, stage) for stage in stages]
    model.set_params(max_iter=int(np.argmin(losses)) + 1).fit(x, y)
    for [tree] in model._predictors:
        tree.nodes["num_threshold"] = round_down(tree.nodes["num_threshold"])
    return model


def snapped_booster(model):
    """The best trees with thresholds that float32 holds, so that the export takes the same branches."""
    best = model.booster_.model_to_string(num_iteration=model.best_iteration_)
    lines = best.split("\n")
    for at, line in enumerate(lines):
        if line.startswith("threshold="):
            thresholds = np.array(line.removeprefix("threshold=").split(), dtype=np.float64)
            lines[at] = "threshold=" + " ".join(repr(float(value)) for value in round_down(thresholds))
        # Sizes are those of the text before.
        if line.startswith("tree_sizes="):
            lines[at] = ""
    return lightgbm.Booster(model_str="\n".join(lines))


def round_down(thresholds: np.ndarray) -> np.ndarray:
    """The largest float32 not above: for x in float32, x <= t and x <= round_down(t) are the same, unlike with the nearest."""
    finite = np.clip(thresholds, -np.finfo(np.float32).max, np.finfo(np.float32).max)
    nearest = finite.astype(np.float32)
    down = np.where(nearest > finite, np.nextafter(nearest, np.float32(-np.inf)), nearest)
    return down.astype(np.float64)


def stage_loss(kind: str, y: np.ndarray, stage: np.ndarray) -> float:
    if kind != "binary":
        return float(((stage - y) ** 2).mean())
    given = np.where(y == 1, stage[:, 1], stage[:, 0])
    return float(-np.log(np.clip(given, 1e-15, 1)).mean())


def predict(kind: str, model, x: np.ndarray) -> np.ndarray:
    """The library's own answers, in float64."""
    if kind == "binary" and hasattr(model, "predict_proba"):
        return model.predict_proba(x)[:, 1]
    # LightGBM's booster answers probabilities as they are.
    return model.predict(x)
