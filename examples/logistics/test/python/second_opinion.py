"""Compares every feature of the five logistics products with what polars computes from the same mart.

usage: second_opinion.py <folder that make-rows.ts has written>

Numbers may differ by a billionth: both sides add doubles up in an order of their own. Everything else is compared exactly.
"""

import sys
from datetime import datetime, timezone
from pathlib import Path

import polars as pl

from opinion import customers, routes, trips, vehicles
from opinion.mart import Mart

TOLERANCE = 1e-9
END = datetime(2025, 9, 29, tzinfo=timezone.utc)

PRODUCTS = {
    "rolling": {
        "rolling_vehicle": {
            "vehicle_rolling": vehicles.vehicle_rolling,
            "vehicle_load": vehicles.vehicle_load,
            "vehicle_profile": vehicles.vehicle_profile,
        },
        "rolling_route": {
            "route_rolling": routes.route_rolling,
            "route_conditions": routes.route_conditions,
            "route_profile": routes.route_profile,
        },
        "rolling_customer": {
            "customer_rolling": customers.customer_rolling,
            "customer_service": customers.customer_service,
            "customer_profile": customers.customer_profile,
        },
    },
    "maintenance": {"maintenance": {"maintenance": vehicles.maintenance, "workshop": vehicles.workshop}},
    "segments": {"segments": {"customer_rfm": customers.customer_rfm, "customer_segments": customers.customer_segments}},
    "hauls": {
        "hauls_route": {"route_class": routes.route_class},
        "hauls_vehicle": {"vehicle_hauls": vehicles.vehicle_hauls},
        "hauls_customer": {"customer_hauls": customers.customer_hauls},
        "hauls_place": {"place": routes.place, "arrivals": routes.arrivals},
    },
    "consolidated": {
        "delivery_delay": {
            "vehicle_profile": vehicles.vehicle_profile,
            "vehicle_rolling": vehicles.vehicle_rolling,
            "vehicle_load": vehicles.vehicle_load,
            "vehicle_hauls": vehicles.vehicle_hauls,
            "maintenance": vehicles.maintenance,
            "route_profile": routes.route_profile,
            "route_rolling": routes.route_rolling,
            "route_conditions": routes.route_conditions,
            "route_class": routes.route_class,
            "customer_profile": customers.customer_profile,
            "customer_rolling": customers.customer_rolling,
            "customer_service": customers.customer_service,
            "customer_segments": customers.customer_segments,
            "calendar": trips.calendar,
        }
    },
}


def prefixed(frame, view):
    return frame.rename({name: f"{view}__{name}" for name in frame.columns if name != "row"})


def computed(mart, name, views, samples):
    """All features of a set by polars, one row for each of its rows."""
    frame = samples.select("row")
    for view, compute in views.items():
        frame = frame.join(prefixed(compute(mart, samples), view), on="row", how="left")
    if name == "delivery_delay":
        plan = routes.route_profile(mart, samples)
        for role, feature, view in (
            ("origin", "origin_id", routes.place),
            ("destination", "destination_id", routes.place),
            ("arrivals", "destination_id", routes.arrivals),
        ):
            found = view(mart, trips.looked_up(samples, plan, feature, "location_id"))
            frame = frame.join(prefixed(found, role), on="row", how="left")
        frame = frame.join(prefixed(trips.trip(frame, samples), "trip"), on="row", how="left")
        frame = frame.join(prefixed(trips.departure(samples), "departure"), on="row", how="left")
        frame = frame.join(trips.delays(mart, samples, END), on="row", how="left")
    if name == "maintenance":
        frame = frame.join(trips.fails(mart, samples, END), on="row", how="left")
    return frame


def comparable(values):
    return values.cast(pl.Float64) if values.dtype.is_numeric() else values


def differing(theirs, own):
    a, b = comparable(theirs), comparable(own)
    if a.dtype == pl.Float64:
        scale = pl.select(pl.max_horizontal(pl.lit(1.0), a.abs(), b.abs())).to_series()
        same = ((a - b).abs() <= TOLERANCE * scale).fill_null(False) | (a.is_null() & b.is_null())
    else:
        same = a.eq_missing(b.cast(a.dtype))
    return (~same).arg_true()


SPINE = {"spine_row", "at", "vehicle_id", "route_id", "customer_id", "location_id", "shipment_id"}
GIVEN = {"planned_load_kg", "planned_departure", "promised_at"}


def main(folder):
    mart = Mart(Path(folder) / "mart")
    wrong = []
    rows_compared = 0
    for product, sets in PRODUCTS.items():
        rows = features = values = nulls = 0
        before = len(wrong)
        for name, views in sets.items():
            theirs = pl.read_parquet(Path(folder) / "rows" / f"{name}.parquet").with_columns(
                pl.col(pl.Datetime).dt.cast_time_unit("us").dt.replace_time_zone("UTC")
            )
            samples = theirs.select(
                pl.col("spine_row").alias("row"),
                pl.col("at").alias("t"),
                *(name for name in theirs.columns if name in (SPINE | GIVEN) - {"spine_row", "at"}),
            )
            own = computed(mart, name, views, samples).sort("row")
            names = [name for name in theirs.columns if name not in SPINE | GIVEN]
            missing = [name for name in names if name not in own.columns]
            if missing or own.height != theirs.height:
                sys.exit(f"{name}: polars has {own.height} of {theirs.height} rows, and lacks {missing}")
            if name != "delivery_delay":
                more = set(own.columns) - set(names) - {"row"}
                if more:
                    sys.exit(f"{name}: the product lacks {sorted(more)}")
            for feature in names:
                a, b = theirs[feature], own[feature]
                nulls += a.null_count()
                for i in differing(a, b):
                    key = {k: theirs[k][i] for k in theirs.columns if k in SPINE}
                    wrong.append(f"{name}: {feature} of {key} is {a[i]}, and {b[i]} by polars")
            rows += theirs.height
            features += len(names)
            values += theirs.height * len(names)
        rows_compared += rows
        print(f"{product}: {rows} rows, {features} features and labels, {values} values ({nulls} null), {len(wrong) - before} differ")
    print(f"{rows_compared} rows compared with polars {pl.__version__}, {len(wrong)} values differ")
    if rows_compared < 10_000 or wrong:
        sys.exit("\n".join(wrong[:40]) or f"only {rows_compared} rows were compared")


main(sys.argv[1])
