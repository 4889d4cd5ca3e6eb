import type { DriftResult } from '@martlet/drift'
import { expect, test } from 'vitest'
import { customers, levelOf, serviceOf, servedWorld, today, usageOf } from './served-world.ts'

/** What differs, by feature and reason. */
function reasonsOf({ windows }: DriftResult): Readonly<Record<string, unknown>> {
  const features = windows.at(-1)?.parity?.features ?? []
  return Object.fromEntries(
    features.flatMap(({ feature, equal, compared, reasons }) => (equal < compared ? [[feature, reasons]] : [])),
  )
}

test('what was served over HTTP is what the definitions give', async () => {
  const world = await servedWorld()
  await world.refresh()
  await world.serve([...customers, 'nobody'])
  const result = await world.parity({ atLeast: 1 })
  expect(result).toMatchObject({
    status: 'ok',
    exitCode: 0,
    sentence: 'The vectors of 7 predictions are what the definitions give.',
  })
  expect(result.windows[0]?.parity?.features.map(({ feature, compared, equal }) => [feature, compared, equal])).toEqual(
    [
      ['fresh__peak_2d', 7, 7],
      ['level__twice', 7, 7],
      ['usage__kwh_1d', 7, 7],
      ['usage__kwh_7d', 7, 7],
      ['usage__readings_7d', 7, 7],
      ['usage__tariff', 7, 7],
    ],
  )
})

test('facts that came late are the reason, before the rows are written again and after', async () => {
  const world = await servedWorld()
  await world.refresh()
  await world.serve()
  await world.reading('b', 6, 1)
  await world.reading('c', 24 * 5, 2)
  const late = { 'late facts': 1 }
  const both = { 'late facts': 2 }
  const expected = { usage__kwh_1d: late, level__twice: late, usage__kwh_7d: both, usage__readings_7d: both }
  const result = await world.parity()
  expect(reasonsOf(result)).toEqual(expected)
  expect(result).toMatchObject({ status: 'drift', exitCode: 1 })
  expect(result.windows[0]?.parity?.features[0]).toMatchObject({
    feature: 'usage__kwh_7d',
    meanDifference: 1.5,
    largestDifference: 2,
    examples: [{ keys: { customer_id: 'c' } }, { keys: { customer_id: 'b' }, reason: 'late facts' }],
  })
  await world.refresh(today + 1)
  expect(reasonsOf(await world.parity())).toEqual(expected)
  expect(await world.parity({ allow: ['late facts'], atLeast: 1 })).toMatchObject({ status: 'ok', exitCode: 0 })
})

test('an entity whose first facts came late, a changed definition', async () => {
  const world = await servedWorld()
  await world.refresh()
  await world.serve([...customers, 'new'])
  await world.reading('new', 5, 3)
  expect(reasonsOf(await world.parity())).toEqual({
    usage__kwh_1d: { 'late facts': 1 },
    level__twice: { 'late facts': 1 },
    usage__kwh_7d: { 'late facts': 1 },
    usage__readings_7d: { 'late facts': 1 },
    usage__tariff: { 'late facts': 1 },
    fresh__peak_2d: { 'late facts': 1 },
  })
  // One feature is defined otherwise; the others of the view have the reasons that they had.
  expect(reasonsOf(await world.parity({ services: [serviceOf(usageOf('first'))] }))).toEqual({
    usage__tariff: { definition: 7 },
    usage__kwh_1d: { 'late facts': 1 },
    level__twice: { 'late facts': 1 },
    usage__kwh_7d: { 'late facts': 1 },
    usage__readings_7d: { 'late facts': 1 },
    fresh__peak_2d: { 'late facts': 1 },
  })
})

test('a store that is behind, and rows that became too old in it', async () => {
  const world = await servedWorld()
  await world.refresh(today)
  await world.serve()
  expect(reasonsOf(await world.parity())).toEqual({
    usage__kwh_1d: { 'store behind': 6 },
    level__twice: { 'store behind': 6 },
    usage__kwh_7d: { 'store behind': 6 },
    usage__tariff: { 'store behind': 6 },
    fresh__peak_2d: { ttl: 6 },
  })
})

test('a function that gives other values, with its version and without', async () => {
  const world = await servedWorld()
  await world.refresh()
  await world.serve([...customers, 'nobody'])
  const services = (version: string) => [serviceOf(usageOf(), levelOf(usageOf(), 3, version))]
  expect(reasonsOf(await world.parity({ services: services('1') }))).toEqual({ level__twice: { function: 6 } })
  expect(reasonsOf(await world.parity({ services: services('2') }))).toEqual({ level__twice: { definition: 6 } })
})

test('what a request brought is logged where that is wanted; otherwise what it is for is not compared', async () => {
  const world = await servedWorld()
  await world.refresh()
  await world.serve(customers, { request: false })
  const [window] = (await world.parity()).windows
  expect(window?.parity?.notCompared).toEqual([
    { feature: 'level__twice', why: expect.stringContaining('values of the request') },
  ])
  expect(window).toMatchObject({ status: 'ok' })
})
