import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  applyDeployment,
  planDeployment,
  readDeployment,
  sql,
  type Deployment,
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
      for (const right of rights) expect(right).toMatch(/^(?:USAGE|SELECT) on /)
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
})
