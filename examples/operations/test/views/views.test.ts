import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  applyDeployment,
  openDuckDb,
  planDeployment,
  readDeployment,
  rowsOf,
  sql,
  type Deployment,
  type Warehouse,
} from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../../packages/warehouse/test/snowflake/double/open-double.ts'
import { expectAllowed } from '../../../../packages/warehouse/test/snowflake-sql/expect-allowed.ts'
import { withChangedView } from '../../src/demo/changed-view.ts'
import { fill } from './fill.ts'
import { customer360, executiveSummary } from './plain-company.ts'
import { clock, jobMonitoring, operationalStatus, pipelineCost, pipelineSla } from './plain-platform.ts'
import { small, type SmallPlatform } from './small-platform.ts'

type Plain = Readonly<Record<string, unknown>>

const example = join(import.meta.dirname, '../..')
const martlet = join(example, '../../sql/snowflake')
const EXAMPLES = ['energy', 'energy-customers', 'logistics', 'logistics-protection']

/** Each view, the columns that order it, and its slow twin. */
const views: readonly (readonly [string, readonly string[], (platform: SmallPlatform) => readonly Plain[]])[] = [
  ['ops.clock', ['now'], (platform) => [{ now: new Date(clock(platform)) }]],
  ['ops.pipeline_cost', ['pipeline', 'day'], pipelineCost],
  ['ops.pipeline_sla', ['pipeline'], pipelineSla],
  ['ops.job_monitoring', ['type'], jobMonitoring],
  ['ops.operational_status', ['place'], operationalStatus],
  ['mart.customer_360', ['customer_id'], customer360],
  ['mart.executive_summary', ['year', 'month'], executiveSummary],
]

async function rowsIn(warehouse: Warehouse, view: string, order: readonly string[]): Promise<readonly Plain[]> {
  const by = sql.join(order.map((name) => sql.id(name)))
  return rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.ref(view)} AS v ORDER BY ${by}`))
}

/** Sums of doubles may be added in another order. */
const rounded = (rows: readonly Plain[]): readonly Plain[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === 'number' || /^-?\d+\.\d+$/.test(String(value)) ? Number(Number(value).toPrecision(10)) : value,
      ]),
    ),
  )

const sorted = (rows: readonly Plain[], order: readonly string[]): readonly Plain[] => {
  const key = (row: Plain): string =>
    order
      .map((name) => {
        const value = row[name]
        return value instanceof Date
          ? value.toISOString()
          : typeof value === 'number'
            ? String(value).padStart(6, '0')
            : String(value)
      })
      .join('\n')
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

async function deployed(warehouse: Warehouse, deployment: Deployment): Promise<number> {
  const plan = await planDeployment(warehouse, deployment)
  return (await applyDeployment(warehouse, deployment, plan, { actor: 'tester' })).applied
}

describe('the views on DuckDB', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openDuckDb({ threads: 1 })
    await deployed(warehouse, await readDeployment({ engine: 'duckdb', folder: join(example, 'sql/duckdb') }))
    await fill(warehouse, small)
  })
  afterAll(() => warehouse.close())

  test.each(views)('%s says what plain TypeScript says', async (view, order, twin) => {
    const found = await rowsIn(warehouse, view, order)
    expect(found.length).toBeGreaterThan(0)
    expect(rounded(found)).toEqual(rounded(sorted(twin(small), order)))
  })

  test('the small world has what the views are about', () => {
    const customers = customer360(small)
    expect(new Set(customers.map((row) => row['class']))).toEqual(new Set(['healthy', 'watch', 'at risk', 'left']))
    const summary = executiveSummary(small)
    expect(summary.length).toBeGreaterThanOrEqual(3)
    for (const name of ['lost_customers', 'new_customers', 'overdue', 'urgent_tickets', 'failed_runs'])
      expect([name, summary.some((row) => Number(row[name]) > 0)]).toEqual([name, true])
    expect(pipelineSla(small).some((row) => row['fresh'] === false)).toBe(true)
    expect(pipelineSla(small).some((row) => row['quality_ok'] === false)).toBe(true)
  })

  test('a second deployment does nothing, and an edited view changes alone', async () => {
    const same = await planDeployment(
      warehouse,
      await readDeployment({ engine: 'duckdb', folder: join(example, 'sql/duckdb') }),
    )
    expect(same.steps).toEqual([])
    const edited = await readDeployment({ engine: 'duckdb', folder: await withChangedView() })
    const plan = await planDeployment(warehouse, edited)
    expect(plan.steps.map(({ object, action }) => `${action} ${object.key}`)).toEqual([
      'change VIEW OPS.OPERATIONAL_STATUS',
    ])
    expect(await deployed(warehouse, edited)).toBe(1)
    expect(await rowsIn(warehouse, 'ops.operational_status', ['place'])).toHaveLength(5)
  })
})

describe('the same on Snowflake, played by the double', () => {
  let double: SnowflakeDouble
  let warehouse: Warehouse
  let duckdb: Warehouse
  let files: Deployment
  beforeAll(async () => {
    double = await SnowflakeDouble.start()
    warehouse = await openDouble(double)
    duckdb = await openDuckDb({ threads: 1 })
    await deployed(duckdb, await readDeployment({ engine: 'duckdb', folder: join(example, 'sql/duckdb') }))
    const own = await readDeployment({ engine: 'snowflake', folder: martlet, without: EXAMPLES })
    // Warehouses, pool and schemas that the files of the example name.
    for (const { statement, kind } of own.objects)
      if (['WAREHOUSE', 'COMPUTE POOL', 'RESOURCE MONITOR', 'SCHEMA'].includes(kind)) await warehouse.run(statement)
    files = await readDeployment({ engine: 'snowflake', folder: join(example, 'sql/snowflake') })
    await Promise.all([fill(duckdb, small), deployed(warehouse, files).then(() => fill(warehouse, small))])
  })
  afterAll(async () => {
    await warehouse?.close()
    await duckdb?.close()
    await double?.stop()
  })

  test.each(views)('%s has the rows that DuckDB has', async (view, order) => {
    const [left, right] = [await rowsIn(duckdb, view, order), await rowsIn(warehouse, view, order)]
    expect(right.length).toBeGreaterThan(0)
    expect(rounded(right)).toEqual(rounded(left))
  })

  test('a second deployment does nothing', async () => {
    expect(await planDeployment(warehouse, files)).toMatchObject({ steps: [], unchanged: files.objects.length })
  })

  test('tables are those of DuckDB, and views hold only what Snowflake documents', async () => {
    const tables = (of: Deployment): readonly string[] =>
      of.objects.flatMap(({ kind, name }) => (kind === 'TABLE' || kind === 'VIEW' ? [name] : []))
    const onDuckDb = await readDeployment({ engine: 'duckdb', folder: join(example, 'sql/duckdb') })
    const only = tables(files).filter((name) => !tables(onDuckDb).includes(name))
    expect(tables(onDuckDb).filter((name) => !tables(files).includes(name))).toEqual([])
    // Credits are known to an account only, and notices are what its own task writes.
    expect(only).toEqual(['OPS.PIPELINE_CREDITS', 'OPS.JOB_NOTICES'])
    expectAllowed(
      'operations',
      files.objects.flatMap(({ kind, sql: text }) => (['TABLE', 'VIEW', 'SCHEMA'].includes(kind) ? [text] : [])),
    )
  })

  test('the stream and the tasks are text that the double remembers and does not run', async () => {
    const own = files.objects.filter(({ kind }) => kind === 'STREAM' || kind === 'TASK')
    expect(own.map(({ key }) => key)).toEqual([
      'STREAM OPS.JOBS_ADDED',
      'TASK OPS.NOTICE_JOBS',
      'TASK OPS.RUN_JOBS',
      'TASK OPS.ASK_MORNING',
    ])
    const texts = own.map(({ sql: text }) => text.replaceAll(/\s+/g, ' '))
    expect(texts[0]).toBe('CREATE STREAM IF NOT EXISTS ops.jobs_added ON TABLE ops.jobs APPEND_ONLY = TRUE')
    expect(texts[1]).toContain("WHEN SYSTEM$STREAM_HAS_DATA ('ops.jobs_added') AS INSERT INTO ops.job_notices")
    expect(texts[2]).toContain('AFTER ops.notice_jobs AS EXECUTE JOB SERVICE IN COMPUTE POOL')
    expect(texts[2]).toContain('command: ["npx", "martlet", "worker", "--once", "--events"]')
    expect(texts[3]).toContain("'executive-report'")
    const notices = rowsOf(await warehouse.read(sql`SELECT * FROM ops.job_notices AS n`))
    expect(notices).toEqual([])
  })

  test('what differs between the files of both engines is only how they say it', async () => {
    const inDuckDb = (text: string): string =>
      text
        .replaceAll(/ COPY GRANTS AS/g, ' AS')
        .replaceAll(/DATE_PART\(epoch_microsecond, ([^()]*)\)/g, 'epoch_us($1)')
        .replaceAll('TIMESTAMP_NTZ(6)', 'TIMESTAMP')
        .replaceAll('NUMBER(19, 0)', 'BIGINT')
        .replaceAll('NUMBER(', 'DECIMAL(')
        .replaceAll(/^--.*$/gm, '')
    for (const file of ['0032-jobs', '0033-status', '0040-customer-360', '0041-executive-summary'])
      expect(inDuckDb(await readFile(join(example, `sql/snowflake/${file}.sql`), 'utf8')), file).toBe(
        (await readFile(join(example, `sql/duckdb/${file}.sql`), 'utf8')).replaceAll(/^--.*$/gm, ''),
      )
  })
})
