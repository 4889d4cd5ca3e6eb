import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDuckDb, readDeployment, rowsOf, sql, type Deployment } from '@martlet/warehouse'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'
import { GrantedRights, OPEN_DATA, touches } from './granted-rights.ts'

// Read off the text of the files: no account has enforced any of it.
const SECRET = 'a secret of this test, of 32 characters or more'
const PREFIX = 'MARTLET_'

let deployment: Deployment
let granted: GrantedRights
beforeAll(async () => {
  deployment = await readDeployment({
    engine: 'snowflake',
    folder: join(import.meta.dirname, '../../../../sql/snowflake'),
    secrets: { customer_hash_key: SECRET },
    without: ['logistics', 'logistics-protection'],
  })
  granted = new GrantedRights(deployment)
})

describe('who sees customers, by the grants in sql/snowflake', () => {
  it('is no role without CUSTOMER_DATA, for what holds them in the clear and for all that will be made beside it', () => {
    const open = granted.rights.filter((right) => touches(right) && OPEN_DATA.test(right.on))
    expect(open.length).toBeGreaterThan(10)
    // These two write runs, findings and profiles; the functional roles that hold them see customers, as the next test says.
    const writers = new Set([`${PREFIX}MONITORING_WRITE`, `${PREFIX}CATALOG_WRITE`])
    expect(
      open
        .filter(({ role }) => !granted.seesCustomers(role) && !writers.has(role))
        .map(({ role, privileges, on }) => `${role}: ${privileges.join()} on ${on}`),
    ).toEqual([])
  })

  it('is every functional role that computes with them, and none that only serves, registers or reads results', () => {
    const functional = [
      'READER',
      'DASHBOARD',
      'LOADER',
      'MATERIALIZER',
      'TRAINER',
      'SCORER',
      'SERVER',
      'DRIFT_MONITOR',
      'REGISTRAR',
      'SCHEDULER',
      'ADMIN',
    ]
    expect(functional.filter((name) => granted.seesCustomers(`${PREFIX}${name}`))).toEqual([
      'DASHBOARD',
      'LOADER',
      'MATERIALIZER',
      'TRAINER',
      'SCORER',
      'DRIFT_MONITOR',
      'SCHEDULER',
      'ADMIN',
    ])
    for (const name of functional) {
      const open = granted.of(`${PREFIX}${name}`).filter((right) => touches(right) && OPEN_DATA.test(right.on))
      expect([name, open.length > 0]).toEqual([name, granted.seesCustomers(`${PREFIX}${name}`)])
    }
  })

  it('leaves readers the results, and of customers only views behind which masks and the row filter of mart hold', () => {
    expect(
      granted
        .of(`${PREFIX}READER`)
        .filter(touches)
        .map(({ on }) => on)
        .toSorted(),
    ).toEqual([
      'TABLE MONITORING.DRIFT_RESULTS',
      'VIEW ML.ENERGY_CUSTOMER_NOW',
      'VIEW ML.ENERGY_READING_LATEST',
      'VIEW ML.LIVE_MODELS',
      'VIEW ML.VIEW_FRESHNESS',
      'VIEW MONITORING.DRIFT_LATEST',
      'VIEW MONITORING.LOAD_FRESHNESS',
      'VIEW MONITORING.QUALITY_DAYS',
      'VIEW MONITORING.QUALITY_FINDINGS',
      'VIEW MONITORING.QUALITY_NOW',
      'VIEW MONITORING.QUERY_TAG_CREDITS',
      'VIEW MONITORING.QUERY_TAG_WORK',
      'VIEW MONITORING.ROLE_CREDITS',
      'VIEW MONITORING.STALE_VIEWS',
      'VIEW MONITORING.TABLE_CHANGES',
      'VIEW MONITORING.TASK_RUNS',
      'VIEW MONITORING.WAREHOUSE_CREDITS',
    ])
    const views = new Map(
      deployment.objects.flatMap((object) => (object.kind === 'VIEW' ? [[object.name, object.sql] as const] : [])),
    )
    for (const name of ['ML.ENERGY_CUSTOMER_NOW', 'ML.ENERGY_READING_LATEST']) {
      expect(views.get(name)).toMatch(/^CREATE OR REPLACE SECURE VIEW /)
      expect(
        [...String(views.get(name)).matchAll(/(?:FROM|JOIN) (\w+)\.(\w+)/gi)].every(
          ([, schema]) => schema?.toUpperCase() === 'MART',
        ),
      ).toBe(true)
    }
    for (const name of [
      'MONITORING.QUALITY_FINDINGS',
      'MONITORING.QUALITY_DAYS',
      'MONITORING.QUALITY_NOW',
      'MONITORING.STALE_VIEWS',
      'MONITORING.DRIFT_LATEST',
    ])
      expect(views.get(name)).not.toMatch(/\b(?:example|query|error|last_error)\b/i)
  })

  it('masks the id in every table of the energy mart that has it', () => {
    const tables = deployment.objects
      .filter(
        ({ kind, name, columns = [] }) =>
          kind === 'TABLE' && name.startsWith('MART.') && columns.some((column) => column.name === 'customer_id'),
      )
      .map(({ name }) => name)
    expect(tables).toEqual(['MART.FACT_ENERGY_USAGE', 'MART.DIM_CUSTOMER'])
    for (const table of tables) {
      for (const kind of ['MASKING', 'TAGGING'])
        expect(
          deployment.objects.some((object) => object.kind === kind && object.name.startsWith(`${table}.CUSTOMER_ID`)),
        ).toBe(true)
    }
  })
})

describe('the mask of ids', () => {
  const bodyOf = (one: Deployment): string =>
    snowflakeText(one.objects.find(({ name }) => name.includes('CUSTOMER_IDENTIFIER: BODY'))?.statement ?? sql`none`)

  it('is SHA-256 over the key and the SHA-256 of key and id: as written there, and as computed', async () => {
    const [, expression] = /ELSE (SHA2 .*) END$/.exec(bodyOf(deployment)) ?? []
    const key = createHash('sha256').update(`martlet customer_hash_key\0${SECRET}`).digest('hex')
    expect(expression).toBe(`SHA2 (CONCAT ('${key}', SHA2 (CONCAT ('${key}', val), 256)), 256)`)
    // DuckDB has the function by another name, and a CONCAT that takes null for ''.
    const inDuckDb = String(expression)
      .replaceAll(', 256)', ')')
      .replaceAll('SHA2 (', 'sha256(')
      .replaceAll('CONCAT (', 'concat(')
    await using warehouse = await openDuckDb()
    const rows = rowsOf<{ val: string; masked: string }>(
      await warehouse.read(
        sql`SELECT val, ${sql.raw(inDuckDb)} AS masked FROM (VALUES ('c01'), ('c02'), ('Zoë'), ('')) AS t(val)`,
      ),
    )
    const hashed = (text: string): string => createHash('sha256').update(text).digest('hex')
    expect(rows).toHaveLength(4)
    for (const { val, masked } of rows) {
      expect(masked).toBe(hashed(`${key}${hashed(`${key}${val}`)}`))
      expect(masked).not.toBe(hashed(val))
    }
    expect(new Set(rows.map(({ masked }) => masked)).size).toBe(4)
  })

  it('differs with every secret', async () => {
    const folder = deployment.folder
    const other = await readDeployment({
      engine: 'snowflake',
      folder,
      secrets: { customer_hash_key: `${SECRET}.` },
      without: ['logistics', 'logistics-protection'],
    })
    expect(bodyOf(other)).not.toBe(bodyOf(deployment))
    expect(bodyOf(other).replaceAll(/[0-9a-f]{64}/g, '')).toBe(bodyOf(deployment).replaceAll(/[0-9a-f]{64}/g, ''))
  })

  it('shows neither secret nor key in what a deployment holds for people', () => {
    const key = createHash('sha256').update(`martlet customer_hash_key\0${SECRET}`).digest('hex')
    const shown = JSON.stringify({ ...deployment, values: [...deployment.values] })
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain(key)
    expect(shown).toContain('<% customer_hash_key %>')
  })
})
