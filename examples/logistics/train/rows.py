"""The rows of a training set that `martlet training-set --parquet` wrote, as matrices."""
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FEWEST = 10  # rows of a text that is a category of its own


@dataclass
class Rows:
    table: pa.Table
    features: list[str]  # in the order of the service's vector
    split: np.ndarray

    def numbers(self, name: str) -> np.ndarray:
        """A column as float64: null is NaN, true 1, false 0, a date the days since 1970."""
        column = self.table[name].combine_chunks()
        if pa.types.is_date(column.type):
            column = column.cast(pa.int32())
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(values), values, np.nan)

    def texts(self, name: str) -> np.ndarray:
        """A column of text; null is an empty text."""
        return np.array([value or "" for value in self.table[name].to_pylist()], dtype=object)

    def is_text(self, name: str) -> bool:
        kind = self.table.schema.field(name).type
        return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def read_rows(file: Path) -> Rows:
    about = json.loads(Path(f"{file}.json").read_text())
    if hashlib.sha256(file.read_bytes()).hexdigest() != about["sha256"]:
        raise SystemExit(f"{file}.json describes another file: write the training set again")
    if about["split"] is None:
        raise SystemExit(f"{file} has no column that says which rows judge: give the training set a split")
    rows = Rows(pq.read_table(file), [feature["name"] for feature in about["features"]], np.array([]))
    rows.split = rows.texts(about["split"])
    return rows


def categories_of(rows: Rows, target: np.ndarray, learnt: np.ndarray) -> dict[str, list[str]]:
    """The texts of each feature of text among the learnt rows, from the one with the lowest mean target to the highest."""
    categories = {}
    for name in filter(rows.is_text, rows.features):
        texts = rows.texts(name)[learnt]
        means = {text: target[learnt][texts == text] for text in set(texts) - {""}}
        known = sorted((values.mean(), text) for text, values in means.items() if len(values) >= FEWEST)
        categories[name] = [text for _, text in known] or ["none"]
    return categories


def matrix_of(rows: Rows, categories: dict[str, list[str]]) -> np.ndarray:
    """All features as float32, as the exported model computes with them; a text is its place in the list."""
    columns = []
    for name in rows.features:
        if name in categories:
            places = {text: place for place, text in enumerate(categories[name])}
            columns.append([places.get(text, np.nan) for text in rows.texts(name)])
        else:
            columns.append(rows.numbers(name))
    return np.array(columns, dtype=np.float64).T.astype(np.float32)
