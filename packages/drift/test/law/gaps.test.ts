import { expect, it } from 'vitest'
import type { Gaps } from '../../src/profile/gaps.ts'
import { chanceOfLonger, gaps } from '../../src/verdict/findings/gaps.ts'
import { profileOfColumns } from '../../src/index.ts'
import { policyFrom } from '../../src/verdict/policy.ts'
import { fastUniform } from './fast-random.ts'

const policy = policyFrom()
const epoch = Date.parse('2026-01-05T00:00:00Z')

/** Gaps of some lengths in hours, one after the other. */
function gapsOf(lengths: readonly number[]): Gaps {
  const longest = Math.max(...lengths)
  return {
    count: lengths.length,
    hours: lengths.reduce((sum, length) => sum + length, 0),
    longest: { from: new Date(epoch).toISOString(), to: new Date(epoch + longest * 3.6e6).toISOString() },
  }
}

function told(then: Gaps, now: Gaps): boolean {
  const profile = {
    ...profileOfColumns('law', []),
    time: { column: 'ts', from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' },
    gaps: { all: then },
  }
  return gaps(profile, { window: null, rowKind: 'table', gaps: { all: now } }, policy).length > 0
}

/** Laws of gaps, of which rows that come when they come have the first. */
const laws: Readonly<Record<string, (draw: () => number) => number>> = {
  exponential: (draw) => -Math.log(draw()),
  'every half hour, 2 % missing': (draw) => 0.5 * Math.ceil(Math.log(draw()) / Math.log(0.02)),
  'log-normal, σ 2': (draw) => Math.exp(2 * Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw())),
  'Pareto, without a mean': (draw) => 1 / draw(),
}
const RUNS = 1000

it.each(Object.keys(laws))('unchanged gaps are told in at most one window of a hundred: %s', (name) => {
  const law = laws[name] ?? (() => 1)
  for (const [before, after] of [
    [150, 300],
    [1200, 50],
  ] as const) {
    const draw = fastUniform(before)
    const sample = (count: number): Gaps => gapsOf(Array.from({ length: count }, () => law(draw)))
    let [alerts, chances] = [0, 0]
    for (let i = 0; i < RUNS; i += 1) {
      const [then, now] = [sample(before), sample(after)]
      if (told(then, now)) alerts += 1
      if (chanceOfLonger(then, now) < policy.alpha) chances += 1
    }
    // Three standard errors above one in a hundred.
    expect(chances / RUNS).toBeLessThan(0.01 + 3 * Math.sqrt((0.01 * 0.99) / RUNS))
    expect(alerts).toBeLessThanOrEqual(chances)
  }
})

it('after four weeks of half-hourly readings, a gap of 2 h in a day and of 12 h in a week are told', () => {
  const then = gapsOf(Array<number>(1343).fill(0.5))
  const now = (readings: number, hole: number): Gaps => gapsOf([...Array<number>(readings - 2 * hole).fill(0.5), hole])
  expect([1.5, 2].map((hole) => told(then, now(48, hole)))).toEqual([false, true])
  expect([11.5, 12].map((hole) => told(then, now(336, hole)))).toEqual([false, true])
})

it('rows that come less often by and large are a matter of volume', () => {
  const draw = fastUniform(1)
  const sample = (count: number, scale: number): Gaps =>
    gapsOf(Array.from({ length: count }, () => -scale * Math.log(draw())))
  const alerts = Array.from({ length: RUNS }, () => told(sample(800, 1), sample(50, 5))).filter(Boolean)
  expect(alerts.length / RUNS).toBeLessThan(0.01)
  const hole = Array.from({ length: 100 }, () => told(sample(800, 1), gapsOf([...Array<number>(47).fill(1), 120])))
  expect(hole.every(Boolean)).toBe(true)
})

it('of a column that comes later than its rows happen, the end of every window would be a gap', () => {
  const [day, week] = [24, 168]
  const orders = Array.from({ length: 5 * week }, (_, hour) => ({
    at: hour,
    loaded: (Math.floor(hour / day) + 1) * day + 2,
  }))
  const lengths = (from: number, to: number): number[] => {
    const times = orders.flatMap(({ at, loaded }) => (loaded >= from && loaded < to && at >= from ? [at] : []))
    return times.map((time, index) => (times[index + 1] ?? to) - time)
  }
  const then = gapsOf(Array<number>(4 * week).fill(1))
  expect([0, 1, 2, 3, 4].map((at) => told(then, gapsOf(lengths(at * week, (at + 1) * week))))).toEqual(
    [0, 1, 2, 3, 4].map(() => true),
  )
})
