import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  applyDeployment,
  load,
  planDeployment,
  readDeployment,
  rowsOf,
  sql,
  type Deployment,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { SnowflakeDouble } from '../snowflake/double/double.ts'
import { openDouble } from '../snowflake/double/open-double.ts'
import { expectAllowed } from '../snowflake-sql/expect-allowed.ts'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'
import { expectReadable } from './readable-statements.ts'

const folder = join(import.meta.dirname, '../../../../sql/snowflake')
/** The marts of the two examples have tables of the same name; those of logistics have a test of their own. */
const without = ['logistics', 'logistics-protection']
const secrets = { customer_hash_key: 'a secret of the test, 32 or more' }

describe('the files in sql/snowflake', () => {
  let double: SnowflakeDouble
  let warehouse: Warehouse
  let deployment: Deployment
  beforeAll(async () => {
    double = await SnowflakeDouble.start()
    warehouse = await openDouble(double)
    deployment = await readDeployment({ engine: 'snowflake', folder, secrets, without })
  })
  afterAll(async () => {
    await warehouse.close()
    await double.stop()
  })

  it('hold only what Snowflake documents, as far as a parser can read it; what it cannot read is listed', () => {
    expectReadable('deploy', deployment.objects)
  })

  it('are deployed once, in order, and then there is nothing to do', async () => {
    const sent: string[] = []
    double.ran = ({ sql: text }) => void sent.push(text)
    const plan = await planDeployment(warehouse, deployment)
    expect(plan.steps).toHaveLength(deployment.objects.length)
    const done: string[] = []
    await applyDeployment(warehouse, deployment, plan, {
      actor: 'tester',
      onStep: ({ object }) => done.push(object.key),
    })
    expect(done).toEqual(deployment.objects.map(({ key }) => key))
    expect(await planDeployment(warehouse, deployment)).toMatchObject({
      steps: [],
      unchanged: deployment.objects.length,
      left: [],
    })
    const own = new Set(deployment.objects.map(({ statement }) => snowflakeText(statement)))
    expectAllowed(
      'deploy-statements',
      sent
        .filter((text) => !own.has(text) && !/^(?:SHOW|ALTER SESSION|USE|BEGIN|COMMIT) ?/.test(text))
        .map((text) => text.replaceAll(/\d{16}/g, '1700000000000000')),
    )
  })

  it('give a changed size of a warehouse to that warehouse alone', async () => {
    const larger = await readDeployment({
      engine: 'snowflake',
      folder,
      secrets,
      without,
      set: { work_warehouse_size: 'large', materialize_cron: '0 3 * * * Europe/Zurich' },
    })
    const { steps } = await planDeployment(warehouse, larger)
    expect(steps.map(({ object }) => object.key)).toEqual([
      expect.stringMatching(/^SETTING WAREHOUSE MARTLET_WORK: WAREHOUSE_SIZE/),
      'TASK JOBS.MATERIALIZE',
    ])
  })

  it('let histories only be added to, and readers write nothing', () => {
    const grants = [...double.account.grants]
    for (const table of [
      'CATALOG . DEFINITIONS',
      'CATALOG . AUDIT_LOG',
      'REGISTRY . MODEL_ALIAS_MOVES',
      'MONITORING . QUALITY_RESULTS',
    ]) {
      const given = grants.filter((grant) => grant.includes(`on TABLE ${table} `))
      expect(given.length).toBeGreaterThan(0)
      for (const grant of given) expect(grant).toMatch(/^(?:SELECT|INSERT|SELECT,INSERT) on /)
      expect(given.some((grant) => grant.startsWith('SELECT,INSERT on '))).toBe(true)
    }
    const roles = (role: string): readonly string[] =>
      grants.flatMap((grant) => {
        const found = new RegExp(`^role (\\w+) to ${role}$`).exec(grant)?.[1]
        return found === undefined ? [] : [found, ...roles(found)]
      })
    for (const reader of ['MARTLET_READER', 'MARTLET_SERVER']) {
      const all = [reader, ...roles(reader)]
      const rights = grants.filter(
        (grant) => all.some((role) => grant.endsWith(` to ${role}`)) && !grant.startsWith('role '),
      )
      expect(rights.length).toBeGreaterThan(4)
      // What a server sees of a roll-out is all that it writes.
      const evidence = / on TABLE REGISTRY \. ROLLOUT_EVIDENCE to MARTLET_ROLLOUT_EVIDENCE$/
      for (const right of rights.filter((one) => !evidence.test(one))) expect(right).toMatch(/^(?:USAGE|SELECT) on /)
      expect(all).not.toContain('MARTLET_CUSTOMER_DATA')
    }
  })

  it('show the newest row of every customer, alias and monitor', async () => {
    await warehouse.run(
      sql`INSERT INTO mart.dim_customer (customer_id, customer_type, tariff, heating_type, valid_from, valid_to) SELECT 'a',
        'home', 'old', NULL, CAST('2026-01-01' AS TIMESTAMP_NTZ(6)), CAST('2026-02-01' AS TIMESTAMP_NTZ(6))`,
    )
    await warehouse.run(
      sql`INSERT INTO mart.dim_customer (customer_id, customer_type, tariff, heating_type, valid_from, valid_to) SELECT 'a',
        'home', 'new', NULL, CAST('2026-02-01' AS TIMESTAMP_NTZ(6)), NULL`,
    )
    for (const [hour, kwh] of [
      ['01', 1],
      ['03', 3],
      ['02', 2],
    ] as const) {
      await warehouse.run(
        sql`INSERT INTO mart.fact_energy_usage (customer_id, ts, consumption_kwh, cost, arrived_at) SELECT 'a',
          CAST(${`2026-03-01 ${hour}:00:00`} AS TIMESTAMP_NTZ(6)), ${kwh}, 0, CAST('2026-03-02' AS TIMESTAMP_NTZ(6))`,
      )
    }
    const only = async (view: string, column: string): Promise<readonly unknown[]> => {
      const { columns } = await warehouse.read(sql`SELECT ${sql.id(column)} FROM ${sql.id(...view.split('.'))}`)
      return [...(columns[0]?.values ?? [])]
    }
    expect(await only('ml.energy_customer_now', 'tariff')).toEqual(['new'])
    expect(await only('ml.energy_reading_latest', 'consumption_kwh')).toEqual([3])

    for (const [day, outcome] of [
      ['01', 'succeeded'],
      ['02', 'failed'],
    ]) {
      await warehouse.run(sql`INSERT INTO catalog.runs (id, kind, ${sql.id('view')}, hash, reason, ${sql.id('rows')},
        outcome, started_at, finished_at, host, pid, actor)
        SELECT ${day}, 'materialize', 'usage', 'h', 'r', 1, ${outcome}, ${`2026-01-${day}T00:00:00.000000Z`},
          ${`2026-01-${day}T00:01:00.000000Z`}, 'h', 1, 'a'`)
    }
    expect(await only('monitoring.stale_views', 'last_outcome')).toEqual(['failed'])
    expect(await only('monitoring.stale_views', 'last_success')).toEqual(['2026-01-01T00:01:00.000000Z'])
    expect(Number((await only('monitoring.stale_views', 'minutes_since_success'))[0])).toBeGreaterThan(1440)
    for (const view of [
      'query_tag_credits',
      'query_tag_work',
      'role_credits',
      'task_runs',
      'table_changes',
      'drift_latest',
    ])
      expect((await warehouse.read(sql`SELECT * FROM ${sql.id('monitoring', view)}`)).rows).toBe(0)
  })

  it('show how quality, loads, tables and costs stand', async () => {
    const shown = async (view: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.id('monitoring', view)} ORDER BY 1, 2, 3`)).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, name.startsWith('minutes_') ? Number(value) > 0 : value]),
        ),
      )
    for (const [run, check, severity, passed, at] of [
      ['r1', 'unique', 'error', 'FALSE', '2026-01-01 01:00:00'],
      ['r1', 'present', 'error', 'TRUE', '2026-01-01 01:00:01'],
      ['r1', 'fits', 'warn', 'TRUE', '2026-01-01 01:00:02'],
      ['r2', 'unique', 'error', 'TRUE', '2026-01-02 01:00:00'],
    ] as const)
      await warehouse.run(sql`
        INSERT INTO monitoring.quality_results (run_id, table_name, check_name, severity, passed, failed_rows, checked_rows, checked_at)
        SELECT ${run}, 'mart.t', ${check}, ${severity}, ${sql.raw(passed)}, 2, 10, CAST(${at} AS TIMESTAMP_NTZ(6))
      `)
    const [first, second, third] = await shown('quality_days')
    expect(first).toMatchObject({
      severity: 'error',
      checks: 2,
      passed: 1,
      passed_share: 0.5,
      failed_rows: 4,
      checked_rows: 20,
    })
    expect(second).toMatchObject({ severity: 'warn', checks: 1, passed: 1, passed_share: 1 })
    expect(third).toMatchObject({ severity: 'error', checks: 1, passed: 1, passed_share: 1 })
    expect(await shown('quality_now')).toMatchObject([
      { table_name: 'mart.t', severity: 'error', checks: 1, passed: 1, passed_share: 1, minutes_since_check: true },
    ])
    for (const schema of ['raw', 'staging'])
      await warehouse.run(
        sql`CREATE TABLE ${sql.id(schema, 'parcels')} (id VARCHAR NOT NULL, _loaded_at TIMESTAMP_NTZ(6) NOT NULL)`,
      )
    await warehouse.run(sql`INSERT INTO raw.parcels SELECT 'p1', CAST('2026-01-01' AS TIMESTAMP_NTZ(6))`)
    // Refuses a table of steps that is not its own.
    await load(warehouse, {
      name: 'parcels',
      from: { table: 'raw.parcels' },
      into: 'staging.parcels',
      key: ['id'],
      loadedAt: '_loaded_at',
    })
    const [loaded] = await shown('load_freshness')
    expect(loaded).toMatchObject({ name: 'parcels', target: 'staging.parcels', minutes_since_watermark: true })
    expect(Object.keys(loaded ?? {})).not.toContain('definition')
    const usage = (table: string): Sql => sql.id('SNOWFLAKE', 'ACCOUNT_USAGE', table)
    for (const [schema, table, database] of [
      ['SCORES', 'DELAY', 'MARTLET'],
      ['CATALOG', 'RUNS', 'MARTLET'],
      ['SCORES', 'DELAY', 'OTHER'],
    ] as const)
      await warehouse.run(sql`
        INSERT INTO ${usage('TABLES')} (table_catalog, table_schema, table_name, table_type, row_count, bytes, last_altered)
        SELECT ${database}, ${schema}, ${table}, 'BASE TABLE', 7, 100, CAST('2026-01-01' AS TIMESTAMP_NTZ(6))
      `)
    expect(await shown('table_changes')).toMatchObject([
      { table_schema: 'SCORES', table_name: 'DELAY', row_count: 7, minutes_since_change: true },
    ])
    for (const [id, role] of [
      ['q1', 'MARTLET_SCORER'],
      ['q2', 'MARTLET_SCORER'],
      ['q3', 'MARTLET_LOADER'],
    ] as const) {
      await warehouse.run(sql`
        INSERT INTO ${usage('QUERY_HISTORY')} (query_id, role_name, bytes_scanned) SELECT ${id}, ${role}, 10
      `)
      await warehouse.run(sql`
        INSERT INTO ${usage('QUERY_ATTRIBUTION_HISTORY')} (query_id, warehouse_name, query_tag, start_time, credits_attributed_compute)
        SELECT ${id}, 'MARTLET_WORK', 'nightly', CAST('2026-01-01 05:00:00' AS TIMESTAMP_NTZ(6)), 0.5
      `)
    }
    expect(await shown('role_credits')).toMatchObject([
      { role_name: 'MARTLET_LOADER', query_tag: 'nightly', queries: 1, compute_credits: 0.5, bytes_scanned: 10 },
      { role_name: 'MARTLET_SCORER', query_tag: 'nightly', queries: 2, compute_credits: 1, bytes_scanned: 20 },
    ])
  })
})
