import { sql } from 'kysely'
import { dropTable, ensureTable, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { tableBatch, type Kind } from '../oracle/mart-tables.ts'
import type { OracleMart } from '../oracle/mart.ts'
import type { Row } from '../oracle/row.ts'
import { shown } from './local-clock.ts'
import { DAY, type Stored, type StrangeShape, type StrangeTables } from './strange-mart.ts'

/** Stand for infinity while rows are on their way; no row has these times. */
const forever = 9_000_000_000_000_000_000
const stages = 'mart.staged'

/** Replaces the tables of a mart, and says what the oracle is to see in them. */
export async function loadStrange(
  warehouse: Warehouse,
  shape: StrangeShape,
  tables: StrangeTables,
): Promise<OracleMart> {
  const { names: n, stored } = shape
  const keys = { [n.region]: 'text', [n.number]: shape.wide ? 'text' : 'bigint' } as const
  await replace(
    warehouse,
    shape,
    'mart.readings',
    { ...keys, [n.at]: 'timestamp', [n.arrived]: 'timestamp', [n.order]: 'bigint', [n.x]: 'double', [n.kind]: 'text' },
    { [n.at]: stored.at, [n.arrived]: stored.arrived },
    tables.facts,
  )
  await replace(
    warehouse,
    shape,
    'mart.contracts',
    { ...keys, [n.tariff]: 'text', [n.level]: 'double', [n.from]: 'timestamp', [n.to]: 'timestamp' },
    { [n.from]: stored.from, [n.to]: stored.to },
    tables.contracts,
  )
  await replace(
    warehouse,
    shape,
    'mart.scores',
    { ...keys, [n.computed]: 'timestamp', [n.loaded]: 'timestamp', [n.score]: 'double' },
    { [n.computed]: stored.computed, [n.loaded]: stored.loaded },
    tables.scores,
  )
  // What happened before all times is a mistake; what holds or is known since then does so.
  const dated = (rows: readonly Row[], time: string): readonly Row[] =>
    rows.filter((row) => row[time] !== Number.NEGATIVE_INFINITY)
  return {
    tables: {
      'mart.readings': dated(tables.facts, n.at),
      'mart.contracts': tables.contracts,
      'mart.scores': dated(tables.scores, n.computed),
    },
  }
}

/** The spine of a mart: a query over a table with `asked_at` and `place`, which is the order. */
export async function loadSpine(
  warehouse: Warehouse,
  shape: StrangeShape,
  rows: readonly Row[],
): Promise<{ readonly query: Sql }> {
  const { names: n } = shape
  const types = {
    [n.region]: 'text',
    [n.number]: shape.wide ? 'text' : 'bigint',
    asked_at: 'timestamp',
    place: 'bigint',
  } as const
  await replace(
    warehouse,
    shape,
    'mart.asked',
    types,
    {},
    rows.map((row, place) => ({ ...row, place })),
  )
  return { query: sql`SELECT * FROM ${tableRef('mart.asked')}` }
}

async function replace(
  warehouse: Warehouse,
  { names: n, local, place, wide }: StrangeShape,
  table: string,
  types: Readonly<Record<string, Kind>>,
  times: Readonly<Record<string, Stored>>,
  rows: readonly Row[],
): Promise<void> {
  const written = rows.map((row): Row =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const how = times[name]
        if (how === undefined || typeof value !== 'number') return [name, value]
        if (!Number.isFinite(value)) return [name, value > 0 ? forever : -forever]
        return [
          name,
          local && how === 'clock' && Math.abs(value - place.start) < 100 * DAY ? shown(value, place.zone) : value,
        ]
      }),
    ),
  )
  await dropTable(warehouse, stages)
  await ensureTable(warehouse, {
    table: stages,
    columns: Object.entries(types).map(([name, type]) => ({ name, type })),
  })
  await warehouse.append(stages, tableBatch(written, types))
  const columns = Object.keys(types).map((name) => {
    const how = times[name]
    if (wide && name === n.number)
      return sql`CAST(${sql.id(name)} AS ${warehouse.leaves.columnType({ decimal: [20, 0] })}) AS ${sql.id(name)}`
    if (how === undefined) return sql.id(name)
    if (testEngine !== 'duckdb')
      return how === 'instant' ? sql`CAST(${sql.id(name)} AS TIMESTAMP_TZ(6)) AS ${sql.id(name)}` : sql.id(name)
    const finite = sql`
      CASE EPOCH_US(${sql.id(name)})
        WHEN ${sql.lit(forever)} THEN 'infinity'
        WHEN ${sql.lit(-forever)} THEN '-infinity'
        ELSE ${sql.id(name)} END
    `
    return how === 'instant'
      ? sql`(${finite}) AT TIME ZONE 'UTC' AS ${sql.id(name)}`
      : sql`${finite} AS ${sql.id(name)}`
  })
  await warehouse.run(
    sql`CREATE OR REPLACE TABLE ${tableRef(table)} AS SELECT ${sql.join(columns)} FROM ${tableRef(stages)}`,
  )
}
