"""The consolidated service: what is looked up, what is computed at request time, the calendar, and labels."""

import polars as pl

from .moments import DAY, T, at, local, ratio, served

col = pl.col


def calendar(mart, samples):
    points = served(samples)
    today = local(T).dt.date()
    holidays = mart.date.select("date", "is_holiday")
    frame = points.select(
        "row",
        date=today,
        tomorrow=today + pl.duration(days=1),
        weekday=local(T).dt.weekday(),
        month=local(T).dt.month(),
        weekend=local(T).dt.weekday() >= 6,
    )
    frame = frame.join(holidays.rename({"is_holiday": "holiday"}), on="date", how="left")
    return frame.join(
        holidays.rename({"date": "tomorrow", "is_holiday": "holiday_tomorrow"}), on="tomorrow", how="left"
    ).drop("date", "tomorrow")


def looked_up(samples, by, feature, key):
    """The samples with a key that another view's feature gives."""
    return samples.select("row", "t").join(by.select("row", col(feature).alias(key)), on="row", how="left")


def trip(features, samples):
    """`features` has the columns of the views, named view__feature."""
    frame = features.join(samples.select("row", "planned_load_kg", "planned_departure", "promised_at"), on="row")
    planned, km = col("route_profile__planned_minutes"), col("route_profile__distance_km")
    load = ratio(col("planned_load_kg"), col("vehicle_profile__capacity_kg"))
    promised = (col("promised_at") - col("planned_departure")).dt.total_microseconds() / DAY * (24 * 60)
    usual = pl.coalesce("route_rolling__driven_minutes_28days", planned)
    expected = ratio(planned, 1 - col("route_conditions__congestion").fill_null(0))
    return frame.select(
        "row",
        load_share=load,
        overloaded=load > 1,
        load_tonne_km=col("planned_load_kg") * km / 1000,
        promised_minutes=promised,
        usual_minutes=usual,
        expected_minutes=expected,
        slack_minutes=promised - expected,
        usual_slack_minutes=promised - usual,
        premium=col("customer_profile__tier") == "premium",
    )


def departure(samples):
    at_clock = local(col("planned_departure"))
    hour, weekday = at_clock.dt.hour().cast(pl.Int64), at_clock.dt.weekday().cast(pl.Int64)
    rush = (weekday <= 5) & hour.is_in([7, 8, 16, 17, 18])
    return samples.select("row", hour=hour, weekday=weekday, rush_hour=rush)


def ahead(samples, events, key, length_days, end, values):
    """Labels of [t, t + length), null until it is over."""
    span = pl.duration(days=length_days)
    joined = samples.select("row", key, "t").join(events, on=key).filter((at >= col("t")) & (at < col("t") + span))
    found = samples.select("row", "t").join(joined.group_by("row").agg(**values), on="row", how="left")
    return found, found.select("row", over=col("t") + span <= end)


def fails(mart, samples, end):
    broken = mart.work_orders.filter(col("kind") == "breakdown")
    found, over = ahead(samples, broken, "vehicle_id", 14, end, {"n": pl.len()})
    return found.join(over, on="row").select("row", fails=pl.when("over").then(col("n").fill_null(0) > 0))


def delays(mart, samples, end):
    values = {"minutes": col("delay_minutes").max(), "all_late": col("late").fill_null(False).all()}
    found, over = ahead(samples, mart.deliveries, "shipment_id", 7, end, values)
    return found.join(over, on="row").select(
        "row", minutes_late=pl.when("over").then("minutes"), late=pl.when("over").then("all_late")
    )
