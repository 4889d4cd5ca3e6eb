"""Recency, frequency and monetary fifths of the online retailer's customers by pandas, compared with those of retail.test.ts.

usage: rfm_opinion.py <rows that the test left> <invoice_lines_2010_2011.parquet>
"""

import json
import sys

import numpy
import pandas

TOLERANCE = 1e-6


def fifths(values):
    """ceil(5 × share of values <= x): equal values share a fifth."""
    return numpy.ceil(5 * values.rank(method="max") / len(values)).astype(int)


def main(rows_path, lines_path):
    with open(rows_path, encoding="utf-8") as file:
        given = json.load(file)
    lines = pandas.read_parquet(lines_path).dropna(subset=["customer_id"])
    lines["customer_id"] = lines["customer_id"].astype(int)
    lines["paid"] = lines["quantity"] * lines["unit_price"]
    compared = 0
    wrong = []
    for end, rows in given.items():
        at = pandas.Timestamp(end)
        before = lines[lines["invoice_ts"] < at]
        year = before[before["invoice_ts"] >= at - pandas.Timedelta(days=365)]
        own = pandas.DataFrame({"silent": (at - before.groupby("customer_id")["invoice_ts"].max()) / pandas.Timedelta(days=1)})
        own["invoices"] = year.groupby("customer_id")["invoice"].nunique().reindex(own.index, fill_value=0)
        own["spent"] = year.groupby("customer_id")["paid"].sum().reindex(own.index, fill_value=0.0)
        theirs = pandas.DataFrame(rows).set_index("customer_id").sort_index()
        if not theirs.index.equals(own.index):
            sys.exit(f"{end}: {len(theirs)} customers, and {len(own)} by pandas")
        # Each side adds money up in an order of its own, so sums that are equal to a millionth are in any order.
        sums = numpy.sort(own["spent"].to_numpy())
        least = numpy.searchsorted(sums, own["spent"] - TOLERANCE) + 1
        most = numpy.searchsorted(sums, own["spent"] + TOLERANCE, side="right")
        checks = {
            "recency": theirs["recency"] == fifths(own["silent"]),
            "frequency": theirs["frequency"] == fifths(own["invoices"]),
            "spent": (theirs["spent_365d"] - own["spent"]).abs() < TOLERANCE,
            "monetary": (theirs["monetary"] >= numpy.ceil(5 * least / len(own)))
            & (theirs["monetary"] <= numpy.ceil(5 * most / len(own))),
        }
        for name, right in checks.items():
            compared += len(right)
            wrong += [f"{end}: {name} of customer {customer}" for customer in right.index[~right]]
    print(f"{compared} values at {len(given)} month ends compared with pandas {pandas.__version__}, {len(wrong)} differ")
    if compared == 0 or wrong:
        sys.exit("\n".join(wrong[:20]) or "nothing was compared")


main(sys.argv[1], sys.argv[2])
