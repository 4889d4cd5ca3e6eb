import { expect, test } from 'vitest'
import { z } from 'zod'
import { choosePlan } from '../../src/compile/plan-choice.ts'
import { entity, fact, featureView } from '../../src/index.ts'

const DAY = 86_400_000_000
const meter = entity('meter', { meter_id: z.string() })
const columns = { meter_id: z.string(), ts: z.date(), loaded_at: z.date(), x: z.number() }
const load = fact('mart.load', { columns, entities: [meter], eventTime: 'ts' })
const late = fact('mart.late', { columns, entities: [meter], eventTime: 'ts', knownAt: 'loaded_at' })
const onTime = featureView('on_time', {
  of: meter,
  from: load,
  every: '1d',
  features: (f) => ({ x: f.sum('x').over('1d', '30d') }),
}).plan
const arriving = featureView('arriving', {
  of: meter,
  from: late,
  every: '1d',
  features: (f) => ({ x: f.sum('x').over('1d', '30d') }),
}).plan
const size = { events: 1_000_000, entities: 10_000, span: 365 * DAY }

test('one feature time is scanned, many come from tiles', () => {
  // (1 + 30 of 365 days × 1 M) + 5 × 10 k × 2 features; 12 × 1 M + 2 × 10 k × 2 × 31 boundaries
  expect(choosePlan(onTime, size, 1)).toMatchObject({
    lookup: 'scan',
    reason: 'one scan of the events (185k steps by a scan, 13.2M by tiles)',
  })
  expect(choosePlan(onTime, size, 100)).toMatchObject({
    lookup: undefined,
    reason: 'tiles (18.5M steps by a scan, 17.2M by tiles)',
  })
})

test('with arrival times a scan is compared with what takes its place', () => {
  // 2 features × (1 M + 10 k entities × 100 events × 30 of 365 days)
  expect(choosePlan(arriving, size, 1).reason).toBe(
    'one scan of the events (185k steps by a scan, 2.16M by a join with the events)',
  )
  expect(choosePlan(arriving, size, 100).reason).toBe(
    'a join with the events (18.5M steps by a scan, 18.4M by a join with the events)',
  )
})

test('a scan puts events after those before them for each window, tiles once', () => {
  const before = featureView('before', {
    of: meter,
    from: load,
    every: '1d',
    features: (f) => ({ x: f.sum((r) => r.increase('x')).over('1d', '30d') }),
  }).plan
  // As above, and 50 × 1 M for each of two windows; 50 × 1 M
  expect(choosePlan(before, size, 1).reason).toBe('tiles (100M steps by a scan, 63.2M by tiles)')
})
