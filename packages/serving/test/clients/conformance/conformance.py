"""Holds a running server to its own description: conformance.py <url> <key> <requests>

openapi-spec-validator reads the description, schemathesis generates requests from it and checks every answer against it,
and the Prometheus client parses the metrics.
"""

import sys
import time
from collections import Counter

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

URL, KEY, WANTED = sys.argv[1], sys.argv[2], int(sys.argv[3])
HEADERS = {"x-api-key": KEY}

# Names that exist, so that requests reach further than to 404. The rest of each request is generated.
NAMES = {
    "service": ["usage_only", "boxes"],
    "view": ["customer_usage", "box_contents"],
    "model": ["usage_model", "tariffs", "echo"],
    "version": ["1", "2", "champion", "next"],
    "alias": ["champion", "next"],
}
KEYED = [{"customer_id": "a"}, {"customer_id": "nobody"}]
TENSOR = {"name": "customer_id", "shape": [2], "datatype": "BYTES", "data": ["a", "nobody"]}
# Requests that are right, by operation: (path, query, body).
RIGHT = {
    "readFeatures": [
        ({"service": "usage_only"}, {}, {"keys": KEYED}),
        ({"service": "usage_only"}, {}, {"keys": KEYED, "features": ["customer_usage__kwh_7d"]}),
        ({"service": "boxes"}, {}, {"keys": [{"box_id": "9007199254740993"}, {"box_id": 7}]}),
    ],
    "readOneFeatures": [({"service": "usage_only"}, {"customer_id": "a"}, None)],
    "predict": [
        ({"model": "usage_model"}, {}, {"keys": KEYED}),
        ({"model": "tariffs"}, {}, {"keys": KEYED[:1], "alias": "champion"}),
        ({"model": "echo"}, {}, {"keys": [{"box_id": 7}], "version": 1, "requireFeatures": "all"}),
    ],
    "infer": [({"model": "usage_model"}, {}, {"id": "x", "inputs": [TENSOR]})],
    "inferVersion": [({"model": "usage_model", "version": "next"}, {}, {"inputs": [TENSOR]})],
    "feastOnlineFeatures": [({}, {}, {"entities": {"customer_id": ["a", "nobody"]}, "feature_service": "usage_only"})],
    "submitJob": [({}, {}, {"kind": "materialize", "arguments": {"views": ["customer_usage"]}})],
    "repositoryIndex": [({}, {}, {"ready": True})],
}
# What these refuse on purpose, with 501, because it is not theirs.
NOT_IMPLEMENTED = {"unloadModel", "infer", "inferVersion"}

load_all_checks()
ALWAYS = [
    check
    for name, check in ((name, CHECKS.get_one(name)) for name in CHECKS.get_all_names())
    if name
    in {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    }
]
assert len(ALWAYS) == 5
ON_NEGATIVE = CHECKS.get_one("negative_data_rejection")
ONCE = [CHECKS.get_one("ignored_auth"), CHECKS.get_one("unsupported_method")]

session = requests.Session()
description = session.get(f"{URL}/openapi.json").json()
validate(description)
schema = schemathesis.openapi.from_url(f"{URL}/openapi.json")
operations = [result.ok() for result in schema.get_all_operations()]
statuses: dict[str, Counter] = {}
failures: dict[str, str] = {}


def ask(case, checks) -> int:
    name = case.operation.definition.raw["operationId"]
    response = case.call(session=session, headers=HEADERS, base_url=URL, timeout=30)
    statuses.setdefault(name, Counter())[response.status_code] += 1
    if response.status_code == 501 and name in NOT_IMPLEMENTED:
        checks = [check for check in checks if check.__name__ != "not_a_server_error"]
    try:
        case.validate_response(response, checks=checks, headers=HEADERS, transport_kwargs={"session": session})
    except FailureGroup as group:
        for failure in group.exceptions:
            failures.setdefault(f"{name}: {failure.title}", str(group.message))
    return response.status_code


def generated(operation, mode, examples):
    named = {parameter.name: NAMES[parameter.name] for parameter in operation.path_parameters if parameter.name in NAMES}

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data):
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode == GenerationMode.POSITIVE:
            for name, values in named.items():
                if data.draw(st.integers(0, 3)) > 0:
                    case.path_parameters[name] = data.draw(st.sampled_from(values))
            ask(case, ALWAYS)
        else:
            ask(case, [*ALWAYS, ON_NEGATIVE])

    try:
        run()
    except Exception as error:
        # Nothing about these routes can be wrong: they have neither parameters nor a body.
        if "generate" not in str(error).lower() and "satisf" not in str(error).lower():
            raise


start = time.monotonic()
begun = 0
for operation in operations:
    name = operation.definition.raw["operationId"]
    for path, query, body in RIGHT.get(name, []):
        given_body = {} if body is None else {"body": body, "media_type": "application/json"}
        status = ask(operation.Case(path_parameters=path, query=query, **given_body), [*ALWAYS, *ONCE])
        if status not in (200, 202):
            failures.setdefault(f"{name}: a right request is refused", f"{status} for {path} {body}")
    varied = operation.body or operation.path_parameters or operation.query
    each = WANTED // (2 * len(operations)) if varied else 10
    generated(operation, GenerationMode.POSITIVE, each)
    if varied:
        generated(operation, GenerationMode.NEGATIVE, each)
while sum(map(Counter.total, statuses.values())) < WANTED:
    before = sum(map(Counter.total, statuses.values()))
    for operation in operations:
        if operation.body:
            generated(operation, GenerationMode.POSITIVE, WANTED // len(operations))
    if before == sum(map(Counter.total, statuses.values())):
        break

sent = sum(map(Counter.total, statuses.values()))
for name, counts in sorted(statuses.items()):
    print(f"{name}: {', '.join(f'{count} x {status}' for status, count in sorted(counts.items()))}")

scrape = session.get(f"{URL}/metrics", headers=HEADERS)
families = {family.name: family for family in text_string_to_metric_families(scrape.text)}
counted = sum(
    sample.value
    for sample in families["http_server_request_duration_seconds"].samples
    if sample.name.endswith("_count")
)
if counted < sent:
    failures["metrics"] = f"{counted} requests are counted of {sent} that were sent"
undescribed = [family.name for family in families.values() if family.documentation == "" or family.type == "unknown"]
if undescribed:
    failures["metrics without a description"] = str(undescribed)

for name, failure in failures.items():
    print(f"\n--- {name}\n{failure[:3000]}")
print(
    f"{sent} requests to {len(operations)} operations in {time.monotonic() - start:.0f} s, "
    f"{len(families)} families of metrics, {len(failures)} kinds of failure"
)
sys.exit(1 if failures or sent < WANTED else 0)
