import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  applyDeployment,
  openDuckDb,
  planDeployment,
  prepareTarget,
  rowsOf,
  sql,
  type Deployment,
  type Engine,
  type Warehouse,
} from '@martlet/warehouse'
import { SnowflakeDouble } from '../snowflake/double/double.ts'
import { openDouble } from '../snowflake/double/open-double.ts'
import { codeOf } from '../support/errors.ts'
import { Died, dying, SqlFolder } from './sql-folder.ts'

const actor = 'tester'
const schema = 'CREATE SCHEMA IF NOT EXISTS shop;'
const table = (columns: string): string => `CREATE TABLE IF NOT EXISTS shop.orders (${columns});`
const columns = 'id VARCHAR NOT NULL, amount DOUBLE'

const engines: Readonly<
  Record<
    Engine,
    {
      readonly open: () => Promise<readonly [Warehouse, () => Promise<void>]>
      readonly view: (query: string) => string
    }
  >
> = {
  duckdb: {
    open: async () => {
      const warehouse = await openDuckDb()
      return [warehouse, () => warehouse.close()]
    },
    view: (query) => `CREATE OR REPLACE VIEW shop.totals AS ${query};`,
  },
  snowflake: {
    open: async () => {
      const double = await SnowflakeDouble.start()
      const warehouse = await openDouble(double)
      return [
        warehouse,
        async () => {
          await warehouse.close()
          await double.stop()
        },
      ]
    },
    view: (query) => `CREATE OR REPLACE VIEW shop.totals COPY GRANTS AS ${query};`,
  },
}

describe.each(['duckdb', 'snowflake'] as const)('a deployment to %s', (engine) => {
  const { open, view } = engines[engine]
  let warehouse: Warehouse
  let close: () => Promise<void>
  let folder: SqlFolder
  const empty = async (): Promise<void> => {
    for (const name of ['shop', 'martlet_deploy'])
      await warehouse.run(sql`DROP SCHEMA IF EXISTS ${sql.id(name)} CASCADE`)
  }
  beforeAll(async () => {
    ;[warehouse, close] = await open()
  })
  afterAll(() => close())
  beforeEach(async () => {
    await empty()
    folder = await SqlFolder.with({
      '0001-schema.sql': schema,
      'shop/0001-orders.sql': table(columns),
      'shop/0002-totals.sql': view('SELECT id FROM shop.orders'),
    })
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const plan = async () => planDeployment(warehouse, await folder.read(engine))
  const deploy = async (on: Warehouse = warehouse): Promise<number> => {
    const deployment = await folder.read(engine)
    return (await applyDeployment(on, deployment, await planDeployment(on, deployment), { actor })).applied
  }
  const told = async (): Promise<readonly string[]> =>
    (await plan()).steps.map(
      ({ object, action, reason }) => `${action} ${object.key}${reason === '' ? '' : `: ${reason}`}`,
    )

  it('makes everything in the order of the files, and then has nothing to do and runs nothing', async () => {
    expect(await told()).toEqual(['create SCHEMA SHOP', 'create TABLE SHOP.ORDERS', 'create VIEW SHOP.TOTALS'])
    expect(await deploy()).toBe(3)
    expect(await plan()).toMatchObject({ steps: [], unchanged: 3, left: [] })
    expect(await deploy(dying(warehouse, { left: 0 }))).toBe(0)
    const rows = rowsOf(
      await warehouse.read(sql`SELECT object, file, actor FROM martlet_deploy.objects ORDER BY file, object`),
    )
    expect(rows).toEqual([
      { object: 'SCHEMA SHOP', file: '0001-schema.sql', actor },
      { object: 'TABLE SHOP.ORDERS', file: 'shop/0001-orders.sql', actor },
      { object: 'VIEW SHOP.TOTALS', file: 'shop/0002-totals.sql', actor },
    ])
  })

  it('replaces a view that changed; comments, case and white space are no change', async () => {
    await deploy()
    await folder.write('shop/0002-totals.sql', `-- by order\n${view('select  ID\nFROM shop.orders')}`)
    expect(await told()).toEqual([])
    await folder.write('shop/0002-totals.sql', view('SELECT id, amount FROM shop.orders'))
    expect(await told()).toEqual(['change VIEW SHOP.TOTALS: its statement changed'])
    expect(await deploy()).toBe(1)
    expect((await warehouse.introspect('shop.totals'))?.map(({ name }) => name)).toEqual(['id', 'amount'])
  })

  it('adds a new nullable column and keeps the rows', async () => {
    await deploy()
    await warehouse.run(sql`INSERT INTO shop.orders (id, amount) SELECT ${'a'}, ${1.5}`)
    await folder.write('shop/0001-orders.sql', table(`${columns}, note VARCHAR, paid BOOLEAN`))
    expect(await told()).toEqual(['change TABLE SHOP.ORDERS: adds note, paid'])
    await deploy()
    expect(rowsOf(await warehouse.read(sql`SELECT id, amount, note, paid FROM shop.orders`))).toEqual([
      { id: 'a', amount: 1.5, note: null, paid: null },
    ])
    expect(await told()).toEqual([])
  })

  it.each([
    ['vanished', 'id VARCHAR NOT NULL', 'column amount is in the table and not in the file'],
    ['changed its type', 'id VARCHAR NOT NULL, amount VARCHAR', 'amount is double, defined as text'],
    ['is new and not null', `${columns}, note VARCHAR NOT NULL`, 'note is new and NOT NULL'],
  ])('refuses the whole plan when a column %s', async (_, wanted, says) => {
    await deploy()
    await folder.write('shop/0001-orders.sql', table(wanted))
    await folder.write('shop/0002-totals.sql', view('SELECT amount FROM shop.orders'))
    const refused = await codeOf(plan())
    expect(refused.code).toBe('DEPLOY_REFUSED')
    expect(refused.message).toContain(`shop/0001-orders.sql, line 1: table shop.orders would lose something: ${says}`)
    expect((await warehouse.introspect('shop.totals'))?.map(({ name }) => name)).toEqual(['id'])
  })

  it('makes again what somebody dropped, and reports what left the files without dropping it', async () => {
    await deploy()
    await warehouse.run(sql`DROP VIEW shop.totals`)
    expect(await told()).toEqual(['change VIEW SHOP.TOTALS: was deployed and is gone'])
    await deploy()
    await folder.remove('shop/0002-totals.sql')
    expect(await plan()).toMatchObject({ steps: [], left: [{ key: 'VIEW SHOP.TOTALS', file: 'shop/0002-totals.sql' }] })
    expect(await warehouse.introspect('shop.totals')).toBeDefined()
  })

  it('takes over a table that was there before, and gives it what it lacks', async () => {
    await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS ${sql.id('shop')}`)
    await warehouse.run(sql`CREATE TABLE shop.orders (id VARCHAR NOT NULL)`)
    expect(await told()).toContain('change TABLE SHOP.ORDERS: exists, and was not deployed before; adds amount')
    await deploy()
    expect((await warehouse.introspect('shop.orders'))?.map(({ name }) => name)).toEqual(['id', 'amount'])
  })

  it('ends well after dying before or after any of its statements', async () => {
    // Right after one statement is before the next; on the slower engine only the latter is tried.
    for (const after of engine === 'duckdb' ? [false, true] : [false]) {
      for (let left = 0, died = true; died; left++) {
        await empty()
        const deployment = await folder.read(engine)
        const first = await planDeployment(warehouse, deployment)
        died = await applyDeployment(dying(warehouse, { left }, after), deployment, first, { actor }).then(
          () => false,
          (error: unknown) => {
            if (!(error instanceof Died) && !(error instanceof Error && error.cause instanceof Died)) throw error
            return true
          },
        )
        await applyDeployment(warehouse, deployment, await planDeployment(warehouse, deployment), { actor })
        expect(await planDeployment(warehouse, deployment)).toMatchObject({ steps: [], unchanged: 3 })
        expect(await warehouse.introspect('shop.totals')).toBeDefined()
        if (!died) expect(left).toBeGreaterThan(6)
      }
    }
  })

  it('lets no second deployment in while one runs, and refuses a plan that no longer holds', async () => {
    const deployment = await folder.read(engine)
    const first = await planDeployment(warehouse, deployment)
    await deploy()
    await folder.write('shop/0002-totals.sql', view('SELECT amount FROM shop.orders'))
    const changed = await folder.read(engine)
    const second = await planDeployment(warehouse, changed)
    let inside: Promise<{ readonly code: string }> | undefined
    await applyDeployment(warehouse, changed, second, {
      actor,
      onStep: () => void (inside = codeOf(applyDeployment(warehouse, changed, second, { actor }))),
    })
    // The second one waits for a moment; what it finds then is that there is nothing left of its plan, or that the first still runs.
    expect(['DEPLOY_BUSY', 'DEPLOY_STALE']).toContain((await inside)?.code)
    expect(await codeOf(applyDeployment(warehouse, deployment, first, { actor }))).toMatchObject({
      code: 'DEPLOY_STALE',
    })
  })

  it('names file and line of a statement that fails, and goes on there', async () => {
    await folder.write('shop/0002-totals.sql', `-- wrong\n\n${view('SELECT nothing FROM shop.orders')}`)
    const failed = await codeOf(deploy())
    expect(failed).toMatchObject({ code: 'DEPLOY_FAILED', data: { file: 'shop/0002-totals.sql', line: 3 } })
    await folder.write('shop/0002-totals.sql', view('SELECT id FROM shop.orders'))
    expect(await deploy()).toBe(1)
  })

  it('stops between two steps when it is told to', async () => {
    const stop = new AbortController()
    const deployment = await folder.read(engine)
    const stopped = applyDeployment(warehouse, deployment, await planDeployment(warehouse, deployment), {
      actor,
      signal: stop.signal,
      onStep: () => stop.abort(),
    })
    expect(await codeOf(stopped)).toMatchObject({ code: 'CANCELLED', data: { applied: 1 } })
    expect(await deploy()).toBe(2)
  })
})

describe('a deployment to an account', () => {
  let double: SnowflakeDouble
  let warehouse: Warehouse
  let deployment: Deployment
  let folder: SqlFolder
  beforeEach(async () => {
    double = await SnowflakeDouble.start()
    warehouse = await openDouble(double)
    folder = await SqlFolder.with({
      'a.sql':
        'CREATE DATABASE IF NOT EXISTS martlet; CREATE WAREHOUSE IF NOT EXISTS wh; CREATE ROLE IF NOT EXISTS r; CREATE SCHEMA IF NOT EXISTS s; GRANT USAGE ON SCHEMA s TO ROLE r; GRANT SELECT ON FUTURE TABLES IN SCHEMA s TO ROLE r;',
      'b.sql': `CREATE TABLE IF NOT EXISTS s.c (k VARCHAR); GRANT SELECT ON TABLE s.c TO ROLE r; CREATE ROW ACCESS POLICY IF NOT EXISTS s.p AS (x VARCHAR) RETURNS BOOLEAN -> FALSE;
        ALTER TABLE s.c ADD ROW ACCESS POLICY s.p ON (k);`,
    })
    deployment = await folder.read('snowflake')
  })
  afterEach(async () => {
    await warehouse.close()
    await double.stop()
    await folder[Symbol.asyncDispose]()
  })
  const deploy = async (): Promise<readonly string[]> => {
    const plan = await planDeployment(warehouse, deployment)
    await applyDeployment(warehouse, deployment, plan, { actor })
    return plan.steps.map(({ object }) => object.key)
  }

  it('gives rights again when the object or the role that they are about is made anew', async () => {
    expect(await deploy()).toHaveLength(10)
    expect(await deploy()).toEqual([])
    double.account.forget('ROLE', 'R')
    expect(await deploy()).toEqual([
      'ROLE R',
      'GRANT USAGE ON SCHEMA S TO ROLE R',
      'GRANT SELECT ON FUTURE TABLES IN SCHEMA S TO ROLE R',
      'GRANT SELECT ON TABLE S.C TO ROLE R',
    ])
    double.account.forget('WAREHOUSE', 'WH')
    expect(await deploy()).toEqual(['WAREHOUSE WH'])
  })

  it('does not add a row access policy twice, which Snowflake refuses, when it died before its record', async () => {
    await deploy()
    await warehouse.run(sql`DELETE FROM martlet_deploy.objects WHERE kind = ${'ROW ACCESS'}`)
    expect(await deploy()).toEqual(['ROW ACCESS S.C'])
  })

  it('makes the database and the warehouses first when the session is in none', async () => {
    const outside = await openDouble(double, { database: undefined, schema: undefined } as never)
    expect((await planDeployment(outside, deployment)).steps).toHaveLength(10)
    await prepareTarget(outside, deployment)
    await outside.close()
    expect(await deploy()).toHaveLength(10)
  })

  it('refuses a changed CREATE IF NOT EXISTS, which would do nothing', async () => {
    await deploy()
    await folder.write('a.sql', 'CREATE WAREHOUSE IF NOT EXISTS wh AUTO_SUSPEND = 60;')
    expect(await codeOf(planDeployment(warehouse, await folder.read('snowflake')))).toMatchObject({
      code: 'DEPLOY_REFUSED',
      message: expect.stringContaining('write the change as ALTER ... SET'),
    })
  })
})
