"""Makes the feature repository of the comparison: 10 000 customers, five views of ten features, in Feast's default stores.

Usage: python feast_repository.py <folder>
"""
import datetime
import pathlib
import sys

import numpy
import pandas
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64

CUSTOMERS = 10_000
folder = pathlib.Path(sys.argv[1])
(folder / "feature_store.yaml").write_text(
    "project: bench\nprovider: local\nregistry: registry.db\nentity_key_serialization_version: 3\n"
    "online_store:\n  type: sqlite\n  path: online.db\n"
)
now = datetime.datetime.now(datetime.timezone.utc)
customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.STRING)
names = [f"feature_{index}" for index in range(10)]
random = numpy.random.default_rng(7)
views, frames = [], {}
for index in range(5):
    path = folder / f"source_{index}.parquet"
    frame = pandas.DataFrame({name: random.random(CUSTOMERS) for name in names})
    frame["customer_id"] = [f"customer-{row:06d}" for row in range(CUSTOMERS)]
    frame["at"] = now
    frame.to_parquet(path)
    source = FileSource(name=f"source_{index}", path=str(path), timestamp_field="at")
    fields = [Field(name=name, dtype=Float64) for name in names]
    views.append(FeatureView(name=f"view_{index}", entities=[customer], ttl=datetime.timedelta(days=3), schema=fields, source=source))
    frames[f"view_{index}"] = frame
store = FeatureStore(repo_path=str(folder))
store.apply([customer, *views, FeatureService(name="small", features=views)])
for name, frame in frames.items():
    store.write_to_online_store(name, df=frame)
