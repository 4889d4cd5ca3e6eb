import { join } from 'node:path'
import { expect, it } from 'vitest'
import { driftResults, profiles, writers } from '@martlet/drift'
import { openCatalog, qualityResultColumns } from '@martlet/feature-store'
import { folderArtifacts, openRegistry, snowflakeStore } from '@martlet/registry'
import {
  openDuckDb,
  readDeployment,
  sql,
  type ColumnSpec,
  type Deployment,
  type Engine,
  type Warehouse,
} from '@martlet/warehouse'
import { SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../warehouse/test/snowflake/double/open-double.ts'

const sqlFolder = join(import.meta.dirname, '../../../../sql')
const deployed = (engine: Engine, without: readonly string[]): Promise<Deployment> =>
  readDeployment({ engine, folder: join(sqlFolder, engine), without })
const protections = ['energy-customers', 'logistics-protection']
const deployment = await deployed('snowflake', [...protections, 'logistics'])
const tablesOf = (schema: string, { objects } = deployment): ReadonlyMap<string, readonly ColumnSpec[]> =>
  new Map(
    objects.flatMap(({ kind, name, columns }) =>
      kind === 'TABLE' && columns !== undefined && name.startsWith(`${schema}.`)
        ? [[name.slice(schema.length + 1).toLowerCase(), columns]]
        : [],
    ),
  )
const described = (columns: readonly ColumnSpec[]): readonly string[] =>
  columns
    .map(({ name, type, nullable = true }) => `${name} ${JSON.stringify(type)}${nullable ? '' : ' not null'}`)
    .toSorted()
const whole = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => text.replace('"integer"', '"bigint"'))

it('the tables of catalog and registry in sql/snowflake are those that the code creates in SQLite', async () => {
  const catalog = await openCatalog({ path: ':memory:' })
  await openRegistry({ db: catalog.db, artifacts: folderArtifacts('/nowhere') })
  // SQLite alone has a table for the format of its file.
  const tables = (await catalog.db.introspection.getTables()).filter(({ name }) => name !== 'registry_format')
  const types: Readonly<Record<string, string>> = {
    text: 'text',
    integer: 'bigint',
    bigint: 'bigint',
    'double precision': 'double',
  }
  const made = new Map(
    tables.map(({ name, columns }) => [
      name,
      columns
        .map(
          (column) =>
            `${column.name} ${JSON.stringify(types[column.dataType.toLowerCase()])}${column.isNullable ? '' : ' not null'}`,
        )
        .toSorted(),
    ]),
  )
  const files = new Map(
    [...tablesOf('CATALOG'), ...tablesOf('REGISTRY')].map(([name, columns]) => [name, described(columns)]),
  )
  expect(files.delete('write_lock')).toBe(true)
  expect(files.size).toBe(24)
  // SQLite lets a lone primary key be null.
  const lone = (of: ReadonlyMap<string, readonly string[]>): object =>
    Object.fromEntries(
      [...of]
        .toSorted()
        .map(([name, columns]) => [
          name,
          name === 'schema_versions'
            ? columns.map((column) => column.replace(/^(component .*?)( not null)?$/, '$1'))
            : columns,
        ]),
    )
  expect(lone(files)).toEqual(lone(made))
  await catalog.close()
})

it(
  'the tables of catalog and registry in sql/snowflake are those that the code creates on Snowflake, and the code ' +
    'makes none of its own beside them',
  async () => {
    const creates = (double: SnowflakeDouble): readonly string[] =>
      double.requests.flatMap(({ body }) =>
        /^create table/i.test(String(body['sqlText'])) ? [String(body['sqlText'])] : [],
      )
    const open = async (warehouse: Warehouse): Promise<void> => {
      const catalog = await openCatalog({ warehouse })
      await openRegistry({ db: catalog.db, artifacts: folderArtifacts('/nowhere'), dialect: snowflakeStore })
      await catalog.close()
    }
    const [bare, deployed] = [await SnowflakeDouble.start(), await SnowflakeDouble.start()]
    const [plain, full] = [await openDouble(bare), await openDouble(deployed)]
    await open(plain)
    for (const schema of ['CATALOG', 'REGISTRY']) {
      // The code says INTEGER and BIGINT, which are NUMBER(38, 0) on Snowflake and narrower in the DuckDB behind the double.
      for (const [name, columns] of tablesOf(schema))
        expect(whole(described((await plain.introspect(`${schema}.${name}`)) ?? [])), name).toEqual(
          whole(described(columns)),
        )
    }
    await full.run(sql`CREATE SCHEMA IF NOT EXISTS catalog`)
    await full.run(sql`CREATE SCHEMA IF NOT EXISTS registry`)
    for (const object of deployment.objects)
      if (object.kind === 'TABLE' && /^(?:CATALOG|REGISTRY)\./.test(object.name)) await full.run(sql.raw(object.sql))
    const before = creates(deployed).length
    await open(full)
    const tables = await full.read(
      sql`SELECT table_name FROM information_schema.tables WHERE table_schema IN ('CATALOG', 'REGISTRY')`,
    )
    expect(before).toBe(25)
    expect(tables.rows).toBe(25)
    for (const end of [plain, full]) await end.close()
    for (const end of [bare, deployed]) await end.stop()
  },
)

it('the tables of monitoring are those that drift, profiles and quality checks write', () => {
  const tables = Object.fromEntries([...tablesOf('MONITORING')].map(([name, columns]) => [name, described(columns)]))
  expect(tables).toEqual({
    drift_results: described(driftResults.columns),
    reference_profiles: described(profiles.columns),
    writers: described(writers.columns),
    quality_results: described(qualityResultColumns),
  })
})

it.each([
  ['energy', 'logistics', 4],
  ['logistics', 'energy', 29],
])('the marts of %s have the same columns on both engines', async (_, other, count) => {
  const duckdb = await deployed('duckdb', [other])
  const snowflake = await deployed('snowflake', [...protections, other])
  await using warehouse = await openDuckDb()
  let tables = 0
  for (const { kind, name, columns = [], sql: text } of duckdb.objects) {
    if (kind === 'SCHEMA') await warehouse.run(sql.raw(text))
    if (kind !== 'TABLE') continue
    tables++
    const [schema = '', table = ''] = name.split('.')
    expect(described(tablesOf(schema, snowflake).get(table.toLowerCase()) ?? []), name).toEqual(described(columns))
    await warehouse.run(sql.raw(text))
    expect(described((await warehouse.introspect(name.toLowerCase())) ?? []), name).toEqual(described(columns))
  }
  expect(tables).toBe(count)
})
