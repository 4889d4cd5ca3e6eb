"""What sqlfluff's Snowflake grammar says of the statements that the tests kept.

Usage: MARTLET_SNOWFLAKE_TEXTS=<folder> npx vitest run snowflake-sql/ && python second_opinion.py <folder>

Fails when a statement of ours does not parse. Of `refused.json`, statements that must be refused, it only counts.
"""
import json
import multiprocessing
import os
import pathlib
import re
import sys
import time

from sqlfluff.core import FluffConfig, Linter

# Statements that Snowflake documents and sqlfluff does not take, as a pattern with the page and the reason.
KNOWN = [
    (r"^(CREATE|ALTER) COMPUTE POOL ", "sql/create-compute-pool, sql/alter-compute-pool", "its grammar has no compute pools"),
    (r"^GRANT .* ON COMPUTE POOL ", "sql/grant-privilege", "its grammar has no compute pools"),
    (r"^GRANT USAGE, CREATE SERVICE ON SCHEMA ", "user-guide/security-access-control-privileges", "its grammar has no services"),
    (r"^CREATE IMAGE REPOSITORY ", "sql/create-image-repository", "its grammar has no image repositories"),
    (r"^GRANT .* ON IMAGE REPOSITORY ", "sql/grant-privilege", "its grammar has no image repositories"),
    (r"^CREATE OR ALTER TASK .* AS EXECUTE JOB SERVICE ", "sql/execute-job-service", "its grammar has no job services"),
]
# Of longer lists every n-th statement is parsed: sqlfluff takes 0.2 s for one of 3 KB, and a second for larger ones.
MOST = 24
# With MARTLET_RUNS=0.125, as in CI, every eighth of these is parsed, others with another MARTLET_SEED, but eight of each list or all.
LEAST = 8
EVERY = max(1, round(1 / float(os.environ.get("MARTLET_RUNS") or 1)))
SEED = int(os.environ.get("MARTLET_SEED") or time.time())
# One of 80 KB takes a minute, and one of 150 KB has more nodes than sqlfluff makes. The test's own parser reads these too.
LONGEST = 60_000

# Without sqlfluff's own limits of size and depth, which are there against hostile texts.
LIMITS = {"large_file_skip_byte_limit": 0, "max_parse_depth": 0}
sys.setrecursionlimit(100_000)
linter = Linter(config=FluffConfig(overrides={"dialect": "snowflake", "templater": "raw"} | LIMITS))


def fault(text):
    """What does not parse, with every placeholder outside of quotes read as the number 1."""
    literal = re.sub(r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"]|\"\")*\"|\?", lambda found: "1" if found[0] == "?" else found[0], text)
    violations = linter.parse_string(literal).violations
    return str(violations[0]) if violations else None


def main(folder):
    print(f"MARTLET_SEED={SEED}, 1 statement of {EVERY}" if EVERY > 1 else f"at most {MOST} statements of each list")
    with multiprocessing.Pool() as pool:
        return report(folder, pool)


def report(folder, pool):
    wrong = 0
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        kept = json.loads(path.read_text())
        texts = [text for text in kept if len(text) <= LONGEST]
        step = -(-len(texts) // MOST)
        chosen = texts[::step]
        every = max(1, min(EVERY, len(chosen) // LEAST))
        chosen = chosen[SEED % every :: every]
        faults = [(text, why) for text, why in zip(chosen, pool.map(fault, chosen, chunksize=1)) if why is not None]
        if path.stem == "refused":
            print(f"refused: {len(faults)} of {len(chosen)} statements that must be refused are refused by sqlfluff, too")
            for text in sorted(set(chosen) - {text for text, _ in faults}):
                print(f"  taken: {text}")
            continue
        unknown = [(text, why) for text, why in faults if not any(re.search(pattern, text) for pattern, _page, _reason in KNOWN)]
        wrong += len(unknown)
        for text in (text for text, _ in faults if any(re.search(pattern, text) for pattern, _page, _reason in KNOWN)):
            print(f"  not in its grammar, as known: {text[:80]}")
        print(f"{path.stem}: {len(chosen) - len(faults)} of {len(chosen)} parse ({len(kept)} statements in all, {len(kept) - len(texts)} too long)")
        for text, why in unknown:
            print(f"  {why}\n  {text[:1000]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
