"""The tables of the mart, prepared as the definitions declare them."""

from pathlib import Path

import polars as pl

from .moments import DAY, ordered

LATE = pl.col("late")


def haul(km):
    return pl.when(km >= 200).then(pl.lit("long")).when(km >= 60).then(pl.lit("regional")).when(km >= 0).then(pl.lit("local"))


def increase(column):
    """How much a counter has grown since the last reading; one that fell has begun anew."""
    reading = pl.col(column)
    before = reading.forward_fill().shift(1).over("vehicle_id")
    return pl.when(reading < before).then(reading).otherwise(reading - before)


def meter(column):
    """Where an event stands on a meter that never begins anew, in thousandths: whole numbers say what is exactly at an edge."""
    reading = (pl.col(column) * 1000).round().cast(pl.Int64)
    before = reading.forward_fill().shift(1).over("vehicle_id")
    grown = pl.when(reading < before).then(reading).otherwise(reading - before)
    begun = reading.forward_fill().over("vehicle_id").is_not_null()
    return pl.when(begun).then(grown.fill_null(0).cum_sum().over("vehicle_id"))


class Mart:
    def __init__(self, folder):
        self.folder = Path(folder)
        for name in ("customer", "vehicle", "location", "route", "date", "weather", "traffic", "maintenance_schedule"):
            setattr(self, name, self.table(f"dim_{name}"))
        self.location = self.location.with_columns(valid_to=pl.lit(None, pl.Datetime("us", "UTC")))

        telemetry = ordered(self.table("fact_vehicle_telemetry").rename({"recorded_at": "at"}), "vehicle_id", "at")
        self.telemetry = telemetry.with_columns(
            driven_km=increase("odometer_km"),
            ran_hours=increase("engine_hours"),
            fault=pl.col("fault_code").is_not_null(),
            km_meter=meter("odometer_km"),
            hour_meter=meter("engine_hours"),
        )

        orders = ordered(self.table("fact_maintenance").rename({"performed_at": "at"}), "at", "work_order_id")
        self.work_orders = orders.with_columns(gap=gap("vehicle_id"))
        self.utilization = ordered(self.table("fact_vehicle_utilization").rename({"day_end": "at"}), "at")
        self.conditions = ordered(self.table("fact_route_conditions").rename({"observed_at": "at"}), "at")

        # An interval that ends before it begins counts for nothing, and neither does one without a beginning.
        picked = self.table("fact_shipment").rename({"picked_up_at": "at"}).filter(
            pl.col("at").is_not_null() & (pl.col("delivered_at").is_null() | (pl.col("delivered_at") >= pl.col("at")))
        )
        self.shipments = ordered(picked, "at", "route_id").with_columns(gap=gap("customer_id"))
        self.deliveries = ordered(
            self.table("fact_delivery").rename({"delivered_at": "at"}).with_columns(
                on_time=pl.when(LATE).then(0).when(~LATE).then(1),
                haul=haul(pl.col("distance_km")),
            ),
            "at",
            "shipment_id",
        )

    def table(self, name):
        frame = pl.read_parquet(self.folder / f"{name}.parquet")
        return frame.with_columns(
            pl.col(pl.Datetime).dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
            pl.selectors.decimal().cast(pl.Float64),
        )


def gap(key):
    """Days since the event before."""
    return (pl.col("at") - pl.col("at").shift(1).over(key)).dt.total_microseconds() / DAY
