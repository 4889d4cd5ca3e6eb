import { describe, expect, it } from 'vitest'
import { binNumbers } from '../../src/compare/bin-array.ts'
import { numberEvidence } from '../../src/monitor/evidence-of.ts'
import { chiSquareTest, policyFrom, profileNumbers } from '../../src/index.ts'
import { judgeRun } from '../../src/verdict/judge-run.ts'
import type { DriftResult, ReferenceProfile } from '../../src/index.ts'
import { normal, sample, uniform } from '../random.ts'

const now = new Date('2026-03-01T00:00:00Z')

/** Judges arrays of current numbers against arrays of reference numbers, column by column. */
function judge(reference: readonly (readonly number[])[], current: readonly (readonly number[])[]): DriftResult {
  const columns = reference.map((values, index) => profileNumbers({ name: `x${index}`, type: 'double' }, values))
  const profile: ReferenceProfile = { schema: 'martlet.drift.profile/1', name: 'test', createdAt: now.toISOString(), rows: reference[0]?.length ?? 0, time: null, columns }
  const evidence = columns.map((column, index) => numberEvidence(column, binNumbers(current[index] ?? [], column.edges, column.mean ?? 0)))
  const schema = columns.map(({ name, type }) => ({ name, type }))
  const window = { window: null, rows: current[0]?.length ?? 0, columns: evidence, schema, ignored: [], newest: null, latest: true }
  return judgeRun({ monitor: 'test', now, profile, windows: [window] }, policyFrom())
}

describe('cases 35 to 37: false alarms when nothing changed, seeds fixed', () => {
  it('35: PSI at 1000 against 100 rows alerts in at most 2 % (a fixed 0.1 in 39 %)', () => {
    const draw = normal(35)
    const repeats = 1000
    let alerts = 0
    let fixed = 0
    for (let run = 0; run < repeats; run += 1) {
      const result = judge([sample(1000, draw)], [sample(100, draw)])
      const column = result.windows[0]?.columns[0]
      if (column?.severity === 'warn' || column?.severity === 'crit') alerts += 1
      if ((column?.metrics.find(({ metric }) => metric === 'psi')?.value ?? 0) >= 0.1) fixed += 1
    }
    expect(alerts / repeats).toBeLessThanOrEqual(0.02)
    expect(fixed / repeats).toBeGreaterThan(0.3)
  })

  it('36: χ² of 30 categories at 1000 against 1000 rows rejects 3 to 7 % at 5 %', () => {
    const draw = uniform(36)
    const counts = (): number[] => {
      const cells = Array.from({ length: 30 }, () => 0)
      for (let row = 0; row < 1000; row += 1) {
        const cell = Math.floor(draw() * 30)
        cells[cell] = (cells[cell] ?? 0) + 1
      }
      return cells
    }
    const rejected = Array.from({ length: 2000 }, () => chiSquareTest(counts(), counts()).p < 0.05).filter(Boolean).length / 2000
    expect(rejected).toBeGreaterThan(0.03)
    expect(rejected).toBeLessThan(0.07)
  })

  it('37: 200 unchanged columns in one run alert in hardly any run', () => {
    const draw = normal(37)
    const runs = 20
    let alerting = 0
    for (let run = 0; run < runs; run += 1) {
      const result = judge(Array.from({ length: 200 }, () => sample(300, draw)), Array.from({ length: 200 }, () => sample(300, draw)))
      if (result.exitCode !== 0) alerting += 1
    }
    // family-wise at most α = 1 %: two alerting runs of 20 have a chance of 2 %, three of 0.1 %
    expect(alerting).toBeLessThanOrEqual(2)
  })

  it('a real shift of 0.3 σ in one of 200 columns is found at 2000 rows', () => {
    const draw = normal(38)
    const reference = Array.from({ length: 200 }, () => sample(2000, draw))
    const current = Array.from({ length: 200 }, (_, column) => sample(2000, () => draw() + (column === 77 ? 0.3 : 0)))
    expect(judge(reference, current).lookAt).toEqual(['x77'])
  })
})
