import { expect, test } from 'vitest'
import { paceOf } from '../../src/desk/pace.ts'

test('a step gets as much as fits into its time, learnt from earlier steps, between the least and the most', () => {
  const pace = paceOf({ stepMs: 10, first: 100, least: 5, most: 1000 })
  expect(pace.units).toBe(100)
  // 0.5 ms each.
  pace.learn(100, 50)
  expect(pace.units).toBe(20)
  // One slow step among quick ones has little effect.
  pace.learn(20, 100)
  expect(pace.units).toBeGreaterThan(5)
  for (let step = 0; step < 50; step++) pace.learn(pace.units, pace.units * 0.125)
  expect(pace.units).toBeGreaterThan(70)
  expect(pace.units).toBeLessThanOrEqual(80)
  for (let step = 0; step < 50; step++) pace.learn(pace.units, pace.units * 100)
  expect(pace.units).toBe(5)
  for (let step = 0; step < 80; step++) pace.learn(pace.units, 0)
  expect(pace.units).toBe(1000)
})
