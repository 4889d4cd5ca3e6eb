import { createHash } from 'node:crypto'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  applyDeployment,
  openDuckDb,
  planDeployment,
  readDeployment,
  rowsOf,
  sql,
  type Deployment,
  type Engine,
  type Warehouse,
} from '@martlet/warehouse'
import { SnowflakeDouble } from '../snowflake/double/double.ts'
import { openDouble } from '../snowflake/double/open-double.ts'
import { codeOf } from '../support/errors.ts'
import { logisticsFolder } from './logistics-folder.ts'
import { fillLogistics } from './logistics-rows.ts'
import { expectReadable } from './readable-statements.ts'

const SQL = join(import.meta.dirname, '../../../../sql')
const SECRET = 'a secret of the test, 32 or more'
const ENGINES = ['duckdb', 'snowflake'] as const

/** Views that both engines have, with what orders their rows. */
const VIEWS = {
  'ml.vehicle_now': ['vehicle_id'],
  'ml.maintenance_due_now': ['vehicle_id', 'kind'],
  'ml.customer_now': ['valid_from'],
  'ml.shipments_open': ['shipment_id'],
  'ml.deliveries': ['shipment_id'],
  'monitoring.mart_freshness': ['table_name'],
} as const

type Row = Readonly<Record<string, unknown>>

/** The rows of a view, without the minutes that pass between two queries. */
async function rowsIn(warehouse: Warehouse, view: keyof typeof VIEWS): Promise<readonly Row[]> {
  const order = VIEWS[view].map((name) => sql.id(name))
  const found = await warehouse.read(sql`SELECT * FROM ${sql.id(...view.split('.'))} ORDER BY ${sql.join(order)}`)
  return rowsOf<Row>(found).map(({ minutes_since: _, ...row }) => row)
}

describe('the files of logistics', () => {
  let double: SnowflakeDouble
  const warehouses = new Map<Engine, Warehouse>()
  const folders = new Map<Engine, string>()
  const on = (engine: Engine): Warehouse => warehouses.get(engine) ?? expect.fail(`${engine} is not open`)
  /** The folder of an engine, which is a copy. */
  const at = (engine: Engine, file = ''): string => join(folders.get(engine) ?? expect.fail('no folder'), file)
  const read = (engine: Engine): Promise<Deployment> =>
    readDeployment({
      engine,
      folder: at(engine),
      ...(engine === 'duckdb' ? {} : { secrets: { customer_hash_key: SECRET } }),
    })

  beforeAll(async () => {
    double = await SnowflakeDouble.start()
    warehouses.set('duckdb', await openDuckDb())
    warehouses.set('snowflake', await openDouble(double))
    for (const engine of ENGINES) {
      folders.set(engine, await logisticsFolder(engine))
      const deployment = await read(engine)
      await applyDeployment(on(engine), deployment, await planDeployment(on(engine), deployment), { actor: 'tester' })
      await fillLogistics(on(engine))
    }
  })
  afterAll(async () => {
    for (const warehouse of warehouses.values()) await warehouse.close()
    for (const folder of folders.values()) await rm(folder, { recursive: true })
    await double.stop()
  })

  const edit = async (engine: Engine, file: string, from: string, to: string): Promise<void> => {
    const text = await readFile(at(engine, file), 'utf8')
    expect(text).toContain(from)
    await writeFile(at(engine, file), text.replace(from, to))
  }

  it.each(ENGINES)('are deployed once on %s, and then a changed file changes only what it defines', async (engine) => {
    const changed = async (): Promise<readonly string[]> => {
      const { steps } = await planDeployment(on(engine), await read(engine))
      return steps.map(({ object, reason }) => `${object.key}: ${reason}`)
    }
    expect(await planDeployment(on(engine), await read(engine))).toMatchObject({
      steps: [],
      unchanged: (await read(engine)).objects.length,
      left: [],
    })
    await edit(engine, 'logistics/0032-freshness.sql', "SELECT 'raw.shipments'", "SELECT 'raw.sent'")
    expect(await changed()).toEqual(['VIEW MONITORING.MART_FRESHNESS: its statement changed'])
    await edit(engine, 'logistics/0032-freshness.sql', "SELECT 'raw.sent'", "SELECT 'raw.shipments'")
    await edit(
      engine,
      'logistics/0013-dim-route.sql',
      '  planned_minutes DOUBLE,',
      '  planned_minutes DOUBLE,  toll DOUBLE,',
    )
    expect(await changed()).toEqual(['TABLE MART.DIM_ROUTE: adds toll'])
    await edit(engine, 'logistics/0013-dim-route.sql', '  toll DOUBLE,', '')
    if (engine === 'duckdb') return
    await edit(
      engine,
      'logistics-protection/0001-policies.sql',
      "(a.customer_id = of_customer OR a.customer_id = '*')",
      'FALSE',
    )
    expect(await changed()).toEqual([
      'SETTING ROW ACCESS POLICY GOVERNANCE.LOGISTICS_CUSTOMERS: BODY: its statement changed',
    ])
  })

  it('define the same tables on both engines, with the same columns and types, in files of the same names', async () => {
    const tables = ({ objects }: Deployment): readonly unknown[] =>
      objects.flatMap(({ kind, name, file, columns }) =>
        kind === 'TABLE' && file.startsWith('logistics/') ? [{ name, file, columns }] : [],
      )
    const expected = tables(await read('duckdb'))
    expect(expected.length).toBeGreaterThan(20)
    expect(tables(await read('snowflake'))).toEqual(expected)
  })

  it('define views that say the same on both engines, to whoever sees customers', async () => {
    await using admin = await openDouble(double, { role: 'MARTLET_ADMIN' })
    for (const view of [
      'ml.vehicle_now',
      'ml.maintenance_due_now',
      'ml.customer_now',
      'ml.shipments_open',
      'ml.deliveries',
      'monitoring.mart_freshness',
    ] as const) {
      const names = async (warehouse: Warehouse): Promise<readonly unknown[]> =>
        ((await warehouse.introspect(view)) ?? []).map(({ name }) => name.toLowerCase())
      expect(await names(admin)).toEqual(await names(on('duckdb')))
      const rows = await rowsIn(on('duckdb'), view)
      expect(rows.length).toBeGreaterThan(0)
      expect([view, await rowsIn(admin, view)]).toEqual([view, rows])
    }
  })

  it('say what is due: by days, by the odometer and by engine hours, and of a swapped odometer what it shows', async () => {
    const due = await rowsIn(on('duckdb'), 'ml.maintenance_due_now')
    const of = (vehicle: string, kind: string): Row =>
      due.find((row) => row['vehicle_id'] === vehicle && row['kind'] === kind) ?? {}
    expect(of('v1', 'oil')).toMatchObject({ days_since: 9.5, km_since: 3500.5, used_share: 0.35005, due: false })
    expect(of('v1', 'brakes')).toMatchObject({
      last_performed_at: null,
      days_since: 99.5,
      km_since: 12_500.5,
      due: false,
    })
    expect(of('v1', 'inspection')).toMatchObject({ engine_hours_since: 420, used_share: 0.84 })
    expect((await rowsIn(on('duckdb'), 'ml.vehicle_now'))[0]).toMatchObject({
      vehicle_id: 'v1',
      odometer_km: null,
      engine_hours: 420,
    })
    // 40 km on the new odometer; 27 days of 30
    expect(of('v2', 'oil')).toMatchObject({ days_since: 27, km_since: 40, used_share: 0.9, due: false })
    // no reading as old as the service
    expect(of('v2', 'inspection')).toMatchObject({ engine_hours_since: null, used_share: null, due: null })
    // served after the newest reading
    expect(of('v2', 'brakes')).toMatchObject({ days_since: 0, km_since: 0, used_share: 0 })
    // never driven; v3 is sold, and v1 has no interval for tyres
    expect(of('v4', 'oil')).toMatchObject({ days_since: null, used_share: null })
    expect(due.map((row) => `${String(row['vehicle_id'])} ${String(row['kind'])}`)).toEqual([
      'v1 brakes',
      'v1 inspection',
      'v1 oil',
      'v2 brakes',
      'v2 inspection',
      'v2 oil',
      'v2 tyres',
      'v4 oil',
    ])
    expect(await rowsIn(on('duckdb'), 'ml.customer_now')).toMatchObject([
      { customer_id: 'c2', shipments: 2, open_shipments: 1, late_shipments: 0 },
      { customer_id: 'c3', shipments: 0, open_shipments: 0, late_shipments: 0, last_picked_up_at: null },
      { customer_id: 'c1', tier: 'plus', shipments: 3, open_shipments: 1, late_shipments: 1 },
    ])
  })

  it('show whoever may not see customers the same hash for the same id, in every view', async () => {
    await using reader = await openDouble(double, { role: 'MARTLET_READER' })
    const key = createHash('sha256').update(`martlet customer_hash_key\0${SECRET}`).digest('hex')
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
    for (const view of ['ml.customer_now', 'ml.shipments_open', 'ml.deliveries'] as const) {
      const shown = await rowsIn(reader, view)
      const clear = await rowsIn(on('duckdb'), view)
      expect(shown).toEqual(
        clear.map((row) => ({ ...row, customer_id: sha(`${key}${sha(`${key}${String(row['customer_id'])}`)}`) })),
      )
    }
  })

  it('could not mask the id that rows are filtered by, which is why the views do', async () => {
    const masked = on('snowflake').run(
      sql`ALTER TABLE mart.dim_customer MODIFY COLUMN customer_id SET MASKING POLICY governance.customer_text FORCE`,
    )
    await expect(masked).rejects.toMatchObject({
      code: 'SQL_FAILED',
      message: expect.stringContaining(
        'MART.DIM_CUSTOMER.CUSTOMER_ID is already in the signature of a row access policy',
      ),
    })
  })

  it('hold on Snowflake only what it documents, as far as a parser can read it', async () => {
    const { objects } = await read('snowflake')
    expectReadable(
      'logistics',
      objects.filter(({ file }) => file.startsWith('logistics')),
      false,
    )
  })

  it.each(ENGINES)('are refused beside or after the energy mart on %s, whose customers are others', async (engine) => {
    const secrets = engine === 'duckdb' ? {} : { secrets: { customer_hash_key: SECRET } }
    const both = await codeOf(readDeployment({ engine, folder: join(SQL, engine), ...secrets }))
    expect(both).toMatchObject({ code: 'DEPLOY_TWICE' })
    expect(both.message).toContain('TABLE MART.DIM_CUSTOMER is defined differently in energy/0003-dim-customer.sql')
    await cp(join(SQL, engine, 'energy'), at(engine, 'energy'), { recursive: true })
    await rm(at(engine, 'logistics'), { recursive: true })
    if (engine === 'snowflake') await rm(at(engine, 'logistics-protection'), { recursive: true })
    const after = await codeOf(planDeployment(on(engine), await read(engine)))
    expect(after.code).toBe('DEPLOY_REFUSED')
    expect(after.message).toMatch(/table mart\.dim_customer would lose something: .*column name is in the table/)
  })
})
