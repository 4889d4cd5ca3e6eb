import { sql } from 'kysely'
import type { Column } from 'snowflake-sdk'
import { expect, it } from 'vitest'
import type { ColumnType } from '@martlet/warehouse'
import { copyIntoTableStatement } from '../../src/snowflake/bulk-load.ts'
import { unloadStatement } from '../../src/snowflake/bulk-read.ts'
import { getStatement, putStatement, removeStatement } from '../../src/snowflake/stage.ts'
import { checkStatement } from './check-statement.ts'
import { expectAllowed, keepTexts } from './expect-allowed.ts'
import { snowflakeText } from './snowflake-texts.ts'

const types: readonly ColumnType[] = [
  'boolean',
  'integer',
  'bigint',
  'double',
  'text',
  'timestamp',
  'date',
  { decimal: [38, 6] },
  { decimal: [5, 0] },
]
const folder = { place: '@~/martlet/5f3a90c1d2e4/', local: '/tmp/martlet-x' }
const column = (name: string, type: string): Column =>
  ({ getName: () => name, getType: () => type, getScale: () => 0, getPrecision: () => 38 }) as unknown as Column
const columns = ['fixed', 'real', 'text', 'boolean', 'date', 'timestamp_ntz', 'timestamp_ltz', 'timestamp_tz'].map(
  (type, index) => column(`A"${index}`, type),
)

it('rows come from and go to files with what is documented', () => {
  const load = copyIntoTableStatement(
    'db.mart.t',
    types.map((type, index) => ({ name: `c "${index}"`, type })),
    folder.place,
  )
  const unload = unloadStatement('SELECT * FROM t WHERE x < CAST(? AS NUMBER(19, 0))', columns, folder.place)
  expectAllowed(
    'files',
    [load, ...(unload === undefined ? [] : [unload])].map(snowflakeText).concat(removeStatement(folder.place)),
  )
})

it('the grammar has no PUT and no GET, so only other parsers look at them', () => {
  const texts = [putStatement(folder), getStatement(folder)]
  keepTexts('transfers', texts)
  expect(texts.map((text) => checkStatement(text).syntax)).toEqual([
    expect.stringContaining('found: PUT'),
    expect.stringContaining('found: GET'),
  ])
  expect(texts).toEqual([
    `PUT 'file:///tmp/martlet-x/*.parquet' @~/martlet/5f3a90c1d2e4/ AUTO_COMPRESS = FALSE OVERWRITE = TRUE`,
    `GET @~/martlet/5f3a90c1d2e4/ 'file:///tmp/martlet-x/'`,
  ])
  expect(putStatement({ ...folder, local: String.raw`C:\it's` })).toContain(`'file:///C:/it''s/*.parquet'`)
})

it.each([
  [
    'COPY INTO "T" ("A") FROM (SELECT $1:c0 FROM @~/a/) FILE_FORMAT = (TYPE = PARQUET) ON_ERROR = ABORT_STATEMENT',
    '$1',
  ],
  ['COPY INTO "T" FROM @~/a/ FILE_FORMAT = (TYPE = PARQUET) PURGE = TRUE', 'option_name PURGE'],
  [
    'COPY INTO @~/a/ FROM (SELECT quantile_cont(x, 0.5) FROM t) FILE_FORMAT = (TYPE = PARQUET) HEADER = TRUE',
    'QUANTILE_CONT',
  ],
  ['SELECT CAST($1:c0 AS VARCHAR) FROM t', '$1'],
])('refuses %s', (text, why) => {
  expect(checkStatement(text).refused.join().toUpperCase()).toContain(why.toUpperCase())
})

it('an unload needs names that can be told apart', () => {
  expect(unloadStatement('SELECT 1', [column('A', 'real'), column('A', 'real')], folder.place)).toBeUndefined()
  expect(unloadStatement('SELECT 1', [column('a', 'real')], folder.place)).toBeUndefined()
  expect(() => unloadStatement('SELECT 1', [column('A', 'variant')], folder.place)).toThrow(/TO_JSON/)
  expect(
    snowflakeText(
      sql`${unloadStatement('SELECT a FROM t -- all', [column('A', 'timestamp_tz')], folder.place) ?? sql``}`,
    ),
  ).toContain('(SELECT a FROM t -- all\n) AS rows_to_write')
})
