import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { progressReporter } from '../../src/materialize/progress.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { createMart, customerUsage } from './energy.ts'
import { inPlace } from './in-place.ts'

test('what runs is reported when it begins, and again while it takes long', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse)
    const events: MaterializeEvent[] = []
    const prepare = (): Promise<void> => sleep(4_500)
    await materialize({
      warehouse,
      catalog,
      online: openMemoryStore(),
      views: [customerUsage],
      now: '2024-01-20T06:00Z',
      prepare,
      onProgress: (event) => events.push(event),
    })
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []))
    expect([...new Set(steps.map(({ step }) => step))]).toEqual(['plan', 'check', 'compute', 'publish'])
    const computing = steps.filter(({ step }) => step === 'compute')
    expect(computing[0]).toMatchObject({
      view: 'customer_usage',
      from: '2024-01-02T00:00:00.000000Z',
      to: '2024-01-21T00:00:00.000000Z',
      seconds: expect.closeTo(0, 0),
    })
    // One at the beginning, and one every two seconds: a loaded machine may be late, and never early.
    expect(computing.length).toBeGreaterThanOrEqual(2)
    expect(computing.at(-1)?.seconds).toBeGreaterThan(1.5)
    expect(events.findIndex(({ type }) => type === 'step')).toBe(0)
    expect(events.findIndex((event) => event.type === 'step' && event.step === 'compute')).toBeLessThan(
      events.findIndex(({ type }) => type === 'chunk'),
    )
  }))

const step = (name: 'check' | 'compute', seconds: number): MaterializeEvent => ({
  type: 'step',
  view: 'customer_usage',
  step: name,
  seconds,
  ...(name === 'compute'
    ? { from: '2024-01-01T00:00:00.000000Z', to: '2024-01-05T00:00:00.000000Z' }
    : { from: null, to: null }),
})
const chunk: MaterializeEvent = {
  type: 'chunk',
  view: 'customer_usage',
  rows: 1000,
  estimatedRows: 4000,
  done: '2024-01-02T00:00:00.000000Z',
  from: '2024-01-01T00:00:00.000000Z',
  to: '2024-01-05T00:00:00.000000Z',
  seconds: 12,
}
const events: readonly MaterializeEvent[] = [
  step('check', 0),
  step('check', 2),
  step('check', 4),
  step('check', 6),
  step('compute', 0),
  step('compute', 2),
  step('compute', 4),
  step('compute', 6),
  step('compute', 8),
  step('compute', 10),
  chunk,
  step('compute', 0),
  step('compute', 2),
]

function written(isTTY: boolean): string {
  let text = ''
  const report = progressReporter({ stream: { isTTY, columns: 200, write: (part) => (text += part) } })
  for (const event of events) report(event)
  return text
}

test('in a plain log: a line at the beginning, and one every five seconds', () => {
  expect(written(false).split('\n')).toEqual([
    'customer_usage  checking source rows',
    'customer_usage  checking source rows  6.0 s',
    'customer_usage  computing 2024-01-01 to 2024-01-05',
    'customer_usage  computing 2024-01-01 to 2024-01-05  6.0 s',
    'customer_usage  25%  1.0k rows  before 2024-01-02  83 rows/s  36 s left',
    '',
  ])
})

test('on a terminal: one line that draws over itself, and the bar once a chunk is done', () => {
  const drawn = written(true).split('\r\u001b[2K').slice(1)
  expect(drawn.at(0)).toBe('customer_usage  checking source rows')
  expect(drawn.at(1)).toBe('customer_usage  checking source rows  2.0 s')
  expect(drawn.at(9)).toBe('customer_usage  computing 2024-01-01 to 2024-01-05  10 s')
  expect(drawn.at(-1)).toBe(
    'customer_usage  [######------------------] 25%  1.0k rows  before 2024-01-02  83 rows/s  36 s left  next chunk 2.0 s',
  )
})
