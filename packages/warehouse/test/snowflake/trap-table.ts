interface TrapTest {
  /** From packages/. */
  readonly file: string
  /** The title of a test, or its beginning. */
  readonly test: string
}

const traps = 'warehouse/test/snowflake/traps.test.ts'
const more = 'warehouse/test/snowflake/traps-of-sql.test.ts'
const faults = 'warehouse/test/snowflake/faults.test.ts'
const duckdb = 'warehouse/test/duckdb/traps.test.ts'
const contract = 'warehouse/test/contract/table-contract.ts'
const refused = { file: 'warehouse/test/snowflake-sql/refused.test.ts', test: '$statement' }

/** What silently goes wrong between the engines and in their drivers, each with the tests that fail when its protection is taken away. */
export const trapTable: Readonly<Record<number, { readonly trap: string; readonly tests: readonly TrapTest[] }>> = {
  1: {
    trap: 'two DuckDB instances on one file lose rows',
    tests: [
      {
        file: 'warehouse/test/duckdb/files.test.ts',
        test: 'is one database in one process, however often and under whatever name it is opened',
      },
    ],
  },
  2: {
    trap: 'the SDK fulfils its promise when the login failed',
    tests: [{ file: traps, test: 'tells a refused login, which the SDK alone does not' }],
  },
  3: {
    trap: 'the SDK evaluates VARIANT text as JavaScript',
    tests: [
      { file: traps, test: 'neither runs nor reads a VARIANT' },
      { file: more, test: 'a VARIANT that other code reads is its text, and runs nothing' },
    ],
  },
  4: {
    trap: 'a malformed result chunk ends the process',
    tests: [
      { file: faults, test: 'gives an error for a broken chunk that came before its turn, and the process lives' },
    ],
  },
  5: {
    trap: 'a null that is fetched as text is the text NULL',
    tests: [
      { file: traps, test: 'keeps a null number apart from the text NULL' },
      { file: more, test: 'other code of the process that sets the SDK otherwise does not change what is read' },
    ],
  },
  6: {
    trap: 'array binds take their type from the first row, and NaN becomes the text null',
    tests: [{ file: traps, test: 'appends nulls first, whole numbers before fractions, NaN, infinities and -0' }],
  },
  7: {
    trap: 'whole numbers above 2^53 lose digits',
    tests: [{ file: traps, test: 'keeps whole numbers above 2^53 and refuses those above 2^63' }],
  },
  8: {
    trap: 'nulls come first in a descending order on Snowflake, last on DuckDB',
    tests: [refused, { file: more, test: 'a descending order that does not say where nulls go is refused' }],
  },
  9: {
    trap: 'FLOAT has 4 bytes on DuckDB and 8 on Snowflake',
    tests: [
      { file: more, test: 'a double keeps its 53 bits through a table, a bound value and a cast, on both engines' },
    ],
  },
  10: {
    trap: 'a plain ASOF JOIN is inner on DuckDB and outer on Snowflake',
    tests: [{ file: duckdb, test: 'a plain ASOF JOIN drops left rows; the leaf keeps them' }],
  },
  11: {
    trap: 'MERGE with two source rows for one target: an error on Snowflake, a silent choice on DuckDB',
    tests: [
      { file: contract, test: 'refuses a source with a key twice or null, and writes nothing' },
      { file: 'warehouse/test/snowflake/double.test.ts', test: 'refuses a MERGE whose source matches a row twice' },
    ],
  },
  12: {
    trap: 'newest values and lists treat nulls differently',
    tests: [
      { file: duckdb, test: 'arg_max skips rows whose value is null; row_number does not' },
      { file: 'warehouse/test/leaves/ordered-values.test.ts', test: 'newest and oldest put a null of the order first' },
    ],
  },
  13: {
    trap: '7-day buckets begin on different days',
    tests: [{ file: duckdb, test: '7-day buckets of time_bucket do not begin at the epoch; integer division does' }],
  },
  14: {
    trap: 'the number from md5 is little-endian on DuckDB',
    tests: [
      {
        file: 'warehouse/test/leaves/text.test.ts',
        test: 'is the first 15 hex digits of md5 over the text key, as any language computes it',
      },
    ],
  },
  15: {
    trap: 'DuckDB drops the offset of a timestamp in text',
    tests: [
      {
        file: 'warehouse/test/load/load-file.test.ts',
        test: 'makes a table of the narrowest types that hold every value',
      },
    ],
  },
  16: {
    trap: 'the session and the process have a time zone of their own',
    tests: [
      { file: traps, test: 'pins every session to UTC, a tag and a deadline' },
      { file: 'warehouse/test/duckdb/files.test.ts', test: 'means the same whatever time zone the process runs in' },
    ],
  },
  17: {
    trap: 'DDL commits the open transaction',
    tests: [{ file: traps, test: 'refuses DDL in a transaction before Snowflake commits it' }],
  },
  18: {
    trap: 'CREATE OR ALTER drops columns that its definition does not name',
    tests: [refused, { file: more, test: 'a table is evolved by adding columns one by one, never by CREATE OR ALTER' }],
  },
  19: {
    trap: 'Kysely drops the third part of a name, and puts QUALIFY after LIMIT',
    tests: [
      { file: more, test: 'a name in three parts keeps all of them, which a table name of Kysely does not' },
      { file: traps, test: 'prints upper-cased names in three parts, counts as constants and casts for values' },
      refused,
    ],
  },
  20: {
    trap: 'the SDK prints to stdout, asks the cloud for metadata and repeats a thousand times',
    tests: [
      { file: traps, test: 'writes nothing to stdout and asks no other host' },
      { file: faults, test: 'stops at its deadline when the server turns every statement away' },
    ],
  },
  21: {
    trap: 'settings of the SDK belong to the whole process',
    tests: [{ file: more, test: 'other code of the process that sets the SDK otherwise does not change what is read' }],
  },
  22: {
    trap: "the SDK's timestamps are slow",
    tests: [{ file: traps, test: 'streams timestamps as whole numbers, except where the query orders its rows' }],
  },
  23: {
    trap: "a primary key multiplies DuckDB's loading time",
    tests: [{ file: more, test: 'no table gets a primary key or an index' }],
  },
  24: {
    trap: 'Parquet from Snowflake has other types than the columns',
    tests: [
      {
        file: more,
        test: 'times are unloaded to files as whole numbers, and every value comes back as its column has it',
      },
    ],
  },
  25: {
    trap: 'a parser takes wrong statements',
    tests: [refused, { file: more, test: 'the list refuses more than the parser' }],
  },
  26: {
    trap: 'an emulator of our own cannot confirm Snowflake',
    tests: [{ file: more, test: 'every page that speaks of Snowflake says that no account has run it' }],
  },
}
