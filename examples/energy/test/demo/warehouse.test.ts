import { columnBatch, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SnowflakeDouble } from '../../../../packages/warehouse/test/snowflake/double/double.ts'
import { auth } from '../../../../packages/warehouse/test/snowflake/double/open-double.ts'
import { demoPlace, openDemoWarehouse, type DemoPlace } from '../../src/demo/warehouse.ts'
import { deployEnergyMart } from '../../src/mart/deploy.ts'
import { total } from '../../src/kpi/total.ts'

const settings = {
  SNOWFLAKE_ACCOUNT: 'org-shop',
  SNOWFLAKE_USER: 'ANN',
  SNOWFLAKE_DATABASE: 'DEMO',
  SNOWFLAKE_WAREHOUSE: 'SMALL',
}

test('settings of an account come from the environment', () => {
  expect(
    demoPlace('snowflake', undefined, {
      ...settings,
      SNOWFLAKE_TOKEN: 't',
      SNOWFLAKE_ROLE: 'ML',
      SNOWFLAKE_ACCESS_URL: 'https://x',
    }),
  ).toEqual({
    engine: 'snowflake',
    options: {
      account: 'org-shop',
      database: 'DEMO',
      warehouse: 'SMALL',
      role: 'ML',
      accessUrl: 'https://x',
      queryTag: 'martlet-energy-demo',
      auth: { type: 'programmatic-access-token', token: 't', username: 'ANN' },
    },
  })
  expect(
    demoPlace('snowflake', undefined, {
      ...settings,
      SNOWFLAKE_PRIVATE_KEY_PATH: 'k.p8',
      SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'p',
    }),
  ).toMatchObject({
    options: { auth: { type: 'key-pair', username: 'ANN', privateKeyPath: 'k.p8', passphrase: 'p' } },
  })
})

test.each([
  [
    {},
    ['SNOWFLAKE_ACCOUNT', 'SNOWFLAKE_USER', 'SNOWFLAKE_DATABASE', 'SNOWFLAKE_WAREHOUSE', 'SNOWFLAKE_PRIVATE_KEY_PATH'],
  ],
  [{ ...settings, SNOWFLAKE_ACCOUNT: '', SNOWFLAKE_TOKEN: 't' }, ['SNOWFLAKE_ACCOUNT']],
])('what is not set is named, all of it: %o', (environment, missing) => {
  expect(() => demoPlace('snowflake', undefined, environment)).toThrow(
    expect.objectContaining({ code: 'SETTING_MISSING', data: { missing } }),
  )
})

describe('a Snowflake database, played by a double', () => {
  let double: SnowflakeDouble
  let place: DemoPlace
  beforeAll(async () => {
    double = await SnowflakeDouble.start()
    place = { engine: 'snowflake', options: { account: 'double', accessUrl: double.url, database: 'MARTLET', auth } }
  })
  afterAll(() => double.stop())
  const schemasOf = async (warehouse: Warehouse): Promise<readonly string[]> =>
    (await warehouse.db.introspection.getSchemas()).map(({ name }) => name).toSorted()

  test('is emptied of what an earlier demo left there', async () => {
    await using first = await openDemoWarehouse(place, '')
    await deployEnergyMart(first)
    const day = { type: 'timestamp', values: [new Date('2026-01-01')] } as const
    await first.append(
      'mart.fact_energy_usage',
      columnBatch({
        customer_id: { type: 'text', values: ['a'] },
        ts: day,
        consumption_kwh: { type: 'double', values: [1] },
        cost: { type: 'double', values: [1] },
        arrived_at: day,
      }),
    )
    expect((await total(first)).readings).toBe(1)
    await using second = await openDemoWarehouse(place, '')
    expect(await schemasOf(second)).toEqual(['martlet_energy_demo', 'public'])
  })

  test('is not changed when it has other schemas', async () => {
    const demo = await openDemoWarehouse(place, '')
    await deployEnergyMart(demo)
    await demo.db.schema.createSchema('sales').execute()
    await expect(openDemoWarehouse(place, '')).rejects.toMatchObject({
      code: 'DATABASE_NOT_A_DEMO',
      data: { schemas: ['sales'] },
    })
    await demo.db.schema.dropSchema('martlet_energy_demo').execute()
    await demo.db.schema.dropSchema('sales').execute()
    // Without its mark, a mart is not the demo's either.
    await expect(openDemoWarehouse(place, '')).rejects.toMatchObject({
      code: 'DATABASE_NOT_A_DEMO',
      data: { schemas: ['mart'] },
    })
    expect(await schemasOf(demo)).toEqual(['mart', 'public'])
    await demo.close()
  })
})
