import { join } from 'node:path'
import { applyDeployment, openDuckDb, planDeployment, readDeployment } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { expect, test } from 'vitest'
import { fillMart } from '../src/fill-mart.ts'
import { deliver } from '../src/generate/deliver.ts'
import { simulate } from '../src/generate/simulate.ts'
import { loads, snapshots } from '../src/mart-steps.ts'

test('the configuration is valid, with the loads and snapshots of the mart', async () => {
  await using project = await loadProject(join(import.meta.dirname, '../martlet.config.ts'))
  expect(project.config.loads).toEqual(loads)
  expect(project.config.snapshots).toEqual(snapshots)
})

test('what is deployed can be filled, and is not deployed a second time', async () => {
  await using warehouse = await openDuckDb({ threads: 1 })
  const folder = join(import.meta.dirname, '../../../sql/duckdb/logistics')
  const deployment = await readDeployment({ engine: 'duckdb', folder })
  const plan = await planDeployment(warehouse, deployment)
  expect(plan.steps.length).toBeGreaterThan(30)
  await applyDeployment(warehouse, deployment, plan, { actor: 'test' })
  await deliver(warehouse, simulate({ seed: 1, vehicles: 2, days: 4, customers: 3, locations: 12 }))
  const { loads: done } = await fillMart(warehouse)
  expect(done.filter(({ read }) => read === 0)).toEqual([])
  const again = await planDeployment(warehouse, deployment)
  expect(again).toMatchObject({ steps: [], unchanged: plan.steps.length })
})
