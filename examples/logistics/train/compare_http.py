"""Compares predictions over HTTP with those of the library on the same rows.

    python compare_http.py http://localhost:8080 out/maintenance_risk rows.parquet

Asks the server for the features and for the predictions of the same keys, and lets the model that train.py fitted (not its export)
predict from these features. Ends with 1 if an answer differs by more than 1e-5, or by more than 1e-5 of what it is.
"""
import datetime
import json
import pickle
import sys
import urllib.request
from pathlib import Path

import numpy as np

from fit import predict
from rows import read_rows

MOST = 200
TOLERANCE = 1e-5


def main(url: str, folder: str, rows_file: str) -> None:
    with open(Path(folder) / "model.pickle", "rb") as file:
        trained = pickle.load(file)
    spec, model_name = trained["spec"], Path(folder).name
    service = call(f"{url}/v1/catalog/services/{spec['service']}")
    rows = read_rows(Path(rows_file))
    keys, asked = [], []
    seen = set()
    # The newest rows first: their entities are those that the server knows most of.
    for row in reversed(rows.table.slice(max(0, rows.table.num_rows - 20 * MOST)).to_pylist()):
        key = {each["name"]: row[each["name"]] for each in service["keys"]}
        if tuple(key.values()) in seen or None in key.values():
            continue
        seen.add(tuple(key.values()))
        keys.append(key)
        asked.append({each["name"]: as_json(row[each["name"]]) for each in service["request"]})
        if len(keys) == MOST:
            break
    body = {"keys": keys} | ({"request": asked} if service["request"] else {})
    features = call(f"{url}/v1/features/{spec['service']}", body)["rows"]
    answers = call(f"{url}/v1/models/{model_name}/predict", body)["rows"]
    versions = {answer["version"] for answer in answers if "version" in answer}

    x = np.array([[number(row["values"][name], trained, name) for name in trained["features"]] for row in features])
    expected = predict(spec["kind"], trained["model"], x.astype(np.float32))
    got = np.array([np.ravel(answer["prediction"][spec["output"]])[0] for answer in answers], dtype=np.float64)
    difference = np.abs(got - expected)
    allowed = TOLERANCE * np.maximum(1, np.abs(expected))
    known = int((~np.isnan(x)).any(axis=1).sum())
    distinct = len(np.unique(got))
    print(
        f"{model_name}: {len(keys)} rows over HTTP, {known} with features, {distinct} different answers, "
        f"largest difference {difference.max():.2e}" + (f", version {versions}" if versions else "")
    )
    if known < len(keys) // 2 or distinct < min(10, len(keys) // 2):
        raise SystemExit("too few of these rows have features to say anything: materialize first")
    if (difference > allowed).any():
        worst = int(np.argmax(difference - allowed))
        raise SystemExit(f"{keys[worst]}: the server answers {got[worst]}, the library {expected[worst]}")


def number(value, trained: dict, name: str) -> float:
    """A value of the answer's JSON as the model was trained on it."""
    if value is None:
        return np.nan
    if name in trained["categories"]:
        texts = trained["categories"][name]
        return float(texts.index(value)) if value in texts else np.nan
    if isinstance(value, str) and len(value) == 10 and value[4] == "-":
        return float((datetime.date.fromisoformat(value) - datetime.date(1970, 1, 1)).days)
    return float(value)


def as_json(value):
    """Instants of a training set are UTC without saying so."""
    return value.isoformat() + "Z" if isinstance(value, datetime.datetime) else value


def call(url: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())
    except urllib.error.HTTPError as refusal:
        raise SystemExit(f"{url}: {refusal.read().decode()}") from None


if __name__ == "__main__":
    main(*sys.argv[1:])
