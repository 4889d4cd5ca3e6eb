"""Reads an exported training set back with pandas, polars and DuckDB, and compares every value with the warehouse's."""

import hashlib
import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet

folder = Path(sys.argv[1])
expected = json.loads((folder / "wide.expected.json").read_text())


def text(value, kind):
    """A value as the warehouse writes it."""
    if value is None or value is pandas.NaT or value is pandas.NA or (isinstance(value, float) and value != value):
        return None
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return str(pandas.Timestamp(value).as_unit("ns").value // 1000)
    if kind == "date":
        return str(pandas.Timestamp(value).date())
    if kind in ("integer", "bigint"):
        return str(int(value))
    if kind.startswith("decimal"):
        return str(Decimal(value))
    return value


def compare(reader, columns, names, rows):
    """Each row, as a dict, against what is expected."""
    assert list(names) == [column["name"] for column in columns], f"{reader}: columns {list(names)}"
    count = 0
    for row, wanted in zip(rows, expected, strict=True):
        for column in columns:
            name, kind = column["name"], column["type"]
            got, want = text(row[name], kind), wanted[name]
            same = got == want if kind != "double" else (got is None) == (want is None) and (got is None or got == float(want))
            assert same, f"{reader}: row {row['spine_row']}, {name} ({kind}) is {got!r}, not {want!r}"
            count += 1
    print(f"{reader}: {len(expected)} rows, {count} values equal")


for format in ("parquet", "csv"):
    file = folder / f"wide.{format}"
    about = json.loads((folder / f"wide.{format}.json").read_text())
    data = file.read_bytes()
    assert about["format"] == format and about["rows"] == len(expected) and about["bytes"] == len(data)
    assert about["sha256"] == hashlib.sha256(data).hexdigest(), "sha256"
    columns = about["spine"] + about["features"] + about["labels"]
    kinds = {column["type"].split("(")[0] for column in columns}
    assert kinds >= {"boolean", "integer", "bigint", "double", "decimal", "text", "timestamp", "date"}, kinds
    if format == "parquet":
        metadata = pyarrow.parquet.ParquetFile(file).metadata
        assert metadata.row_group(0).column(0).compression == "ZSTD"
        frame = pandas.read_parquet(file, dtype_backend="pyarrow")
        compare("pandas, Parquet", columns, frame.columns, frame.astype(object).to_dict("records"))
        table = polars.read_parquet(file)
        compare("polars, Parquet", columns, table.columns, table.to_dicts())
        # The vector as a model takes it, by the order of the sidecar.
        vector = table.select(feature["name"] for feature in about["features"])
        assert vector.width == len(about["features"]) and all(kind.is_numeric() for kind in vector.dtypes)
        relation = duckdb.read_parquet(str(file))
    else:
        # A CSV file has no types: the sidecar does.
        types = {"boolean": "boolean", "integer": "int32", "bigint": "int64", "double": "float64", "text": "string"}
        dtypes = {c["name"]: pandas.ArrowDtype(pyarrow.type_for_alias(types.get(c["type"], "string"))) for c in columns}
        frame = pandas.read_csv(file, dtype=dtypes, keep_default_na=True, na_values=[""])
        words = frame["words"]
        assert words.isna().sum() == sum(row["words"] in (None, "") for row in expected), "pandas cannot tell '' from null"
        assert len(frame) == len(expected) and list(frame.columns) == [c["name"] for c in columns]
        schema = {c["name"]: polars.String if c["type"] in ("date", "timestamp", "boolean") or c["type"].startswith("decimal") else
                  {"integer": polars.Int32, "bigint": polars.Int64, "double": polars.Float64, "text": polars.String}[c["type"]]
                  for c in columns}
        table = polars.read_csv(file, schema_overrides=schema)
        table = table.with_columns(polars.col("flag") == "true")
        compare("polars, CSV", columns, table.columns, table.to_dicts())
        named = {"integer": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE", "text": "VARCHAR"}
        dtype = {c["name"]: named.get(c["type"], c["type"].upper()) for c in columns}
        relation = duckdb.read_csv(str(file), dtype=dtype, allow_quoted_nulls=False)
    rows = [dict(zip(relation.columns, row)) for row in relation.fetchall()]
    compare(f"DuckDB, {format}", columns, relation.columns, rows)
