"""What fakesnow does not understand of Snowflake's SQL: said in other words where there are such, otherwise listed."""
import re

REFERENCE = "https://docs.snowflake.com/en/sql-reference/"


def calls(sql, name, change):
    """Every call of a function replaced by what `change` makes of its arguments' text; innermost first."""
    found = list(re.finditer(rf"(?<![\w.\"]){name}\(", sql))
    for call in reversed(found):
        depth, at, quote = 1, call.end(), None
        while depth:
            letter = sql[at]
            if quote is not None:
                quote = None if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            else:
                depth += (letter == "(") - (letter == ")")
            at += 1
        rest = sql[at:]
        replaced, rest = change(sql[call.end() : at - 1], rest)
        sql = sql[: call.start()] + replaced + rest
    return sql


def first_argument(arguments):
    depth, quote = 0, None
    for at, letter in enumerate(arguments):
        if quote is not None:
            quote = None if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "," and depth == 0:
            return arguments[:at], arguments[at + 1 :]
        else:
            depth += (letter == "(") - (letter == ")")
    return arguments, ""


def whole_number_timestamp(sql):
    def change(arguments, rest):
        number, scale = first_argument(arguments)
        return f"TO_TIMESTAMP_NTZ(CAST({number} AS BIGINT),{scale})", rest

    return calls(sql, "TO_TIMESTAMP_NTZ", change)


def hexadecimal(sql):
    return calls(sql, "TO_NUMBER", lambda arguments, rest: (f"CAST('0x' || {first_argument(arguments)[0]} AS BIGINT)", rest))


def whole_number_range(sql):
    def change(arguments, rest):
        start, stop = first_argument(arguments)
        return f"ARRAY_GENERATE_RANGE(CAST({start} AS BIGINT), CAST({stop} AS BIGINT))", rest

    return calls(sql, "ARRAY_GENERATE_RANGE", change)


def first_of_array(sql):
    def change(arguments, rest):
        array, index = first_argument(arguments)
        as_type = re.match(r" AS (VARCHAR)\)", rest)
        return (f"{array}[{index.strip()}]::{as_type[1]}", rest[as_type.end() :]) if as_type else (f"CAST(GET({arguments})", rest)

    return calls(sql, r"CAST\(GET", change)


def distinct_in_frame(sql):
    return calls(sql, r"ARRAY_SIZE\(ARRAY_DISTINCT\(ARRAY_AGG", lambda argument, rest: (f"COUNT(DISTINCT {argument})", re.sub(r"^( OVER \((?:[^()]|\([^()]*\))*\))\)\)", r"\1", rest)))


def one_setting(sql):
    return re.sub(r"^ALTER SESSION SET (TIMEZONE = 'UTC') .*", r"SELECT 'Statement executed successfully.' AS status", sql, flags=re.DOTALL)


# By name: what is put in the place of our words, a statement in our words, its answer on Snowflake, and the page that says so.
# A stand-in stays as long as fakesnow does not give that answer.
STAND_INS = {
    "TO_TIMESTAMP_NTZ of a NUMBER column": (whole_number_timestamp, "SELECT TO_CHAR(CAST(TO_TIMESTAMP_NTZ(CAST(n AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)), 'YYYY') AS y FROM (SELECT 0 AS n) AS a", [("1970",)], REFERENCE + "functions/to_timestamp"),
    "TO_NUMBER of hexadecimal digits": (hexadecimal, "SELECT TO_NUMBER('ff', 'XX') AS n", [(255,)], REFERENCE + "functions/to_decimal"),
    "ARRAY_GENERATE_RANGE of NUMBER columns": (whole_number_range, "SELECT ARRAY_SIZE(ARRAY_GENERATE_RANGE(CAST('0' AS NUMBER(19, 0)), CAST('3' AS NUMBER(19, 0)))) AS n", [(3,)], REFERENCE + "functions/array_generate_range"),
    "GET of an array's text": (first_of_array, "SELECT CAST(GET(ARRAY_AGG(t) WITHIN GROUP (ORDER BY t), 0) AS VARCHAR) AS t FROM (SELECT 'x' AS t) AS a", [("x",)], "https://docs.snowflake.com/en/user-guide/querying-semistructured"),
    "distinct values of a frame by ARRAY_DISTINCT": (distinct_in_frame, "SELECT ARRAY_SIZE(ARRAY_DISTINCT(ARRAY_AGG(t) OVER (PARTITION BY t ORDER BY t ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))) AS n FROM (SELECT 'x' AS t) AS a", [(1,)], REFERENCE + "functions/array_distinct"),
    "ALTER SESSION with several settings": (one_setting, "ALTER SESSION SET TIMEZONE = 'UTC' QUERY_TAG = 'martlet'", [("Statement executed successfully.",)], REFERENCE + "sql/alter-session"),
}

# By name: which statements, what fakesnow says of them, why that is its own, and the page that says what Snowflake does.
CONSTRUCTS = {
    "ASOF JOIN": {
        "sql": r"ASOF JOIN .* MATCH_CONDITION",
        "says": r"syntax error at or near .MATCH_CONDITION.",
        "reason": "fakesnow has no ASOF JOIN. All other cases join in the portable form instead (portable-asof.ts), whose equality with ASOF JOIN is tested on DuckDB.",
        "page": REFERENCE + "constructs/asof-join",
    },
    "NUMBER(38, 0) beyond 64 bits": {
        "sql": r"AS NUMBER\(38, 0\)",
        "says": r"Overflow in multiplication of INT64|Type DOUBLE with value \S+ can't be cast .* destination type INT64",
        "reason": "fakesnow takes NUMBER(38, 0) for a BIGINT, because INTEGER is NUMBER(38, 0) on Snowflake; there it has 38 digits.",
        "page": REFERENCE + "data-types-numeric",
    },
    "HASH as NUMBER(38, 0)": {
        "sql": r"HASH\(",
        "says": r"Type UINT64 with value \d+ can't be cast .* destination type INT64",
        "reason": "fakesnow answers HASH with DuckDB's hash of 64 bits without a sign, and takes NUMBER(38, 0) for a BIGINT. On Snowflake HASH has a sign, and NUMBER(38, 0) holds it.",
        "page": REFERENCE + "functions/hash",
    },
    "APPROX_PERCENTILE of a share as a DOUBLE": {
        "sql": r"APPROX_PERCENTILE\(",
        "says": r"No function matches the given name and argument types 'approx_quantile\(DOUBLE, DOUBLE\)'",
        "reason": "fakesnow hands APPROX_PERCENTILE to DuckDB's approx_quantile with the share as a DOUBLE, and that takes a FLOAT. Snowflake takes a number.",
        "page": REFERENCE + "functions/approx_percentile",
    },
    "SYSTEM$TYPEOF": {
        "sql": r"SYSTEM\$TYPEOF\(",
        "says": r"[Ff]unction with name system\$typeof does not exist",
        "reason": "fakesnow has no SYSTEM$TYPEOF, which says whether a column has a time zone. The double answers with the column's type.",
        "page": REFERENCE + "functions/system_typeof",
    },
    "temporary tables in INFORMATION_SCHEMA": {
        "sql": r"FROM INFORMATION_SCHEMA\.COLUMNS\s+WHERE table_name = \? AND table_schema = CURRENT_SCHEMA",
        "says": r"^0 rows instead of",
        "reason": "fakesnow makes temporary tables in a DuckDB catalog that its INFORMATION_SCHEMA does not show. Snowflake shows them in the session that made them.",
        "page": REFERENCE + "info-schema/tables",
    },
    "digits of whole numbers in a table made from a query": {
        "sql": r"FROM INFORMATION_SCHEMA\.COLUMNS",
        "says": r"numeric_precision: \d+ instead of",
        "reason": "What COUNT and sums are wide depends on the engine: fakesnow tells 38 digits for DuckDB's BIGINT, the double 19, and no page says what Snowflake tells. Only the names of such tables' columns are read; columns that are compared are declared.",
        "page": REFERENCE + "data-types-numeric",
    },
    "doubles and times as text": {
        "sql": r"AS VARCHAR\)",
        "says": r"\d\d:\d\d:\d\d' instead of '[^']*\.\d{6}'$|'-?\d+\.0' instead of '-?\d+'$",
        "reason": "fakesnow prints them as DuckDB does and ignores the session's TIMESTAMP_NTZ_OUTPUT_FORMAT, which our driver sets. They stand in examples of findings only.",
        "page": REFERENCE + "parameters",
    },
}
