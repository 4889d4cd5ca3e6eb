"""Compares the tables of the mart with what pandas makes of the same event files: dimensions, facts, running balances.

usage: second_opinion.py <folder that make-tables.ts has written>

Every value is compared exactly: amounts are decimals, times whole microseconds.
"""

import base64
import json
import sys
from decimal import Decimal
from pathlib import Path

import pandas as pd

EPOCH = pd.Timestamp(0)


def decoded(value, schema):
    """A value as its schema says: amounts in cents of two's complement, big-endian, in base64."""
    if schema.get("name") == "org.apache.kafka.connect.data.Decimal":
        unscaled = int.from_bytes(base64.b64decode(value), "big", signed=True)
        return Decimal(unscaled).scaleb(-int(schema["parameters"]["scale"]))
    return value


def changes(folder):
    """All changes of a table, each once, in the order of the database's log."""
    rows = []
    for file in sorted(Path(folder).glob("*.jsonl")):
        for line in file.read_text().splitlines():
            value = json.loads(line)["value"]
            if value is None:  # a tombstone
                continue
            fields = {}
            if "schema" in value:
                after = next(f for f in value["schema"]["fields"] if f["field"] == "after")
                fields = {f["field"]: f for f in after["fields"]}
                value = value["payload"]
            row = value["after"] or value["before"]
            row = {name: decoded(one, fields.get(name, {})) for name, one in row.items()}
            source = value["source"]
            rows.append({**row, "_op": value["op"], "_lsn": source["lsn"], "_at": source["ts_us"]})
    return pd.DataFrame(rows).drop_duplicates("_lsn").sort_values("_lsn", ignore_index=True)


def instants(micros):
    return EPOCH + pd.to_timedelta(micros, unit="us")


def history(log, key, tracked):
    """Versions as intervals: a row begins where a tracked value changes, and ends with the next one or the deletion."""
    intervals = []
    for _, versions in log.groupby(key, sort=True):
        open_row = None
        for version in versions.to_dict("records"):
            values = {name: version[name] for name in tracked}
            if version["_op"] == "d":
                values = None
            if open_row is not None and values == {name: open_row[name] for name in tracked}:
                continue
            if open_row is not None:
                intervals.append({**open_row, "valid_to": version["_at"]})
            open_row = None if values is None else {key: version[key], **values, "valid_from": version["_at"]}
        if open_row is not None:
            intervals.append({**open_row, "valid_to": None})
    frame = pd.DataFrame(intervals)
    frame["valid_from"] = instants(frame["valid_from"].astype("int64"))
    frame["valid_to"] = EPOCH + pd.to_timedelta(frame["valid_to"].astype("Int64"), unit="us")
    return frame


def day(days):
    return (EPOCH + pd.Timedelta(days=days)).date()


def dim_account(log):
    log = log.assign(opened_on=[None if op == "d" else day(n) for op, n in zip(log["_op"], log["opened_on"])])
    return history(log, "account_id", ["customer_id", "kind", "overdraft", "status", "opened_on"])


def rows_of(log, times, money):
    """Rows that are only ever added."""
    frame = log.drop(columns=["_op", "_lsn", "_at"])
    for name in times:
        frame[name] = instants(frame[name].astype("int64"))
    for name in money:
        frame[name] = frame[name].map(Decimal)
    return frame


def running_balance(bookings):
    frame = bookings.sort_values(["account_id", "sequence"], ignore_index=True)
    signed = [amount if direction == "in" else -amount for amount, direction in zip(frame["amount"], frame["direction"])]
    running, total, account = [], Decimal(0), None
    for one, amount in zip(frame["account_id"], signed):
        total = amount if one != account else total + amount
        account = one
        running.append(total)
    frame["running"] = running
    frame["place"] = frame.groupby("account_id").cumcount() + 1
    return frame[["account_id", "sequence", "booked_at", "balance_after", "running", "place"]]


def customer_changes(customers):
    rows = []
    for _, versions in customers.sort_values("valid_from").groupby("customer_id"):
        previous = None
        for version in versions.to_dict("records"):
            if previous is not None:
                rows.append(
                    {
                        "customer_id": version["customer_id"],
                        "changed_at": version["valid_from"],
                        "address_changed": version["address"] != previous["address"],
                        "limit_raised": version["transfer_limit"] > previous["transfer_limit"],
                        "segment_changed": version["segment"] != previous["segment"],
                        "limit_factor": float(version["transfer_limit"]) / float(previous["transfer_limit"]),
                    }
                )
            previous = version
    return pd.DataFrame(rows)


def differences(name, theirs, own, keys):
    if sorted(theirs.columns) != sorted(own.columns):
        return [f"{name}: columns {sorted(theirs.columns)}, by pandas {sorted(own.columns)}"]
    theirs, own = (frame.sort_values(keys, ignore_index=True) for frame in (theirs, own[list(theirs.columns)]))
    if len(theirs) != len(own):
        return [f"{name}: {len(theirs)} rows, by pandas {len(own)}"]
    wrong = []
    for column in theirs.columns:
        for index, (a, b) in enumerate(zip(theirs[column], own[column])):
            if not ((pd.isna(a) and pd.isna(b)) or a == b):
                key = {one: theirs[one][index] for one in keys}
                wrong.append(f"{name}: {column} of {key} is {a!r}, by pandas {b!r}")
    return wrong


def main(folder):
    folder = Path(folder)
    logs = {table: changes(folder / "events" / table) for table in ("customers", "accounts", "transactions", "fraud_reports")}
    customers = history(logs["customers"], "customer_id", ["name", "address", "segment", "transfer_limit"])
    bookings = rows_of(logs["transactions"], ["booked_at"], ["amount", "balance_after"])
    expected = {
        "dim_customer": (customers, ["customer_id", "valid_from"]),
        "dim_account": (dim_account(logs["accounts"]), ["account_id", "valid_from"]),
        "fact_transactions": (bookings, ["transaction_id"]),
        "fact_fraud_report": (rows_of(logs["fraud_reports"], ["reported_at"], []), ["report_id"]),
        "running_balance": (running_balance(bookings), ["account_id", "sequence"]),
        "fact_customer_change": (customer_changes(customers), ["customer_id", "changed_at"]),
    }
    wrong, rows = [], 0
    for name, (own, keys) in expected.items():
        theirs = pd.read_parquet(folder / "mart" / f"{name}.parquet")
        for column in theirs.select_dtypes("datetimetz").columns:
            theirs[column] = theirs[column].dt.tz_localize(None)
        found = differences(name, theirs, own, keys)
        print(f"{name}: {len(theirs)} rows, {len(theirs.columns)} columns, {len(found)} values differ")
        wrong += found
        rows += len(theirs)
    reconciled = expected["running_balance"][0]
    broken = (reconciled["running"] != reconciled["balance_after"]).sum()
    print(f"{rows} rows compared with pandas {pd.__version__}, {len(wrong)} values differ; {broken} balances do not reconcile")
    if rows < 2_000 or wrong or broken:
        sys.exit("\n".join(wrong[:40]) or f"only {rows} rows were compared, or a balance does not reconcile")


main(sys.argv[1])
