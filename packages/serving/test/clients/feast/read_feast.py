"""Feast's SDK, unmodified, reads features from Martlet: python read_feast.py <folder of `martlet export feast`>."""

import datetime
import json
import shutil
import sys
import tempfile
from pathlib import Path

import requests
from feast import FeatureService, FeatureStore
from feast.errors import (
    FeastError,
    FeastPermissionError,
    FeatureNameCollisionError,
    FeatureServiceNotFoundException,
    FeatureViewNotFoundException,
    PushSourceNotFoundException,
    RequestDataNotFoundInEntityRowsException,
)
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus
from feast.protos.feast.types.Value_pb2 import Value

exported = Path(sys.argv[1])
yaml = (exported / "feature_store.yaml").read_text()
assert len(yaml.splitlines()) == 5, yaml
path = next(line for line in yaml.splitlines() if line.startswith("online_store")).split('"')[1]
BIG = 2**53 + 1
checks = 0


def equal(got, wanted, what=""):
    global checks
    checks += 1
    assert got == wanted and type(got) is type(wanted), f"{what}: got {got!r}, wanted {wanted!r}"


def raises(kind, said, call):
    global checks
    checks += 1
    try:
        call()
    except Exception as error:  # noqa: BLE001
        assert type(error) is kind, f"{type(error)} instead of {kind}: {error}"
        assert said in str(error), f"{said!r} is not in {error}"
        return
    raise AssertionError(f"{kind} was not raised")


def store_of(folder, key="MARTLET_KEY"):
    """The exported file with the lines that send a key."""
    (folder / "feature_store.yaml").write_text(yaml + f"auth: {{type: oidc, token_env_var: {key}}}\n")
    return FeatureStore(repo_path=str(folder))


def copied(registry="registry.db"):
    folder = Path(tempfile.mkdtemp())
    shutil.copy(exported / registry, folder / "registry.db")
    return folder


# 1. The five lines and nothing else: no registry file, no apply. One is made by the SDK, and is empty.
alone = store_of(Path(tempfile.mkdtemp()))
rows = [{"guest_id": BIG}, {"guest_id": 2}, {"guest_id": 3}, {"guest_id": 4}]
names = ["nights", "floor", "spent", "tier", "member", "seen_at", "born_on", "balance"]
answer = alone.get_online_features(features=[f"guests:{name}" for name in names], entity_rows=rows)
read = answer.to_dict()
equal(list(read), ["guest_id", *names])
equal(read["guest_id"], [BIG, 2, 3, 4])
equal(read["nights"], [2**63 - 1, 3, None, None])
equal(read["floor"], [7, -1, None, None])
equal(read["spent"], [0.1, 250.0, None, None])
equal([type(value) for value in read["spent"][:2]], [float, float])
equal(read["tier"], ['gold "A"', "ünïcode", None, None])
equal(read["member"], [True, False, None, None])
equal(read["balance"], ["1234567890.12", "-0.01", None, None])


def seconds(*parts):
    return int(datetime.datetime(*parts, tzinfo=datetime.timezone.utc).timestamp())


equal(read["seen_at"], [seconds(2026, 1, 9, 12), seconds(2026, 1, 1), None, None])
equal(read["born_on"], [seconds(1990, 2, 28), seconds(2000, 1, 1), None, None])
kinds = [value.WhichOneof("val") for value in (result.values[0] for result in answer.proto.results)]
equal(kinds, ["int64_val", "int64_val", "int64_val", "double_val", "string_val", "bool_val", "int64_val", "int64_val", "string_val"])
P, N, F, O = FieldStatus.PRESENT, FieldStatus.NULL_VALUE, FieldStatus.NOT_FOUND, FieldStatus.OUTSIDE_MAX_AGE
for result, name in zip(answer.proto.results[1:], names):
    equal(list(result.statuses), [P, P, N, F], name)
    equal(result.values[3], Value(), name)
equal(list(answer.proto.results[0].statuses), [P, P, P, P])

# Composite keys of several views in one read, with full names, and a row that is too old.
pairs = [{"guest_id": BIG, "hotel": "Bär & Co"}, {"guest_id": 2, "hotel": "Sea"}, {"guest_id": 3, "hotel": "Sea"}]
answer = alone.get_online_features(
    features=["stay_counts:rating", "guests:tier", "old_offers:discount", "stay_counts:visits"],
    entity_rows=pairs,
    full_feature_names=True,
)
equal(
    answer.to_dict(),
    {
        "guest_id": [BIG, 2, 3],
        "hotel": ["Bär & Co", "Sea", "Sea"],
        "stay_counts__rating": [4.5, 5.0, None],
        "guests__tier": ['gold "A"', "ünïcode", None],
        "old_offers__discount": [None, None, None],
        "stay_counts__visits": [4, 2, None],
    },
)
equal(list(answer.proto.results[4].statuses), [F, O, F])
frame = answer.to_df()
equal(frame["stay_counts__visits"].tolist()[:2], [4, 2])

# A service of which only the name is known here.
by_name = alone.get_online_features(features=FeatureService(name="stays", features=[]), entity_rows=pairs).to_dict()
equal(list(by_name), ["guest_id", "hotel", "visits", "rating", "tier", "discount"])
equal(by_name["visits"], [4, 2, None])

# What on-demand features take from a request travels among the entities.
asked = [{"guest_id": 2, "nights_wanted": 3}, {"guest_id": 4, "nights_wanted": 1}]
quotes = alone.get_online_features(features=FeatureService(name="quotes", features=[]), entity_rows=asked).to_dict()
equal(quotes, {"guest_id": [2, 4], "spent": [250.0, None], "price": [50.0, None]})
equal(alone.get_online_features(features=["quote:price"], entity_rows=asked).to_dict()["price"], [50.0, None])

# 2. Refusals are the SDK's own errors, with our sentence; none is retried, so none takes seconds.
began = datetime.datetime.now()
one = [{"guest_id": 2}]
ask = alone.get_online_features
raises(FeatureViewNotFoundException, "Did you mean guests?", lambda: ask(features=["guest:tier"], entity_rows=one))
raises(FeastError, 'view guests has no feature "teir"', lambda: ask(features=["guests:teir"], entity_rows=one))
raises(FeatureServiceNotFoundException, "nobody", lambda: ask(features=FeatureService(name="nobody", features=[]), entity_rows=one))
raises(FeastError, "entities.guest_id is missing", lambda: ask(features=["guests:tier"], entity_rows=[{"guest": 2}]))
raises(FeastError, 'entities.guest_id[0] must be a whole number', lambda: ask(features=["guests:tier"], entity_rows=[{"guest_id": "x"}]))
raises(FeastError, "entities.guest_id[0] must be", lambda: ask(features=["guests:tier"], entity_rows=[{"guest_id": None}]))
raises(FeatureNameCollisionError, "repeats", lambda: ask(features=["guests:tier", "guests:tier"], entity_rows=one))
raises(RequestDataNotFoundInEntityRowsException, "nights_wanted", lambda: ask(features=["quote:price"], entity_rows=one))
raises(FeastError, "has 1 values", lambda: ask(features=["stay_counts:visits"], entity_rows={"guest_id": [1, 2], "hotel": ["x"]}))
narrow = store_of(Path(tempfile.mkdtemp()), "NARROW_KEY")
equal(narrow.get_online_features(features=["guests:tier"], entity_rows=one).to_dict()["tier"], ["ünïcode"])
raises(FeastPermissionError, "guests:spent", lambda: narrow.get_online_features(features=["guests:spent"], entity_rows=one))
assert (datetime.datetime.now() - began).total_seconds() < 3

# 3. The exported registry: what there is, as Feast's objects.
store = store_of(copied())
equal(store.project, "hotel")
entities = {entity.name: entity for entity in store.list_entities()}
equal({name: entity.join_key for name, entity in entities.items()}, {"guest": "guest_id", "hotel": "hotel"})
views = {view.name: view for view in store.list_feature_views()}
equal(sorted(views), ["guests", "old_offers", "stay_counts"])
equal(
    {field.name: str(field.dtype) for field in views["guests"].features},
    {
        "nights": "Int64",
        "floor": "Int32",
        "spent": "Float64",
        "tier": "String",
        "member": "Bool",
        "seen_at": "UnixTimestamp",
        "born_on": "UnixTimestamp",
        "balance": "Decimal",
    },
)
guests = views["guests"]
equal((guests.description, guests.owner), ("What is known of a guest", "growth"))
equal({name: guests.tags[name] for name in ("team", "pii", "martlet.source", "martlet.table")}, {
    "team": "growth", "pii": "", "martlet.source": "mart.guests", "martlet.table": "features.guests"})
equal(guests.ttl, datetime.timedelta(0))
equal(views["old_offers"].ttl, datetime.timedelta(days=1))
equal(views["stay_counts"].entities, ["guest", "hotel"])
equal([field.name for field in views["stay_counts"].entity_columns], ["guest_id", "hotel"])
assert views["guests"].materialization_intervals, "the materialized interval is not there"
services = {service.name: service for service in store.list_feature_services()}
equal(sorted(services), ["profile", "quotes", "stays"])
equal(
    [(one.name, [field.name for field in one.features]) for one in services["stays"].feature_view_projections],
    [("stay_counts", ["visits", "rating"]), ("guests", ["tier"]), ("old_offers", ["discount"])],
)
equal(store.get_entity("guest").value_type.name, "INT64")
equal(store.get_feature_view("guests").name, "guests")
equal(
    store.get_online_features(features=store.get_feature_service("stays"), entity_rows=pairs).to_dict(), by_name
)
equal(store.get_online_features(features=store.get_feature_service("quotes"), entity_rows=asked).to_dict(), quotes)

equal(store.list_data_sources(), [])

# On Snowflake, each view's table is a source that Feast could train from.
snowflake = store_of(copied("snowflake.db"))
sources = {source.name: source for source in snowflake.list_data_sources()}
equal(sorted(sources), ["features.guests", "features.old_offers", "features.stay_counts"])
source = snowflake.get_feature_view("guests").batch_source
equal((type(source).__name__, source.database, source.schema, source.table), ("SnowflakeSource", "SHOP", "features", "guests"))
equal(source.timestamp_field, "feature_time")

# 4. Writes are refused in a sentence.
import pandas  # noqa: E402

written = pandas.DataFrame(
    {"guest_id": [2], "hotel": ["Sea"], "visits": [1], "rating": [1.0], "feature_time": [datetime.datetime.now()]}
)
raises(
    FeastError,
    "View stay_counts is materialized from the warehouse",
    lambda: snowflake.write_to_online_store("stay_counts", written),
)
headers = {"authorization": "Bearer key of reader"}
rows = {"push_source_name": "s", "df": {}, "to": "online"}
equal(requests.post(f"{path}/push", json=rows, headers=headers).status_code, 403)
pushed = requests.post(f"{path}/push", json=rows, headers={"authorization": "Bearer key of pusher"})
equal(pushed.status_code, 422)
equal(type(FeastError.from_error_detail(pushed.json())), PushSourceNotFoundException)
equal(requests.get(f"{path}/health").status_code, 200)
raw = requests.post(
    f"{path}/get-online-features",
    headers=headers,
    json={"entities": {"guest_id": [2]}, "features": ["guests:nights"]},
)
equal(json.loads(raw.text)["results"][1]["event_timestamps"], ["2026-01-10T06:30:00Z"])
print(f"feast: {checks} checks")
