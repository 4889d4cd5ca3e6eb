"""Computes the outputs of the etl again, with pandas, from the files that arrived: second_opinion.py <folder>"""

import json
import sqlite3
import sys
from pathlib import Path

import pandas as pd

LONDON = "Europe/London"


def arrival(path: Path) -> pd.Timestamp:
    return pd.to_datetime(path.parent.name, format="arrived=%Y%m%dT%H%M%SZ")


def read_lines(folder: Path) -> pd.DataFrame:
    rows = []
    for path in sorted(folder.glob("arrived=*/readings-*.jsonl")):
        arrived = arrival(path)
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            try:
                reading = json.loads(line)
            except json.JSONDecodeError:
                continue
            rows.append({**reading, "arrived": arrived, "line": number})
    return pd.DataFrame(rows)


def instants(texts: pd.Series) -> pd.Series:
    """UTC without a zone. A time without an offset is London's wall clock; an hour that is shown twice is the second one."""
    wall = texts.str.len() == 19
    with_offset = pd.to_datetime(texts[~wall], utc=True).dt.tz_localize(None)
    local = pd.to_datetime(texts[wall])
    standard = pd.Series(False, index=local.index).to_numpy()
    of_wall = local.dt.tz_localize(LONDON, ambiguous=standard).dt.tz_convert("UTC").dt.tz_localize(None)
    return pd.concat([with_offset, of_wall]).sort_index()


def read_exports(folder: Path, table: str) -> pd.DataFrame:
    frames = []
    for path in sorted(folder.glob("arrived=*/registry.sqlite")):
        with sqlite3.connect(path) as connection:
            frames.append(pd.read_sql(f"SELECT * FROM {table}", connection).assign(arrived=arrival(path)))
    return pd.concat(frames, ignore_index=True)


def newest(frame: pd.DataFrame, key: str, by: list[str]) -> pd.DataFrame:
    return frame.sort_values(by, kind="stable").drop_duplicates(key, keep="last")


def consumption(folder: Path, first: str, last: str) -> pd.DataFrame:
    lines = read_lines(folder)
    lines["ts"] = instants(lines["interval_start"])
    lines["wh"] = (lines["kwh"] * 1000).round().astype("int64")
    readings = newest(lines, ["meterpoint_id", "serial", "ts"], ["arrived", "line"])
    meters = newest(read_exports(folder, "meters"), "serial", ["arrived"])
    for column in ["installed_at", "removed_at"]:
        meters[column] = pd.to_datetime(meters[column], utc=True).dt.tz_localize(None)
    joined = readings.merge(meters.drop(columns="arrived"), on=["serial", "meterpoint_id"])
    valid = (
        joined["wh"].between(0, 100_000)
        & (joined["ts"] >= joined["installed_at"])
        & (joined["removed_at"].isna() | (joined["ts"] < joined["removed_at"]))
    )
    found = joined[valid].copy()
    found["day"] = found["ts"].dt.tz_localize("UTC").dt.tz_convert(LONDON).dt.strftime("%Y-%m-%d")
    return found[found["day"].between(first, last)]


def agreements(folder: Path) -> pd.DataFrame:
    versions = newest(read_exports(folder, "agreements"), "agreement_id", ["updated_at", "arrived"])
    return versions[versions["status"] == "active"]


def active_on(held: pd.DataFrame, day: str) -> pd.DataFrame:
    """Of each meterpoint the agreement that holds at the beginning of a day: of several, the one that began last."""
    holds = held[(held["valid_from"] <= day) & (held["valid_to"].isna() | (held["valid_to"] > day))]
    count = holds.groupby("meterpoint_id")["agreement_id"].transform("size")
    chosen = holds.assign(overlapping=count - 1).sort_values(["valid_from", "agreement_id"])
    return chosen.drop_duplicates("meterpoint_id", keep="last")


def compare(name: str, ours: pd.DataFrame, theirs: pd.DataFrame, key: list[str]) -> int:
    columns = list(ours.columns)
    ours = ours.sort_values(key).reset_index(drop=True)
    theirs = theirs[columns].sort_values(key).reset_index(drop=True)
    if len(ours) != len(theirs):
        print(f"{name}: {len(ours)} rows here, {len(theirs)} by martlet")
        return abs(len(ours) - len(theirs))
    different = (ours.astype(str) != theirs.astype(str)).any(axis=1)
    for at in different[different].index[:5]:
        print(f"{name}: {ours.loc[at].to_dict()} here, {theirs.loc[at].to_dict()} by martlet")
    print(f"{name}: {len(ours)} rows, {int(different.sum())} differences")
    return int(different.sum())


def main(folder: Path) -> int:
    landing, made = folder / "landing", folder / "made"
    plan = json.loads((folder / "plan.json").read_text())
    first, last = plan["since"], plan["last"]
    readings = consumption(landing, first, last)
    held = agreements(landing)
    differences = 0

    def theirs(name: str) -> pd.DataFrame:
        return pd.read_csv(made / f"{name}.csv", keep_default_na=False)

    by_interval = readings.groupby(["day", "ts"])["wh"].agg(["size", "sum"]).reset_index()
    half_hourly = pd.DataFrame(
        {
            "day": by_interval["day"],
            "interval_start": by_interval["ts"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "meterpoints": by_interval["size"],
            "wh": by_interval["sum"],
            "kwh": by_interval["sum"] / 1000,
        }
    )
    differences += compare("half_hourly_consumption", half_hourly, theirs("half_hourly_consumption"), ["interval_start"])

    active = pd.concat([active_on(held, day).assign(day=day) for day in sorted(readings["day"].unique())])
    products = readings.merge(active[["day", "meterpoint_id", "product_id"]], on=["day", "meterpoint_id"], how="left")
    products["product_id"] = products["product_id"].fillna("(none)")
    by_product = products.groupby(["day", "product_id"]).agg(
        meterpoints=("meterpoint_id", "nunique"), readings=("wh", "size"), wh=("wh", "sum")
    )
    daily = by_product.reset_index().assign(kwh=lambda frame: frame["wh"] / 1000)
    differences += compare("daily_product_consumption", daily, theirs("daily_product_consumption"), ["day", "product_id"])

    dated = [active_on(held, day).assign(reference_date=day) for day in plan["referenceDates"]]
    agreed = pd.concat(dated)
    agreed["open_ended"] = agreed["valid_to"].isna().map({True: "true", False: "false"})
    columns = ["reference_date", "meterpoint_id", "agreement_id", "account_id", "product_id", "open_ended", "overlapping"]
    key = ["reference_date", "meterpoint_id"]
    their_agreements = theirs("active_agreements")
    their_agreements["open_ended"] = their_agreements["open_ended"].astype(str).str.lower()
    differences += compare("active_agreements", agreed[columns], their_agreements, key)
    return 1 if differences > 0 or len(half_hourly) < 1000 or len(agreed) < 20 else 0


sys.exit(main(Path(sys.argv[1])))
