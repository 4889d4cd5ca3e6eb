import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { emptyFolder, type TestProject } from '../run-martlet.ts'
import { privateKey, SnowflakeDouble, warehouseText } from './on-double.ts'

// Each step stands on the ones before it.
describe('a project whose warehouse and catalog are on Snowflake, played by a double', () => {
  let double: SnowflakeDouble
  let project: TestProject
  beforeAll(async () => {
    vi.stubEnv('MARTLET_TEST_ACCOUNT', 'shop')
    double = await SnowflakeDouble.start()
    project = await emptyFolder()
    await project.json(0, 'init')
    await project.write('key.p8', privateKey)
    await project.edit('martlet.config.ts', "{ duckdb: '.martlet/warehouse.duckdb' }", warehouseText(double))
    await project.edit(
      'martlet.config.ts',
      "{ sqlite: '.martlet/catalog.sqlite' }",
      "{ snowflake: { schema: 'shop_state' } }",
    )
    const seeded = await project.node('seed.ts')
    if (seeded.code !== 0) throw new Error(seeded.stderr)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await project[Symbol.asyncDispose]()
    await double.stop()
  })

  it('applies, materializes and keeps the state in that schema', async () => {
    expect(await project.json(0, 'apply', '--yes')).toMatchObject({ applied: { length: 4 } })
    expect(await project.json(0, 'plan')).toMatchObject({ changes: [], unchanged: 4 })
    expect(await project.json(0, 'materialize')).toMatchObject({
      views: [{ view: 'customer_usage', rows: 1200, published: 20 }],
    })
    expect(await project.json(0, 'status')).toMatchObject({
      views: [{ view: 'customer_usage', late: false, lastRun: { outcome: 'succeeded', rows: 1200 } }],
    })
  })

  it('serves from it, and finds no model', async () => {
    expect(await project.json(0, 'models', 'list')).toMatchObject({ models: [] })
    const server = project.start('serve', '--port', '0', '--json')
    const { url } = z
      .object({ url: z.string(), services: z.tuple([z.literal('customer_card'), z.literal('next_day')]) })
      .parse(JSON.parse(await server.printed('\n', 'stdout')))
    const response = await fetch(`${url}/v1/features/next_day`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keys: [{ customer_id: 'c01' }] }),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ rows: [{ missing: {} }] })
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
  })

  it('doctor names the schema', async () => {
    const checked = await project.martlet('doctor')
    expect(checked.stdout).toMatch(/^ok +catalog +schema shop_state of the warehouse, catalog version \d+/m)
    expect(checked.code).toBe(0)
  })
})
