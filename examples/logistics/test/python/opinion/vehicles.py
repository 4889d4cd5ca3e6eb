"""Rolling analytics of vehicles, what the workshop has done, and maintenance."""

import polars as pl

from .moments import (
    DAY, T, age, as_of, at, count, days, distinct, events_before, known, local, mean, most, most_frequent, only, over_days,
    ratio, served, spread, suffix, total, hours,
)

NEVER = 1_000_000
KINDS = ("oil", "brakes", "tyres", "inspection", "breakdown")
col = pl.col


def vehicle_profile(mart, samples):
    points = served(samples)
    names = ["vehicle_type", "capacity_kg", "status", "home_site_id", "commissioned_on"]
    found = as_of(points, mart.vehicle, "vehicle_id", names)
    return found.join(points.select("row", "T"), on="row").with_columns(
        age_days=since_day(col("commissioned_on"))
    ).drop("T")


def since_day(date):
    begins = date.cast(pl.Datetime("us")).dt.replace_time_zone("Europe/Zurich").dt.convert_time_zone("UTC")
    return (T - begins).dt.total_microseconds() / DAY


def vehicle_rolling(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.telemetry, "vehicle_id")
    lengths = (1, 7, 28, 90)
    fault = col("fault") & known
    frame = joined.group_by("row").agg(
        *over_days("distance_km", col("driven_km"), total, *lengths),
        total(col("driven_km").filter(days(7, 7))).alias("week_before_km_7days"),
        *over_days("engine_hours", col("ran_hours"), total, *lengths),
        *over_days("fuel_l", col("fuel_l"), total, *lengths),
        *(
            ratio(total(col("fuel_l").filter(days(n))), total(col("driven_km").filter(days(n)))).alias(f"litres_per_km_{suffix(n)}")
            for n in (7, 28, 90)
        ),
        *(count(at.filter(fault & days(n))).alias(f"faults_{suffix(n)}") for n in lengths),
        distinct(col("fault_code").filter(days(28))).alias("fault_kinds_28days"),
        col("fault_code").filter(fault).last().alias("last_fault"),
        age(at.filter(fault)).alias("fault_age"),
        *over_days("hottest_c", col("engine_temp_c"), most, 1, 7),
        *over_days("temperature_c", col("engine_temp_c"), mean, 7, 28),
        *over_days("temperature_spread", col("engine_temp_c"), spread, 28),
        col("speed_kmh").filter(days(7)).quantile(0.9, "linear").alias("speed_p90_7days"),
        count(at.filter(days(7) & (col("speed_kmh") == 0) & (col("ran_hours") > 0))).alias("standing_7days"),
        *over_days("readings", at, count, 1, 7),
        age(at).alias("days_silent"),
    ).with_columns(
        fuel_per_100km_7=col("litres_per_km_7days") * 100,
        fuel_per_100km_28=col("litres_per_km_28days") * 100,
        fuel_per_100km_90=col("litres_per_km_90days") * 100,
        km_per_hour=ratio(col("distance_km_28days"), col("engine_hours_28days")),
        km_per_day=col("distance_km_28days") / 28,
        momentum=ratio(col("distance_km_7days"), col("week_before_km_7days")),
        faults_per_1000km=ratio(col("faults_90days"), col("distance_km_90days")) * 1000,
    )
    return only(frame, as_of(points, mart.vehicle, "vehicle_id", []))


def vehicle_load(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.utilization, "vehicle_id", horizon=90)
    frame = joined.group_by("row").agg(
        *over_days("shipments", col("shipments"), total, 1, 7, 28, 90),
        *over_days("loaded_kg", col("loaded_kg"), total, 1, 7, 28, 90),
        *over_days("load_share", col("load_share"), mean, 7, 28, 90),
        *over_days("fullest", col("load_share"), most, 28),
        *over_days("planned_km", col("planned_km"), total, 7, 28),
        *over_days("active_days", at, count, 1, 7, 28, 90),
        count(at.filter(days(28) & (col("load_share") > 1))).alias("overloaded_days_28days"),
    ).with_columns(
        *((n - col(f"active_days_{n}days").cast(pl.Int64)).alias(f"idle_days_{n}") for n in (7, 28, 90)),
        utilization=col("active_days_28days") / 28,
    )
    return only(frame, as_of(points, mart.vehicle, "vehicle_id", []))


def vehicle_hauls(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.deliveries, "vehicle_id")
    hauls = ("local", "regional", "long")
    frame = joined.group_by("row").agg(
        *(count(at.filter(days(90) & (col("haul") == one))).alias(f"deliveries_{one}_90days") for one in hauls),
        count(at.filter(days(90) & col("haul").is_null())).alias("deliveries_rest_90days"),
        *(mean(col("on_time").filter(days(90) & (col("haul") == one))).alias(f"on_time_{one}_90days") for one in hauls),
        *over_days("delay_minutes", col("delay_minutes"), mean, 7, 28),
    )
    usual = most_frequent(joined, "haul", days(90)).rename({"haul": "usual_haul_90days"})
    return only(frame.join(usual, on="row", how="left"), as_of(points, mart.vehicle, "vehicle_id", []))


def workshop(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.work_orders, "vehicle_id")
    year = hours(24 * 365)
    frame = joined.group_by("row").agg(
        *(count(at.filter(year & (col("kind") == kind))).alias(f"orders_{kind}_365d") for kind in KINDS),
        *(count(at.filter(hours(24 * n) & (col("kind") == "breakdown"))).alias(f"breakdowns_{n}d") for n in (90, 180)),
        *(total(col("cost").filter(hours(24 * n))).alias(f"cost_{n}d") for n in (90, 365)),
        col("cost").max().alias("dearest"),
        col("kind").drop_nulls().last().alias("last_kind"),
        mean(col("gap").filter(year)).alias("days_between_365d"),
    )
    return only(frame, as_of(points, mart.vehicle, "vehicle_id", []))


def last_order(mart, points, name, condition):
    """When a vehicle was last in the workshop for something, before T."""
    done = mart.work_orders.filter(condition).select("vehicle_id", "at")
    return points.select("row", "vehicle_id", "T").join(done, on="vehicle_id").filter(at < T).group_by("row").agg(at.max().alias(name))


def over(left):
    """Whether less than nothing is left; nothing is over by a measure that does not apply."""
    return (col(left) < 0).fill_null(False)


def maintenance(mart, samples):
    points = served(samples, delay_hours=1)
    anchors = {kind: col("kind") == kind for kind in KINDS} | {"service": col("kind") != "breakdown"}
    joined = events_before(points, mart.telemetry, "vehicle_id")
    starts = points.select("row")
    for name, condition in anchors.items():
        starts = starts.join(last_order(mart, points, name, condition), on="row", how="left")
    joined = joined.join(starts, on="row")

    def since(name):
        return known & (col(name).is_null() | (at >= col(name)))

    fault = col("fault") & known
    below = {
        "engine_hours": col("hour_meter").last() - col("hour_meter"),
        "odometer_km": col("km_meter").last() - col("km_meter"),
    }
    frame = joined.group_by("row").agg(
        *(total(col("driven_km").filter(since(kind))).alias(f"km_since_{kind}") for kind in KINDS),
        *(total(col("ran_hours").filter(since(kind))).alias(f"hours_since_{kind}") for kind in KINDS),
        *(((T - col(kind)).dt.total_microseconds() / DAY).first().alias(f"{kind}_age") for kind in KINDS),
        count(at.filter(fault & since("service"))).alias("faults_since_service"),
        distinct(col("fault_code").filter(since("service"))).alias("fault_kinds_since_service"),
        most(col("engine_temp_c").filter(since("service"))).alias("hottest_c_since_service"),
        *(
            count(at.filter(fault & (below["engine_hours"] < n * 1000))).alias(f"recent_faults_{n}_engine_hours")
            for n in (100, 250)
        ),
        total(col("fuel_l").filter(known & (below["odometer_km"] < 1_000_000))).alias("recent_fuel_l_1000_odometer_km"),
        *over_days("lately_km", col("driven_km"), total, 28),
        *over_days("lately_hours", col("ran_hours"), total, 28),
        T.first(),
    )
    due = [
        "oil_every_km", "oil_every_days", "brakes_every_km", "tyres_every_km", "inspection_every_days",
        "inspection_every_engine_hours",
    ]
    frame = frame.join(as_of(points, mart.vehicle, "vehicle_id", ["commissioned_on"]), on="row", how="left")
    frame = frame.join(as_of(points, mart.maintenance_schedule, "vehicle_id", due), on="row", how="left")
    life = since_day(col("commissioned_on"))
    frame = frame.with_columns(
        *(pl.coalesce(f"{kind}_age", life).alias(f"days_since_{kind}") for kind in KINDS[:-1]),
        km_per_day=col("lately_km_28days") / 28,
        hours_per_day=col("lately_hours_28days") / 28,
    ).with_columns(
        oil_km_left=col("oil_every_km") - col("km_since_oil"),
        oil_days_left=col("oil_every_days") - col("days_since_oil"),
        brakes_km_left=col("brakes_every_km") - col("km_since_brakes"),
        tyres_km_left=col("tyres_every_km") - col("km_since_tyres"),
        inspection_days_left=col("inspection_every_days") - col("days_since_inspection"),
        inspection_hours_left=col("inspection_every_engine_hours") - col("hours_since_inspection"),
    ).with_columns(
        oil_overdue=over("oil_km_left") | over("oil_days_left"),
        brakes_overdue=over("brakes_km_left"),
        tyres_overdue=over("tyres_km_left"),
        inspection_overdue=over("inspection_days_left") | over("inspection_hours_left"),
        soonest=pl.min_horizontal(
            "oil_days_left",
            "inspection_days_left",
            *(ratio(col(f"{kind}_km_left"), col("km_per_day")) for kind in ("oil", "brakes", "tyres")),
            ratio(col("inspection_hours_left"), col("hours_per_day")),
        ),
    )
    frame = frame.with_columns(days_until_due=pl.when(col("soonest") < NEVER).then("soonest")).drop("T", "soonest")
    return only(frame, as_of(points, mart.vehicle, "vehicle_id", []))
