/** One kind of test, in files from packages/, run in a vitest project. */
export interface Suite {
  readonly project: string
  readonly files: RegExp
}

/** What is promised of Snowflake, and the suites of each layer that look at it. */
export interface Row {
  readonly what: string
  readonly a?: Suite
  readonly b?: Suite
  readonly c?: Suite
  readonly d?: Suite
  /** A suite of cases that fakesnow is asked (packages/warehouse/test/snowflake/second-opinion/counts.json). */
  readonly e?: string
  /** Test files that npm run test:live runs on an account. */
  readonly f?: RegExp
}

const suite = (project: string, files: RegExp): Suite => ({ project, files })
const live = /^warehouse\/test\/snowflake\/live\/(?:live-contract|live-driver)\.test\.ts$/

export const rows: readonly Row[] = [
  {
    what: 'Login, sessions, values, nulls, paging, cancelling, faults on the way',
    b: suite('warehouse', /^warehouse\/test\/snowflake\/(?:traps|faults|places|current-schema|double)[^/]*\.test\.ts$/),
    f: /live\/live-driver\.test\.ts$/,
  },
  {
    what: 'The warehouse contract: reading, streaming, appending, transactions, tables',
    a: suite('warehouse', /^warehouse\/test\/duckdb\/.*contract\.test\.ts$/),
    d: suite('warehouse', /^warehouse\/test\/snowflake\/snowflake-contract\.test\.ts$/),
    f: live,
  },
  {
    what: 'Each leaf of SQL',
    a: suite('warehouse', /^warehouse\/test\/leaves\//),
    c: suite('warehouse', /^warehouse\/test\/snowflake-sql\/leaves\.test\.ts$/),
    d: suite('warehouse', /second-opinion\/leaves\.test\.ts$/),
    e: 'leaves',
  },
  {
    what: 'Tables: create, evolve, upsert, replace a range',
    a: suite('warehouse', /^warehouse\/test\/(?:table|load)\//),
    c: suite('warehouse', /^warehouse\/test\/snowflake-sql\/leaves\.test\.ts$/),
    d: suite('warehouse', /second-opinion\/tables\.test\.ts$/),
    e: 'tables',
    f: live,
  },
  {
    what: 'Training sets and view rows equal brute force on random marts',
    a: suite('feature-store', /^feature-store\/test\/oracle\//),
    c: suite('feature-store', /^feature-store\/test\/snowflake-sql\/compiled\.test\.ts$/),
    d: suite('feature-store-on-snowflake', /^feature-store\/test\/oracle\//),
    e: 'feature-store',
    f: /^feature-store\/test\/oracle\//,
  },
  {
    what: 'Materializing: chunks, repairs, rebuilds, crashes',
    a: suite('feature-store', /^feature-store\/test\/materialize\//),
    c: suite('feature-store', /^feature-store\/test\/snowflake-sql\/running\.test\.ts$/),
    d: suite('feature-store-on-snowflake', /^feature-store\/test\/materialize\//),
    e: 'feature-store',
    f: /^feature-store\/test\/materialize\//,
  },
  {
    what: 'Training sets as they are built and kept',
    a: suite('feature-store', /^feature-store\/test\/read\//),
    c: suite('feature-store', /^feature-store\/test\/snowflake-sql\/running\.test\.ts$/),
    d: suite('feature-store-on-snowflake', /^feature-store\/test\/read\//),
    f: /^feature-store\/test\/read\//,
  },
  {
    what: 'Online rows equal training rows',
    a: suite('feature-store', /^feature-store\/test\/parity\//),
    d: suite('feature-store-on-snowflake', /^feature-store\/test\/parity\//),
    f: /^feature-store\/test\/parity\//,
  },
  {
    what: 'Quality checks',
    a: suite('feature-store', /^feature-store\/test\/quality\//),
    c: suite('feature-store', /^feature-store\/test\/snowflake-sql\/running\.test\.ts$/),
    d: suite('feature-store-on-snowflake', /^feature-store\/test\/quality\//),
    f: /^feature-store\/test\/quality\//,
  },
  {
    what: 'Drift: profiles, runs, monitors',
    a: suite('drift', /^drift\/test\/(?!snowflake-sql)/),
    c: suite('drift', /^drift\/test\/snowflake-sql\/running\.test\.ts$/),
    d: suite('drift-on-snowflake', /^drift\/test\//),
    e: 'drift',
    f: /^drift\/test\//,
  },
  {
    what: 'Bulk loading and reading through files',
    b: suite('warehouse', /^warehouse\/test\/snowflake\/bulk[^/]*\.test\.ts$/),
    c: suite('warehouse', /^warehouse\/test\/snowflake-sql\/stage\.test\.ts$/),
  },
  {
    what: 'Catalog: definitions, leases, runs',
    a: suite('feature-store', /^feature-store\/test\/catalog\//),
    b: suite('warehouse', /^warehouse\/test\/snowflake\/write-lock\.test\.ts$/),
    c: suite('registry', /^registry\/test\/snowflake-sql\//),
    d: suite('feature-store-on-snowflake', /^feature-store\/test\/catalog\//),
    f: /^feature-store\/test\/catalog\//,
  },
  {
    what: 'Registry: versions, aliases, races, crashes',
    a: suite('registry', /^registry\/test\/(?:promote|register|version|store)\//),
    c: suite('registry', /^registry\/test\/snowflake-sql\//),
    d: suite('registry-on-snowflake', /^registry\/test\//),
    f: /^registry\/test\//,
  },
  {
    what: 'Deploying sql/snowflake',
    a: suite('warehouse', /^warehouse\/test\/deploy\/deploy\.test\.ts$/),
    c: suite('warehouse', /^warehouse\/test\/deploy\/snowflake-files\.test\.ts$/),
    d: suite('cli', /^cli\/test\/deploy\//),
  },
  { what: 'The energy example, row for row as on DuckDB', d: suite('energy', /double\//) },
  { what: 'The logistics example, row for row as on DuckDB', d: suite('logistics', /double\//) },
  {
    what: 'The 26 traps',
    b: suite('warehouse', /^warehouse\/test\/snowflake\/(?:trap-table|traps|traps-of-sql)\.test\.ts$/),
  },
  {
    what: 'Wrong statements are refused',
    c: suite('warehouse', /^warehouse\/test\/snowflake-sql\/refused\.test\.ts$/),
  },
  {
    what: 'Assumptions about Snowflake (below)',
    d: suite('warehouse-on-snowflake', /live\/assumptions\.test\.ts$/),
    f: /live\/assumptions\.test\.ts$/,
  },
]
