"""Holds a running server to its own description: conformance.py <url> <key> <requests>

openapi-spec-validator reads the description, schemathesis generates requests from it and checks every answer against it,
and the Prometheus client parses the metrics.
"""

import html
import os
import re
import subprocess
import sys
import time
from collections import Counter

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
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
# Bodies that a caller could mean, so that answers of every kind are looked at and not only refusals.
CUSTOMERS = st.one_of(st.sampled_from(["a", "b", "c", "nobody"]), st.text(max_size=12))
CUSTOMER_KEYS = st.lists(st.fixed_dictionaries({"customer_id": CUSTOMERS}), min_size=1, max_size=12)
BOXES = st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.integers(-(2**63), 2**63 - 1).map(str), st.just(7))
BOX_KEYS = st.lists(st.fixed_dictionaries({"box_id": BOXES}), min_size=1, max_size=12)
FEATURES = st.lists(st.sampled_from([f"customer_usage__{name}" for name in ("kwh_1d", "kwh_7d", "peak_7d")]), min_size=1, unique=True)
REQUIRED = {"requireFeatures": st.sampled_from(["some", "all"]), "alias": st.just("champion")}
TENSORS = st.lists(CUSTOMERS, min_size=1, max_size=12).map(
    lambda data: {"id": "x", "inputs": [{**TENSOR, "shape": [len(data)], "data": data}]}
)
MEANT = {
    "readFeatures": [
        ({"service": "usage_only"}, st.fixed_dictionaries({"keys": CUSTOMER_KEYS}, optional={"features": FEATURES})),
        ({"service": "boxes"}, st.fixed_dictionaries({"keys": BOX_KEYS})),
    ],
    "predict": [
        ({"model": "usage_model"}, st.fixed_dictionaries({"keys": CUSTOMER_KEYS}, optional=REQUIRED)),
        ({"model": "tariffs"}, st.fixed_dictionaries({"keys": CUSTOMER_KEYS}, optional=REQUIRED)),
        ({"model": "echo"}, st.fixed_dictionaries({"keys": BOX_KEYS}, optional=REQUIRED)),
    ],
    "infer": [({"model": "usage_model"}, TENSORS), ({"model": "tariffs"}, TENSORS)],
    "inferVersion": [({"model": "usage_model", "version": "2"}, TENSORS)],
    "feastOnlineFeatures": [
        (
            {},
            st.lists(CUSTOMERS, min_size=1, max_size=12).map(
                lambda ids: {"entities": {"customer_id": ids}, "features": ["customer_usage:kwh_7d"]}
            ),
        )
    ],
    "submitJob": [({}, st.fixed_dictionaries({"kind": st.just("materialize"), "arguments": st.just({})}))],
}
# What these refuse on purpose, with 501, because it is not theirs.
NOT_IMPLEMENTED = {"repositoryLoad", "repositoryUnload", "infer", "inferVersion"}
# These wait for a worker, and there is none, unless they are told not to.
WAITING = {"feastMaterialize", "feastMaterializeIncremental"}

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
    if name in WAITING:
        case.query["async"] = "true"
    response = case.call(session=session, headers=HEADERS, base_url=URL, timeout=60)
    statuses.setdefault(name, Counter())[response.status_code] += 1
    if response.status_code == 501 and name in NOT_IMPLEMENTED:
        checks = [check for check in checks if check.__name__ != "not_a_server_error"]
    try:
        case.validate_response(response, checks=checks, headers=HEADERS, transport_kwargs={"session": session})
    except FailureGroup as group:
        for failure in group.exceptions:
            failures.setdefault(f"{name}: {failure.title}", str(group.message))
    return response.status_code


SETTINGS = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def meant(operation, path, bodies, examples):
    @settings(SETTINGS, max_examples=examples)
    @given(body=bodies)
    def run(body):
        ask(operation.Case(path_parameters=dict(path), body=body, media_type="application/json"), ALWAYS)

    run()


def generated(operation, mode, examples):
    name = operation.definition.raw["operationId"]
    named = {parameter.name: NAMES[parameter.name] for parameter in operation.path_parameters if parameter.name in NAMES}

    # Made once: making a strategy takes longer than a request.
    cases = operation.as_strategy(generation_mode=mode)

    @settings(SETTINGS, max_examples=examples)
    @given(case=cases, data=st.data())
    def run(case, data):
        if mode == GenerationMode.POSITIVE:
            for parameter, values in named.items():
                if data.draw(st.integers(0, 3)) > 0:
                    case.path_parameters[parameter] = data.draw(st.sampled_from(values))
            ask(case, ALWAYS)
        else:
            ask(case, ALWAYS if name in WAITING else [*ALWAYS, ON_NEGATIVE])

    try:
        run()
    except Unsatisfiable:
        # Nothing that is wrong can be said to this route.
        assert mode == GenerationMode.NEGATIVE, name


start = time.monotonic()
with_body = sum(1 for operation in operations if operation.body)
with_parameters = sum(1 for operation in operations if not operation.body and (operation.path_parameters or operation.query))
for operation in operations:
    name = operation.definition.raw["operationId"]
    for path, query, body in RIGHT.get(name, []):
        given_body = {} if body is None else {"body": body, "media_type": "application/json"}
        status = ask(operation.Case(path_parameters=path, query=query, **given_body), [*ALWAYS, *ONCE])
        if status not in (200, 202):
            failures.setdefault(f"{name}: a right request is refused", f"{status} for {path} {body}")
    for path, bodies in MEANT.get(name, []):
        meant(operation, path, bodies, 40)
    if operation.body:
        each = WANTED * 68 // (100 * 2 * with_body) + 1
    elif operation.path_parameters or operation.query:
        each = WANTED * 24 // (100 * 2 * with_parameters) + 1
    else:
        # Nothing to generate: every request is the same.
        each = 0
        ask(operation.Case(), [*ALWAYS, *ONCE])
    for mode in GenerationMode if each > 0 else ():
        generated(operation, mode, each)

sent = sum(map(Counter.total, statuses.values()))
for name, counts in sorted(statuses.items()):
    print(f"{name}: {', '.join(f'{count} x {status}' for status, count in sorted(counts.items()))}")

# The requests that the page of the server shows, as they stand there.
page = session.get(f"{URL}/docs", headers=HEADERS).text
environment = {**os.environ, "MARTLET": URL, "KEY": KEY}
shown = Counter()
for language, text in re.findall(r'<pre class="([a-z-]+)">([^<]+)</pre>', page):
    text = html.unescape(text)
    command = {
        "curl": ["bash", "-c", text.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)],
        "open-inference": ["bash", "-c", text.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)],
        "python": [sys.executable, "-c", text],
    }.get(language)
    # The others need packages that are not here, but they are Python all the same.
    if command is None and language != "typescript":
        compile(text, language, "exec")
    if command is not None:
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        # Placeholders are entities that nobody knows, and a model may refuse those.
        refused = re.search(r"error: 422|422 Client Error", ended.stderr)
        if ended.returncode != 0 and not refused:
            failures.setdefault(f"/docs: {language}", f"{text}\n{ended.stdout}\n{ended.stderr}")
    shown[language] += 1
if min(shown[language] for language in ("curl", "python", "open-inference", "typescript", "feast", "tritonclient")) == 0:
    failures["/docs"] = f"only {shown}"

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
