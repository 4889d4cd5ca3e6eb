import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDuckDb, snowflakeLeaves, sql } from '@martlet/warehouse'
import type { ColumnSpec, Engine, Sql, Warehouse } from '@martlet/warehouse'
import { compileText } from '../../src/snowflake/query-compiler.ts'
import * as loads from '../../src/steps/load-sql.ts'
import * as snapshots from '../../src/steps/snapshot-sql.ts'
import type { SnapshotTables } from '../../src/steps/snapshot-step.ts'
import * as versions from '../../src/steps/snapshot-versions.ts'
import { expectAllowed } from '../snowflake-sql/expect-allowed.ts'
import { hour } from './delivery.ts'

/**
 * `MARTLET_UPDATE_GOLDEN=1 npx vitest run --project warehouse steps/golden` writes the files anew; read their diff
 * before you commit it.
 */
const update = process.env['MARTLET_UPDATE_GOLDEN'] === '1'
const folder = join(import.meta.dirname, 'golden')

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const columns: readonly ColumnSpec[] = [
  { name: 'id', type: 'text', nullable: false },
  { name: 'n', type: 'integer' },
  { name: 'updated_at', type: 'timestamp', nullable: false },
]
const fitted = columns.map((column) => ({ ...column, value: sql.id('q', column.name) }))
const source = { query: sql`SELECT id, n, updated_at, loaded_at FROM raw.things` }

function loadStatements({ leaves }: Pick<Warehouse, 'leaves'>): readonly Sql[] {
  const step = {
    leaves,
    source,
    into: 'staging.things',
    key: ['id'],
    loadedAt: 'loaded_at',
    newest: 'updated_at',
    columns: fitted,
  }
  const range = { from: hour(1), to: hour(2) }
  return [
    leaves.createTableAs('batch', loads.batchRows(step, range), { temporary: true }),
    leaves.createTableAs('bucket', loads.batchRows(step, range, { of: 4, number: 1 }), { temporary: true }),
    loads.countBatch(step, 'batch'),
    loads.deleteRejected(step, 'batch'),
    loads.countRepeated(step, 'batch'),
    leaves.createTableAs('kept', loads.newestVersions(step, 'batch'), { temporary: true }),
    loads.deleteVersions(step, 'batch', 'kept'),
    loads.keepVersions(step, 'batch', 'kept'),
    loads.anyKnownKey(step, 'batch'),
    loads.insertBatch(step, 'batch'),
    loads.mergeBatch(step, 'batch'),
  ]
}

function snapshotStatements({ leaves }: Pick<Warehouse, 'leaves'>): readonly Sql[] {
  const step: SnapshotTables = {
    leaves,
    source,
    into: 'mart.dim_thing',
    key: ['id'],
    at: 'updated_at',
    loadedAt: 'loaded_at',
    tracked: ['n'],
    deletes: 'close',
    columns: fitted.slice(0, 2),
  }
  const range = { from: hour(1), to: hour(2) }
  const make = (table: string, rows: Sql): Sql => leaves.createTableAs(table, rows, { temporary: true })
  return [
    versions.countVersions(step, range),
    make('keys', versions.changedKeys(step, range)),
    versions.returnedKeys(step, 'keys', range.to),
    make('vanished', versions.vanishedKeys(step, hour(3))),
    versions.anyRow(step),
    make('old', versions.oldRows(step, 'keys')),
    make('versions', versions.sourceVersions(step, 'keys', range.to)),
    make('events', snapshots.eventRows(step, { versions: 'versions', old: 'old', vanished: 'vanished' })),
    snapshots.returnedVersions(step, 'events', 'versions', hour(3)),
    make('intervals', snapshots.intervals(step, 'events')),
    snapshots.deleteRemoved(step, 'old', 'intervals'),
    snapshots.mergeIntervals(step, 'intervals'),
  ]
}

/** A line for each clause. */
function readable(statement: string): string {
  const clauses =
    / ((?<!DISTINCT )FROM|WHERE|GROUP BY|HAVING|(?:LEFT )?JOIN|UNION ALL|WHEN (?:NOT )?MATCHED|THEN UPDATE|USING|ON) /g
  return `${statement.replaceAll(clauses, '\n$1 ')};\n`
}

describe.each(['duckdb', 'snowflake'] as const)('the statements of steps on %s', (engine: Engine) => {
  const printed = (statements: readonly Sql[]): readonly string[] =>
    statements.map((statement) => {
      if (engine === 'snowflake') return compileText(statement)
      const { sql: text, parameters } = warehouse.compile(statement)
      expect(parameters).toEqual([])
      return text
    })
  const leaves = () => (engine === 'snowflake' ? { leaves: snowflakeLeaves } : warehouse)

  it.each([
    ['load', loadStatements],
    ['snapshot', snapshotStatements],
  ] as const)('%s are those of its file', (name, statements) => {
    const texts = printed(statements(leaves()))
    const file = join(folder, `${name}.${engine}.sql`)
    const text = texts.map(readable).join('\n')
    if (update) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, text)
    }
    expect(text).toBe(readFileSync(file, 'utf8'))
    if (engine === 'snowflake') expectAllowed(`steps-${name}`, texts)
  })
})
