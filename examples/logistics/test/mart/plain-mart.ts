import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { loads, snapshots } from '../../src/mart-steps.ts'

const folder = join(import.meta.dirname, '../..')

/** Fills staging and mart from all rows of raw by one plain statement each, replacing what was there. For DuckDB. */
export async function fillPlainly(warehouse: Warehouse): Promise<Readonly<Record<string, number>>> {
  const rows: Record<string, number> = {}
  for (const load of loads) {
    const source: Sql = load.from.endsWith('.sql')
      ? sql`(${sql.raw(await readFile(join(folder, load.from), 'utf8'))})`
      : tableRef(load.from)
    const names = await columnsOf(warehouse, load.into)
    const newest = 'newest' in load ? sql`${sql.id(load.newest)} DESC, ` : sql``
    const place = sql`ROW_NUMBER() OVER (PARTITION BY ${sql.join(load.key.map((name) => sql.id(name)))} ORDER BY ${newest}${sql.id(load.loadedAt)} DESC)`
    rows[load.into] = await replace(
      warehouse,
      load.into,
      names,
      sql`SELECT * FROM (SELECT q.*, ${place} AS place FROM ${source} AS q) AS r WHERE place = 1`,
    )
  }
  for (const { from, into, key, at } of snapshots) {
    const names = await columnsOf(warehouse, into)
    const own = names.filter((name) => name !== 'valid_from' && name !== 'valid_to').map((name) => sql.id(name))
    const partition = sql.join(key.map((name) => sql.id(name)))
    const version = sql`PARTITION BY ${partition} ORDER BY ${sql.id(at)}`
    const same = sql.join(
      own.map((name) => sql`${name} IS NOT DISTINCT FROM LAG(${name}) OVER (${version})`),
      sql` AND `,
    )
    const versions = sql`
      SELECT ${sql.join(own)}, ${sql.id(at)} AS valid_from, LEAD(${sql.id(at)}) OVER (${version}) AS valid_to
      FROM (
        SELECT v.* FROM (
          SELECT q.*, ROW_NUMBER() OVER (PARTITION BY ${partition}, ${sql.id(at)} ORDER BY _loaded_at DESC) AS place
          FROM ${tableRef(from)} AS q
        ) AS v WHERE place = 1 QUALIFY NOT (${same})
      ) AS r`
    rows[into] = await replace(warehouse, into, names, versions)
  }
  return rows
}

async function columnsOf(warehouse: Warehouse, table: string): Promise<readonly string[]> {
  return ((await warehouse.introspect(table)) ?? []).map(({ name }) => name)
}

async function replace(warehouse: Warehouse, table: string, names: readonly string[], query: Sql): Promise<number> {
  const columns = sql.join(names.map((name) => sql.id(name)))
  await warehouse.run(sql`DELETE FROM ${tableRef(table)}`)
  return warehouse.run(
    sql`INSERT INTO ${tableRef(table)} (${columns}) SELECT ${columns} FROM (${query}) AS rows_to_write`,
  )
}
