import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDuckDb, readDeployment, rowsOf, sql, type Deployment, type Warehouse } from '@martlet/warehouse'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'
import { GrantedRights, OPEN_DATA, touches } from './granted-rights.ts'

// Read off the text of the files, and computed by DuckDB: no account has enforced any of it.
const SECRET = 'a secret of this test, of 32 characters or more'

let deployment: Deployment
let granted: GrantedRights
beforeAll(async () => {
  deployment = await readDeployment({
    engine: 'snowflake',
    folder: join(import.meta.dirname, '../../../../sql/snowflake'),
    secrets: { customer_hash_key: SECRET },
    without: ['energy', 'energy-customers'],
  })
  granted = new GrantedRights(deployment)
})

/** Where the tables of mart, which hold customers' ids in the clear, are read or changed. */
const MART = /\bMART(?:\.|$)/

describe('who reaches what of logistics, by the grants', () => {
  /** What a role may do beside reaching places, as `privileges on what`, by schema. */
  const rightsIn = (role: string, schema: string): readonly string[] =>
    granted
      .of(`MARTLET_${role}`)
      .filter((right) => touches(right) && new RegExp(String.raw`\b${schema}(?:\.|$)`).test(right.on))
      .map(({ privileges, on }) => `${privileges.join()} on ${on}`)
      .toSorted()
  const changes = (role: string): readonly string[] =>
    [
      ...new Set(
        granted
          .of(`MARTLET_${role}`)
          .filter(({ privileges }) =>
            privileges.some((one) => !['SELECT', 'USAGE', 'MONITOR', 'OPERATE'].includes(one)),
          )
          .map(({ on }) => /(?:IN SCHEMA|SCHEMA|TABLE|VIEW) (\w+)/.exec(on)?.[1] ?? on),
      ),
    ].toSorted()

  it('opens mart, raw, staging and scores to nobody who may not see customers', () => {
    const open = granted.rights.filter((right) => touches(right) && (OPEN_DATA.test(right.on) || MART.test(right.on)))
    expect(open.length).toBeGreaterThan(30)
    const writers = ['MARTLET_MONITORING_WRITE', 'MARTLET_CATALOG_WRITE']
    expect(open.filter(({ role }) => !granted.seesCustomers(role) && !writers.includes(role))).toEqual([])
    for (const role of ['READER', 'SERVER', 'REGISTRAR'])
      expect([role, granted.seesCustomers(`MARTLET_${role}`)]).toEqual([role, false])
  })

  it('lets loads read raw, and change rows of staging and mart, and nothing else but their own notes and leases', () => {
    expect(changes('LOADER')).toEqual(['LOADS_INTERNAL', 'MART', 'STAGING'])
    expect(rightsIn('LOADER', 'RAW')).toEqual([
      'SELECT on ALL TABLES IN SCHEMA RAW',
      'SELECT on ALL VIEWS IN SCHEMA RAW',
      'SELECT on FUTURE TABLES IN SCHEMA RAW',
      'SELECT on FUTURE VIEWS IN SCHEMA RAW',
    ])
    expect(rightsIn('LOADER', 'STAGING')).toEqual([
      'SELECT,INSERT,UPDATE,DELETE on ALL TABLES IN SCHEMA STAGING',
      'SELECT,INSERT,UPDATE,DELETE on FUTURE TABLES IN SCHEMA STAGING',
    ])
    expect(rightsIn('LOADER', 'LOADS_INTERNAL')).toEqual([
      'SELECT,INSERT,UPDATE on TABLE LOADS_INTERNAL.STEPS',
      'USAGE,CREATE TABLE on SCHEMA LOADS_INTERNAL',
    ])
    for (const schema of ['FEATURES', 'FEATURES_INTERNAL', 'TRAINING', 'SCORES', 'SCORES_INTERNAL', 'REGISTRY', 'ML'])
      expect([schema, rightsIn('LOADER', schema)]).toEqual([schema, []])
  })

  it('lets scoring make tables of scores, and beside them change nothing but leases', () => {
    expect(changes('SCORER')).toEqual(['CATALOG', 'SCORES', 'SCORES_INTERNAL'])
    expect(rightsIn('SCORER', 'SCORES')).toEqual(['USAGE,CREATE TABLE on SCHEMA SCORES'])
    for (const schema of ['RAW', 'STAGING', 'TRAINING', 'LOADS_INTERNAL', 'MONITORING'])
      expect([schema, rightsIn('SCORER', schema).filter((right) => !right.startsWith('SELECT on '))]).toEqual([
        schema,
        [],
      ])
    // What a lease takes (packages/feature-store/src/catalog/lease.ts), and no other right to change the catalog.
    const lease = [
      'INSERT on TABLE CATALOG.AUDIT_LOG',
      'SELECT,INSERT,UPDATE on TABLE CATALOG.WRITE_LOCK',
      'SELECT,INSERT,UPDATE,DELETE on TABLE CATALOG.LEASES',
      'UPDATE on TABLE CATALOG.RUNS',
    ]
    expect(rightsIn('SCORER', 'CATALOG').filter((right) => !right.startsWith('SELECT on '))).toEqual(lease)
  })

  it('lets nobody but loads change raw, staging or mart, and nobody but scoring make scores', () => {
    const who = (schema: string): readonly string[] =>
      [
        'READER',
        'DASHBOARD',
        'LOADER',
        'MATERIALIZER',
        'TRAINER',
        'SCORER',
        'SERVER',
        'DRIFT_MONITOR',
        'REGISTRAR',
      ].filter((role) => changes(role).includes(schema))
    expect(who('RAW')).toEqual([])
    expect(who('STAGING')).toEqual(['LOADER'])
    expect(who('MART')).toEqual(['LOADER'])
    expect(who('SCORES')).toEqual(['SCORER'])
    expect(changes('READER')).toEqual([])
    expect(changes('DASHBOARD')).toEqual([])
  })

  it('gives readers of mart views by name, each of them of vehicles or tables, or secure', () => {
    const shown = granted
      .of('MARTLET_READER')
      .filter(touches)
      .map(({ on }) => on)
      .filter((on) => on.startsWith('VIEW ML.') || on.endsWith('MART_FRESHNESS'))
    expect(shown.toSorted()).toEqual([
      'VIEW ML.CUSTOMER_NOW',
      'VIEW ML.DELIVERIES',
      'VIEW ML.LIVE_MODELS',
      'VIEW ML.MAINTENANCE_DUE_NOW',
      'VIEW ML.SHIPMENTS_OPEN',
      'VIEW ML.VEHICLE_NOW',
      'VIEW ML.VIEW_FRESHNESS',
      'VIEW MONITORING.MART_FRESHNESS',
    ])
    for (const { kind, name, sql: text } of deployment.objects) {
      if (kind !== 'VIEW' || !shown.includes(`VIEW ${name}`)) continue
      const ofCustomers = /\b(?:customer_id|email)\b/i.test(text)
      expect([name, text.startsWith('CREATE OR REPLACE SECURE VIEW ')]).toEqual([name, ofCustomers])
    }
  })
})

describe('the policies of logistics', () => {
  const bodyOf = (policy: string): string => {
    const found = deployment.objects.find(({ name }) => name === `${policy}: BODY`)
    return / SET BODY -> (.*)$/.exec(snowflakeText(found?.statement ?? sql`none`))?.[1] ?? ''
  }
  /** The text of a policy, in the session of some roles. */
  const inSession = (body: string, roles: readonly string[]): string =>
    body.replaceAll(/IS_ROLE_IN_SESSION \(([^)]+)\)/g, `($1 IN (${roles.map((role) => `'${role}'`).join(', ')}))`)
  const mask = (warehouse: Warehouse, body: string, type: string, value: string): Promise<readonly unknown[]> =>
    warehouse
      .read(sql`SELECT ${sql.raw(body)} AS shown FROM (SELECT CAST(${value} AS ${sql.raw(type)}) AS val) AS t`)
      .then((batch) => rowsOf(batch).map((row) => row['shown']))

  it('show names, addresses and limits to whoever sees customers, and to others nothing', async () => {
    await using warehouse = await openDuckDb()
    for (const [policy, type, value] of [
      ['MASKING POLICY GOVERNANCE.CUSTOMER_TEXT', 'VARCHAR', 'ada@example.org'],
      ['MASKING POLICY GOVERNANCE.CUSTOMER_AMOUNT', 'DOUBLE', '250.5'],
    ] as const) {
      const body = bodyOf(policy)
      expect((await mask(warehouse, inSession(body, ['MARTLET_CUSTOMER_DATA']), type, value)).map(String)).toEqual([
        value,
      ])
      expect(await mask(warehouse, inSession(body, ['MARTLET_READER']), type, value)).toEqual([null])
    }
    const masked = deployment.objects.filter(({ kind }) => kind === 'MASKING').map(({ name }) => name)
    expect(masked).toEqual(['MART.DIM_CUSTOMER.NAME', 'MART.DIM_CUSTOMER.EMAIL', 'MART.DIM_CUSTOMER.CREDIT_LIMIT'])
  })

  it('use no column both to filter rows and to mask, which Snowflake refuses', () => {
    const filtered = deployment.objects.flatMap(({ kind, name, sql: text }) =>
      kind === 'ROW ACCESS' ? [[name, / ON \((.*)\)$/.exec(text)?.[1]]] : [],
    )
    expect(filtered).toEqual([
      ['MART.DIM_CUSTOMER', 'depot_id, customer_id'],
      ['MART.FACT_SHIPMENT', 'origin_id, destination_id, customer_id'],
    ])
  })

  it('mask ids in views as the energy mart does: SHA-256 over the key and the SHA-256 of key and id', () => {
    const key = createHash('sha256').update(`martlet customer_hash_key\0${SECRET}`).digest('hex')
    const views = deployment.objects.filter(
      ({ kind, file }) => kind === 'VIEW' && file.startsWith('logistics-protection/'),
    )
    expect(views).toHaveLength(3)
    for (const { statement, sql: shown } of views) {
      const id = String.raw`(\w\.customer_id)`
      expect(snowflakeText(statement)).toMatch(
        new RegExp(
          String.raw`CASE WHEN IS_ROLE_IN_SESSION \('MARTLET_CUSTOMER_DATA'\) THEN ${id} ELSE ` +
            String.raw`SHA2 \(CONCAT \('${key}', SHA2 \(CONCAT \('${key}', \1\), 256\)\), 256\) END AS customer_id`,
        ),
      )
      expect(shown).not.toContain(key)
    }
  })

  it('filter rows by depot and customer of one rule, for the roles in session', async () => {
    const rules = [
      ['DISPATCH_D1', 'd1', '*'],
      ['ACCOUNT_C2', '*', 'c2'],
      ['DESK', 'd2', 'c1'],
      ['DESK', 'd1', 'c3'],
      ['HEAD', '*', '*'],
    ] as const
    const depots = ['d1', 'd2', 'd3', null]
    const customers = ['c1', 'c2', 'c3', null]
    await using warehouse = await openDuckDb()
    await warehouse.run(sql`CREATE SCHEMA governance`)
    await warehouse.run(
      sql`CREATE TABLE governance.logistics_access (role_name VARCHAR, depot_id VARCHAR, customer_id VARCHAR)`,
    )
    for (const [role, depot, customer] of rules)
      await warehouse.run(sql`INSERT INTO governance.logistics_access VALUES (${role}, ${depot}, ${customer})`)
    const values = (list: readonly (string | null)[]) => sql.join(list.map((value) => sql`(CAST(${value} AS VARCHAR))`))
    const shipments = sql`
      SELECT o.v AS of_origin, d.v AS of_destination, c.v AS of_customer
      FROM (VALUES ${values(depots)}) AS o(v), (VALUES ${values(depots)}) AS d(v), (VALUES ${values(customers)}) AS c(v)
    `
    const allows = (roles: readonly string[], places: readonly unknown[], customer: unknown): boolean =>
      roles.includes('MARTLET_CUSTOMER_DATA') ||
      rules.some(
        ([role, depot, of]) =>
          roles.includes(role) && (depot === '*' || places.includes(depot)) && (of === '*' || of === customer),
      )
    const sessions = [
      ['NOBODY'],
      ['DISPATCH_D1'],
      ['ACCOUNT_C2'],
      ['DESK'],
      ['DISPATCH_D1', 'ACCOUNT_C2'],
      ['HEAD'],
      ['MARTLET_CUSTOMER_DATA'],
    ]
    const seen: number[] = []
    for (const roles of sessions) {
      const body = inSession(bodyOf('ROW ACCESS POLICY GOVERNANCE.LOGISTICS_SHIPMENTS'), roles)
      const rows = rowsOf(
        await warehouse.read(sql`SELECT t.*, COALESCE(${sql.raw(body)}, FALSE) AS shown FROM (${shipments}) AS t`),
      )
      for (const row of rows)
        expect([roles, row, row['shown']]).toEqual([
          roles,
          row,
          allows(roles, [row['of_origin'], row['of_destination']], row['of_customer']),
        ])
      seen.push(rows.filter((row) => row['shown'] === true).length)
      const ofCustomers = inSession(bodyOf('ROW ACCESS POLICY GOVERNANCE.LOGISTICS_CUSTOMERS'), roles)
      const dimension = rowsOf(
        await warehouse.read(sql`
          SELECT t.*, COALESCE(${sql.raw(ofCustomers)}, FALSE) AS shown
          FROM (SELECT DISTINCT s.of_origin AS of_depot, s.of_customer FROM (${shipments}) AS s) AS t
        `),
      )
      for (const row of dimension)
        expect([roles, row, row['shown']]).toEqual([roles, row, allows(roles, [row['of_depot']], row['of_customer'])])
    }
    // Of 64: nothing; where d1 is one end; c2 anywhere; two pairs; both roles; everything, everything.
    expect(seen).toEqual([0, 28, 16, 14, 37, 64, 64])
  })
})
