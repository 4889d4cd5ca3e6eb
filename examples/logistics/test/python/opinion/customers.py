"""Rolling analytics of customers, their hauls, and their segments."""

import polars as pl

from .moments import (
    DAY, T, age, as_of, at, count, days, distinct, events_before, known, mean, most, most_frequent, only, over_days, ratio,
    served, total,
)
from .routes import at_points, everybody_at, part

col = pl.col
LENGTHS = (1, 7, 28, 90)


def customer_profile(mart, samples):
    return as_of(served(samples), mart.customer, "customer_id", ["segment", "tier", "depot_id", "credit_limit"])


def customer_rolling(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.shipments, "customer_id")
    end = pl.min_horizontal(pl.coalesce("delivered_at", T), T)
    covered = (end - pl.max_horizontal(at, "d28")).dt.total_microseconds().clip(lower_bound=0)
    open_now = known & (col("delivered_at").is_null() | (col("delivered_at") >= T))
    price, weight = col("price"), col("weight_kg")
    frame = joined.group_by("row").agg(
        *over_days("shipments", at, count, *LENGTHS),
        *over_days("revenue", price, total, *LENGTHS),
        *over_days("weight_kg", weight, total, *LENGTHS),
        *over_days("price", price, mean, 28, 90),
        ratio(total(price.filter(days(90))), total(weight.filter(days(90)))).alias("price_per_kg_90days"),
        *over_days("distance_km", col("distance_km"), total, 28),
        *over_days("heaviest_kg", weight, most, 90),
        *over_days("routes", col("route_id"), distinct, 90),
        *over_days("vehicles", col("vehicle_id"), distinct, 90),
        count(at.filter(open_now)).alias("in_transit_open"),
        (covered.filter(known).sum() / DAY).alias("transit_days_28days"),
        total(price.filter((at >= col("month_before")) & (at < col("month")))).alias("billed_previous_month"),
        total(price.filter(at >= col("month"))).alias("billing_month_to_date"),
    ).with_columns(momentum=ratio(col("shipments_7days"), col("shipments_28days") / 4))
    usual = most_frequent(joined, "route_id", days(90)).rename({"route_id": "usual_route_90days"})
    return only(frame.join(usual, on="row", how="left"), as_of(points, mart.customer, "customer_id", []))


def customer_service(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.deliveries, "customer_id")
    late = col("late")
    newest = late.filter(known).tail(3)
    frame = joined.group_by("row").agg(
        *over_days("deliveries", at, count, *LENGTHS),
        *(count(at.filter(days(n) & late)).alias(f"late_{n}days") for n in (7, 28, 90)),
        *over_days("on_time", col("on_time"), mean, 7, 28, 90),
        *over_days("delay_minutes", col("delay_minutes"), mean, 7, 28, 90),
        *over_days("worst_delay", col("delay_minutes"), most, 28),
        late.drop_nulls().last().alias("last_late"),
        pl.when(known.any()).then(newest.fill_null(False).all()).alias("all_late_last3"),
    )
    return only(frame, as_of(points, mart.customer, "customer_id", []))


def customer_hauls(mart, samples):
    points = served(samples, delay_hours=1)
    joined = events_before(points, mart.deliveries, "customer_id", horizon=90)
    frame = joined.group_by("row").agg(
        *(
            reduce(value.filter(days(90) & (col("haul") == haul))).alias(f"{name}_{haul}_90days")
            for name, value, reduce in (
                ("deliveries", at, count),
                ("on_time", col("on_time"), mean),
                ("weight_kg", col("weight_kg"), total),
            )
            for haul in ("local", "regional", "long")
        )
    )
    return only(frame, as_of(points, mart.customer, "customer_id", []))


def customer_rfm(mart, samples):
    """Of all customers at every T, because each stands among all."""
    points = served(samples, delay_hours=1)
    everybody = everybody_at(points, mart.customer, "customer_id")
    joined = events_before(everybody, mart.shipments, "customer_id")
    halves = (T - at).dt.total_microseconds() / (30 * DAY)
    # Money is whole cents, so that equal sums are equal.
    cents = (col("price") * 100).round().cast(pl.Int64)
    frame = joined.group_by("row").agg(
        age(at).alias("recency_days"),
        *over_days("frequency", at, count, 90),
        cents=total(cents.filter(days(90))),
        usual_gap_180days=mean(col("gap").filter(days(180))),
        recent_28days=count(at.filter(days(28))),
        before_28days=count(at.filter(days(28, 28))),
        decayed_money=(col("price") * (2.0 ** -halves)).filter(known).sum(),
    ).with_columns(money_90days=col("cents") / 100)
    frame = everybody.join(frame, on="row").join(
        as_of(everybody, mart.customer, "customer_id", ["tier", "segment"]), on="row"
    )
    recent, before = col("recent_28days").cast(pl.Int64), col("before_28days").cast(pl.Int64)
    money = col("cents")
    below = money.rank("min").over("T", "tier").cast(pl.Int64) - 1
    others = pl.len().over("T", "tier").cast(pl.Int64) - 1
    frame = frame.with_columns(
        gap_ratio=ratio(col("recency_days"), col("usual_gap_180days")),
        trend=ratio(recent - before, before),
        stale_fifth=part(col("recency_days"), 5),
        frequency_fifth=part(col("frequency_90days"), 5),
        money_fifth=part(money, 5),
        rank_in_segment=within("segment", money.rank("min", descending=True).over("T", "segment")),
        share_of_segment=within("segment", ratio(money, money.sum().over("T", "segment"))),
        standing_in_tier=within("tier", pl.when(others > 0).then(below / others).otherwise(0.0)),
        money_score=ratio(money - money.mean().over("T"), money.std().over("T")),
        tenth=tenth(),
    )
    return at_points(points, frame.drop("cents"), "customer_id")


def within(group, value):
    return pl.when(col(group).is_not_null()).then(value)


def tenth():
    """Ten parts of equal size, the first ones larger by one; equal values by key."""
    place = pl.struct("decayed_money", "customer_id").rank("ordinal").over("T").cast(pl.Int64) - 1
    n = pl.len().over("T").cast(pl.Int64)
    small, larger = n // 10, n % 10
    edge = larger * (small + 1)
    return 1 + pl.when(place < edge).then(place // (small + 1)).otherwise(larger + (place - edge) // pl.max_horizontal(small, 1))


def customer_segments(mart, samples):
    rfm = customer_rfm(mart, samples)
    r, f, m = 6 - col("stale_fifth"), col("frequency_fifth"), col("money_fifth")
    recent, frequent, rich = col("recency_fifth"), f, m
    return rfm.select(
        "row",
        r.alias("recency_fifth"),
        "frequency_fifth",
        "money_fifth",
        "tier",
        ((col("gap_ratio") > 3) & (col("recency_days") > 14)).alias("leaving"),
        (col("trend") < -0.5).alias("shrinking"),
    ).with_columns(
        rfm=recent * 100 + frequent * 10 + rich,
        behaviour=pl.when(recent.is_null()).then(pl.lit("never"))
        .when((recent >= 4) & (frequent >= 4) & (rich >= 4)).then(pl.lit("champion"))
        .when((recent >= 4) & (frequent <= 2)).then(pl.lit("new"))
        .when(frequent >= 4).then(pl.lit("loyal"))
        .when((recent <= 2) & (rich >= 4)).then(pl.lit("at_risk"))
        .when(recent <= 2).then(pl.lit("sleeping"))
        .otherwise(pl.lit("regular")),
        mismatch=(col("tier") == "premium") & (rich <= 2),
    )
