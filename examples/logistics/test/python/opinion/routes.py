"""Rolling analytics of routes, the road, places, and classes of routes."""

import polars as pl

from .mart import haul
from .moments import (
    age, as_of, at, count, days, distinct, events_before, hours, known, mean, most, only, over_days, ratio, served, spread, total,
)

col = pl.col


def route_profile(mart, samples):
    names = ["origin_id", "destination_id", "distance_km", "planned_minutes"]
    return as_of(served(samples), mart.route, "route_id", names).with_columns(
        planned_kmh=ratio(col("distance_km"), col("planned_minutes")) * 60
    )


def route_rolling(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.deliveries, "route_id")
    delay = col("delay_minutes")
    frame = joined.group_by("row").agg(
        *over_days("deliveries", at, count, 1, 7, 28, 90),
        *over_days("on_time", col("on_time"), mean, 1, 7, 28, 90),
        *over_days("delay_minutes", delay, mean, 1, 7, 28, 90),
        *over_days("delay_spread", delay, spread, 28, 90),
        delay.filter(days(28)).quantile(0.9, "linear").alias("delay_p90_28days"),
        *over_days("worst_delay", delay, most, 28),
        mean(delay.filter(known).tail(5)).alias("recent_delay_last5"),
        *over_days("driven_minutes", col("driven_minutes"), mean, 7, 28, 90),
        ratio(total(col("driven_minutes").filter(days(28))), total(col("distance_km").filter(days(28)))).alias("minutes_per_km_28days"),
        *over_days("weight_kg", col("weight_kg"), total, 7, 28),
        *over_days("vehicles", col("vehicle_id"), distinct, 28),
        age(at).alias("days_quiet"),
    ).with_columns(getting_later=col("delay_minutes_7days") - col("delay_minutes_90days"))
    return only(frame, as_of(points, mart.route, "route_id", []))


def route_conditions(mart, samples):
    points = served(samples, every="3h")
    joined = events_before(points, mart.conditions, "route_id", horizon=14)
    rough = col("condition").is_in(["storm", "snow"]).fill_null(False)
    frame = joined.group_by("row").agg(
        *(col(name).drop_nulls().last().alias(name) for name in ("congestion", "roadworks", "condition")),
        *(mean(col("congestion").filter(hours(n))).alias(f"congestion_mean_{name}") for n, name in ((24, "24h"), (168, "7d"))),
        most(col("congestion").filter(hours(24))).alias("congestion_max_24h"),
        *(total(col("rain_mm").filter(hours(n))).alias(f"rain_mm_{n}h") for n in (6, 24)),
        rough.filter(hours(24)).any().alias("storm_24h"),
        seen=known.any(),
    ).with_columns(unusual=col("congestion") - col("congestion_mean_7d"))
    return only(frame.drop("seen"), frame.filter("seen"))


def route_class(mart, samples):
    """Of all routes at every T, because each stands among all."""
    points = served(samples, delay_hours=1)
    everybody = everybody_at(points, mart.route, "route_id")
    names = ["distance_km", "origin_id", "destination_id"]
    frame = everybody.join(as_of(everybody, mart.route, "route_id", names), on="row")
    for end, columns in (("origin", ["region"]), ("destination", ["region", "kind"])):
        found = as_of(frame, mart.location, "location_id", columns, on=f"{end}_id")
        frame = frame.join(found.rename({name: f"{end}_{name}" for name in columns}), on="row", how="left")
    counted = events_before(everybody, mart.deliveries, "route_id", horizon=90).group_by("row").agg(
        *over_days("deliveries", at, count, 90),
        *over_days("on_time", col("on_time"), mean, 90),
    )
    km, n = col("distance_km"), col("deliveries_90days")
    frame = frame.join(counted, on="row").with_columns(
        haul=haul(km),
        volume=pl.when(n >= 60).then(pl.lit("daily")).when(n >= 12).then(pl.lit("weekly")).otherwise(pl.lit("rare")),
        crossing=col("origin_region") != col("destination_region"),
        route_class=pl.when((km >= 200) & (n >= 12)).then(pl.lit("trunk"))
        .when(km >= 200).then(pl.lit("special"))
        .when(n >= 60).then(pl.lit("milk_run"))
        .otherwise(pl.lit("distribution")),
        punctual_rank=pl.when(col("destination_region").is_not_null()).then(
            col("on_time_90days").rank("min", descending=True).over("T", "destination_region")
        ),
        busy_tenth=part(n, 10),
    )
    return at_points(points, frame, "route_id").drop("origin_id", "destination_id")


def part(value, parts):
    """ceil(parts × share of values <= value), in whole numbers."""
    rank, n = value.rank("max").over("T").cast(pl.Int64), value.count().over("T").cast(pl.Int64)
    return (parts * rank + n - 1) // n


def everybody_at(points, dimension, key):
    """Whoever has a row at the times of the points."""
    all_keys = dimension.select(key).unique()
    crossed = points.select("T").unique().join(all_keys, how="cross").sort("T", key).with_row_index("row")
    return crossed.join(as_of(crossed, dimension, key, []), on="row", how="semi")


def at_points(points, frame, key):
    """The rows of the points among those of everybody."""
    return points.select("row", "T", key).join(frame.drop("row"), on=["T", key]).drop("T", key)


def place(mart, samples):
    points = served(samples, every="3h")
    frame = as_of(points, mart.location, "location_id", ["kind", "region"]).join(points.select("row", "T"), on="row")
    for dimension, names in (
        (mart.weather, ["condition", "temperature_c", "rain_mm", "wind_kmh"]),
        (mart.traffic, ["congestion", "roadworks"]),
    ):
        frame = frame.join(as_of(frame, dimension, "region", names), on="row", how="left")
    slippery = col("condition").is_in(["snow", "storm"]) | ((col("temperature_c") < 0) & (col("rain_mm") > 0))
    return frame.with_columns(slippery=slippery).drop("T")


def arrivals(mart, samples):
    points = served(samples, delay_hours=1)
    events = mart.deliveries.with_columns(location_id="destination_id")
    joined = events_before(points, events, "location_id")
    frame = joined.group_by("row").agg(
        *over_days("deliveries", at, count, 7, 28),
        *over_days("on_time", col("on_time"), mean, 28),
        *over_days("delay_minutes", col("delay_minutes"), mean, 28),
        seen=known.any(),
    )
    return only(frame.drop("seen"), frame.filter("seen"))
