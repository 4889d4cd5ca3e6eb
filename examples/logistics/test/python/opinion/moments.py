"""Which row is served when, and which events a window covers.

Points are rows to be computed: `row`, a key and `T`. A view's frame has `row` and its features.
"""

import polars as pl

ZONE = "Europe/Zurich"
DAY = 86_400_000_000
OFFSETS = (1, 7, 14, 28, 56, 90, 180)

at = pl.col("at")
T = pl.col("T")
known = at.is_not_null()


def served(samples, every="1d", delay_hours=0):
    """The newest T of the carrier's clock with T + delay <= t."""
    reach = pl.col("t") - pl.duration(hours=delay_hours)
    day = reach.dt.convert_time_zone(ZONE).dt.truncate("1d").dt.convert_time_zone("UTC")
    if every == "1d":
        return samples.with_columns(T=day)
    hours = int(every.removesuffix("h"))
    steps = (reach - day).dt.total_microseconds() // (hours * 3_600_000_000)
    return samples.with_columns(T=day + pl.duration(microseconds=steps * hours * 3_600_000_000))


def local(expression):
    return expression.dt.convert_time_zone(ZONE)


def back(expression, by):
    """So many local days or months earlier."""
    return local(expression).dt.offset_by(f"-{by}").dt.convert_time_zone("UTC")


def as_of(points, dimension, key, columns, time="T", on=None):
    """The dimension's row that holds at a time: of several the one that begins last, then the one that ends last."""
    on = on or key
    renamed = dimension.select(pl.col(key).alias(on), "valid_from", "valid_to", *columns)
    return (
        points.select("row", on, pl.col(time).alias("when"))
        .join(renamed, on=on)
        .filter((pl.col("valid_from") <= pl.col("when")) & (pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("when"))))
        .sort(["row", "valid_from", "valid_to"], descending=[False, True, True], nulls_last=[False, False, False])
        .unique("row", keep="first", maintain_order=True)
        .select("row", *columns)
    )


def events_before(points, events, key, horizon=None):
    """Every event of a point before its T, and one row without an event, so that nobody is lost."""
    bounds = points.select(
        "row", key, "T", *(back(T, f"{n}d").alias(f"d{n}") for n in OFFSETS)
    ).with_columns(
        month=local(T).dt.truncate("1mo").dt.convert_time_zone("UTC"),
    ).with_columns(month_before=back(pl.col("month"), "1mo"))
    joined = bounds.join(events, on=key).filter(at < T)
    if horizon is not None:
        joined = joined.filter(at >= pl.col(f"d{horizon}"))
    return pl.concat([joined, bounds], how="diagonal").sort("row", "order", nulls_last=False)


def days(n, shift=0):
    """Whole local days that end at T."""
    if shift == 0:
        return at >= pl.col(f"d{n}")
    return (at >= pl.col(f"d{n + shift}")) & (at < pl.col(f"d{shift}"))


def hours(n):
    return at >= T - pl.duration(hours=n)


def suffix(n):
    return "1day" if n == 1 else f"{n}days"


def over_days(name, value, reduce, *lengths):
    """One feature for each number of days."""
    return [reduce(value.filter(days(n))).alias(f"{name}_{suffix(n)}") for n in lengths]


def total(values):
    return values.sum().fill_null(0)


def mean(values):
    return values.mean()


def count(values):
    return values.len()


def most(values):
    return values.max()


def distinct(values):
    return values.drop_nulls().n_unique()


def spread(values):
    return values.std(ddof=1)


def ratio(above, below):
    return pl.when(below != 0).then(above / below)


def age(times):
    return (T.first() - times.max()).dt.total_microseconds() / DAY


def most_frequent(joined, column, window):
    """The value of most events; of several the one seen last."""
    return (
        joined.filter(window & pl.col(column).is_not_null())
        .group_by("row", column)
        .agg(n=pl.len(), seen=pl.col("order").max())
        .sort(["row", "n", "seen"], descending=[False, True, True])
        .unique("row", keep="first", maintain_order=True)
        .select("row", column)
    )


def ordered(events, *by):
    """Events in the order in which they happened, numbered."""
    return events.sort(*by, nulls_last=False).with_row_index("order")


def only(frame, rows):
    """Nulls for everybody who has no row."""
    columns = [name for name in frame.columns if name != "row"]
    return frame.join(rows.select("row").with_columns(has=pl.lit(True)), on="row", how="left").select(
        "row", *(pl.when(pl.col("has")).then(pl.col(name)).alias(name) for name in columns)
    )
