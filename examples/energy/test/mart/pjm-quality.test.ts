import { checkView } from '@martlet/feature-store'
import { openDuckDb } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { energyDefinitions } from '../../src/definitions/next-day.ts'
import { extentOf } from '../../src/forecast/spine.ts'
import { checkPjmRows } from '../../src/mart/check-pjm-rows.ts'
import { loadPjmMart } from '../../src/mart/pjm.ts'
import { sharedData } from './shared-data.ts'

const recorded = sharedData('pjm_hourly_load')

test.skipIf(recorded === undefined)('the checks find what is wrong with the recorded load', async () => {
  await using warehouse = await openDuckDb()
  const counts = await loadPjmMart(warehouse, { folder: recorded ?? '' })
  expect(counts).toMatchObject({ missingHours: 173, zonesEnded: 2, repeatedHours: 40 })
  const raw = await checkPjmRows(warehouse)
  expect(raw.findings.map(({ check, count, total }) => [check, count, total])).toEqual([['duplicates', 40, 1_090_167]])
  const { last } = await extentOf(warehouse)
  const { findings } = await checkView(warehouse, energyDefinitions('America/New_York').recent, {
    from: null,
    to: null,
    now: last + 3_600_000_000n,
  })
  expect(findings.map(({ check, count, total }) => [check, count, total])).toEqual([
    ['gaps', 173, 1_090_328],
    ['silent', 2, 12],
  ])
})
