"""What fakesnow answers to the statements that our driver sends, beside what DuckDB answered.

Usage: MARTLET_SNOWFLAKE_CASES=<folder> npx vitest run second-opinion && python fakesnow_opinion.py <folder> [--write]

fakesnow (https://github.com/tekumara/fakesnow) plays Snowflake's Python connector in this process, on a DuckDB and a SQL translator of
its own; its authors compare it with a real account, we have none. Cases with a statement that it cannot run or answers otherwise are listed in
`uncovered.json` under their construct. This program fails when another case is not covered, and when a listed one has come to work.
`--write` writes that list and `counts.json` anew; read the difference before you commit it.
"""
import collections
import datetime
import decimal
import json
import logging
import math
import pathlib
import re
import sys
import time
import warnings

import fakesnow
import snowflake.connector

from constructs import CONSTRUCTS, STAND_INS

HERE = pathlib.Path(__file__).parent
# Nothing says in which order an engine adds doubles; a relative 1e-12 is four digits above the rounding of one.
TOLERANCE = 1e-12

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def cell(text, kind):
    """A value as the driver's protocol writes it, for comparison."""
    if text is None:
        return None
    if kind == "boolean":
        return text == "1"
    if kind == "fixed":
        return decimal.Decimal(text)
    if kind == "real":
        return float(text)
    if kind == "date":
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=int(text))
    if kind.startswith("timestamp"):
        seconds, nanos = text.lstrip("-").split(".")
        micros = int(seconds) * 1_000_000 + int(nanos[:6])
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=-micros if text.startswith("-") else micros)
    return text


def same(found, expected, kind):
    if found is None or expected is None:
        return found is expected
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if kind == "real":
        found = float(found)
        if math.isnan(expected) or math.isinf(expected):
            return found == expected or (math.isnan(expected) and math.isnan(found))
        return abs(found - expected) <= TOLERANCE * abs(expected)
    if kind == "fixed" and isinstance(found, (int, float, decimal.Decimal)):
        # fakesnow gives some whole numbers as doubles or strings of digits; the value has to be the same.
        return decimal.Decimal(found) == expected
    if isinstance(found, datetime.datetime):
        found = found.replace(tzinfo=None)
    return type(found) is type(expected) and found == expected


def order(row):
    """Doubles last, so that their last digits do not decide where a row stands."""
    return [(value is not None, str(value)) for value in row if not isinstance(value, float)], [str(value) for value in row]


def difference(statement, found):
    kinds = [column["type"] for column in statement["columns"]]
    expected = [tuple(cell(text, kind) for text, kind in zip(row, kinds)) for row in statement["rows"]]
    if len(found) != len(expected):
        return f"{len(found)} rows instead of {len(expected)}"
    if not re.search(r"ORDER BY [^()]*(LIMIT \d+)?$", statement["sql"], re.IGNORECASE):
        found, expected = sorted(found, key=order), sorted(expected, key=order)
    for at, (row, wanted) in enumerate(zip(found, expected)):
        if len(row) != len(wanted):
            return f"{len(row)} columns instead of {len(wanted)}"
        for column, one, other in zip(statement["columns"], row, wanted):
            if not same(one, other, column["type"]):
                return f"row {at + 1}, {column['name']}: {one!r} instead of {other!r}"
    return None


def changed(statement, cursor, rows):
    """Rows changed: fakesnow gives one count for each operation of a MERGE."""
    count = sum(int(value) for value in rows[0]) if rows else 0
    expected = int(statement["rows"][0][0])
    return None if count == expected else f"{count} rows changed instead of {expected}"


def run(cursor, statement):
    """None when fakesnow agrees; otherwise (kind, what it says). Many rows bound at once are sent as one row after the other."""
    sql = statement["sql"]
    used = []
    for name, (replace, *_probe) in STAND_INS.items():
        if (other := replace(sql)) != sql:
            sql = other
            used.append(name)
    binds = statement["binds"]
    try:
        if binds and isinstance(binds[0], list):
            match = re.fullmatch(r"(INSERT INTO .*? VALUES )(\(.*\))", sql, re.DOTALL)
            values = [value for row in zip(*binds) for value in row]
            cursor.execute(match[1] + ", ".join([match[2]] * len(binds[0])), values)
        else:
            cursor.execute(sql, binds or None)
        rows = cursor.fetchall()
    except Exception as error:  # Any failure is a finding, whatever fakesnow or DuckDB throw.
        return used, ("fails", f"{type(error).__name__}: {str(error).splitlines()[0]}")
    wrong = difference(statement, rows) if statement["kind"] == "rows" else changed(statement, cursor, rows) if statement["kind"] == "changes" else None
    return used, wrong and ("differs", wrong)


def construct_of(sql, why):
    return next((name for name, one in CONSTRUCTS.items() if re.search(one["sql"], sql, re.DOTALL) and re.search(one["says"], why)), None)


def main(folder, write):
    began = time.monotonic()
    listed = json.loads((HERE / "uncovered.json").read_text())
    found = collections.defaultdict(set)
    unknown, stand_ins, totals, suites = [], collections.Counter(), collections.Counter(), {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        suite = collections.Counter()
        with fakesnow.patch():
            sessions = {}
            for case in json.loads(path.read_text()):
                covered = True
                for statement in case["statements"]:
                    if statement["session"] not in sessions:
                        sessions[statement["session"]] = snowflake.connector.connect(user="u", password="p", account="a", database="MARTLET", schema="PUBLIC", paramstyle="qmark").cursor()
                    used, problem = run(sessions[statement["session"]], statement)
                    stand_ins.update(used)
                    suite["statements"] += 1
                    suite["portable"] += "portable_asof" in statement["sql"].lower()
                    if problem is None:
                        suite["agree"] += 1
                        continue
                    covered = False
                    construct = construct_of(statement["sql"], problem[1])
                    if construct is None:
                        unknown.append((case["name"], statement["sql"], problem))
                    else:
                        found[construct].add(case["name"])
                    if statement["kind"] != "rows":
                        break
                if not covered:
                    for cursor in sessions.values():
                        cursor.execute("ROLLBACK")
                suite["cases"] += 1
                suite["covered"] += covered
        totals.update(suite)
        suites[path.stem] = {"cases": suite["cases"], "covered": suite["covered"], "statements not covered": suite["statements"] - suite["agree"]}
        print(f"{path.stem}: {suite['covered']} of {suite['cases']} cases, {suite['agree']} of {suite['statements']} statements")
    print(f"in all: {totals['covered']} of {totals['cases']} cases, {totals['agree']} of {totals['statements']} statements, {time.monotonic() - began:.1f} s, fakesnow {fakesnow_version()}")
    print(f"  ASOF JOIN in its portable form: {totals['portable']} statements")
    for name, count in sorted(stand_ins.items()):
        print(f"  said in other words {count} times: {name}")
    for name in sorted(found):
        print(f"  not covered, {len(found[name])} cases: {name}")
    faults = [f"{name}: fakesnow {kind}: {why}\n    {sql[:1500]}" for name, sql, (kind, why) in unknown]
    now = {name: sorted(cases) for name, cases in sorted(found.items())}
    if write:
        (HERE / "uncovered.json").write_text(json.dumps(now, indent=1) + "\n")
        listed = now
    for name in sorted(set(now) | set(listed)):
        new, gone = set(now.get(name, [])) - set(listed.get(name, [])), set(listed.get(name, [])) - set(now.get(name, []))
        faults += [f"{case} is newly not covered: {name}" for case in sorted(new)] + [f"{case} is covered now, or is no case any more; take it from the list: {name}" for case in sorted(gone)]
    faults += [f"no case shows it any more; take it from constructs.py: {name}" for name in CONSTRUCTS if name not in now]
    faults += stand_ins_not_needed(stand_ins)
    counts = {"fakesnow": fakesnow_version(), **suites}
    if write:
        (HERE / "counts.json").write_text(json.dumps(counts, indent=1) + "\n")
    elif counts != json.loads((HERE / "counts.json").read_text()):
        faults.append(f"counts.json is not what was found; run this program with --write: {json.dumps(counts)}")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults or totals["cases"] == 0 else 0


def fakesnow_version():
    from importlib.metadata import version

    return version("fakesnow")


def stand_ins_not_needed(used):
    """A statement is said in other words only as long as fakesnow does not understand our own."""
    faults = []
    with fakesnow.patch():
        cursor = snowflake.connector.connect(user="u", password="p", account="a", database="MARTLET", schema="PUBLIC", paramstyle="qmark").cursor()
        for name, (_replace, statement, answer, _page) in STAND_INS.items():
            if name not in used:
                faults.append(f"no case uses it any more; take it from constructs.py: {name}")
            try:
                cursor.execute(statement)
                if cursor.fetchall() == answer:
                    faults.append(f"fakesnow understands it now; take it from constructs.py: {name}")
            except Exception:
                pass
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--write" in sys.argv[2:]))
