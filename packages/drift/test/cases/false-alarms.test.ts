import { describe, expect, it } from 'vitest'
import { binNumbers, countCategories } from '../../src/count/bin-array.ts'
import { categoryEvidence, numberEvidence } from '../../src/monitor/evidence-of.ts'
import {
  chiSquareTest,
  policyFrom,
  profileCategories,
  profileNumbers,
  type DriftResult,
  type ReferenceProfile,
} from '../../src/index.ts'
import type { ColumnEvidence } from '../../src/verdict/evidence.ts'
import { judgeRun } from '../../src/verdict/judge-run.ts'
import { normal, sample, uniform } from '../random.ts'

const now = new Date('2026-03-01T00:00:00Z')

/** Judges arrays of current numbers against arrays of reference numbers, column by column. */
function judge(reference: readonly (readonly number[])[], current: readonly (readonly number[])[]): DriftResult {
  const columns = reference.map((values, index) => profileNumbers({ name: `x${index}`, type: 'double' }, values))
  const evidence = columns.map((column, index) =>
    numberEvidence(column, binNumbers(current[index] ?? [], column.edges, column.mean ?? 0)),
  )
  return judgeEvidence(columns, evidence, reference[0]?.length ?? 0, current[0]?.length ?? 0)
}

function judgeEvidence(
  columns: ReferenceProfile['columns'],
  evidence: readonly ColumnEvidence[],
  referenceRows: number,
  rows: number,
): DriftResult {
  const profile: ReferenceProfile = {
    schema: 'martlet.drift.profile/1',
    name: 'test',
    createdAt: now.toISOString(),
    rows: referenceRows,
    time: null,
    columns,
  }
  const schema = columns.map(({ name, type }) => ({ name, type }))
  const window = {
    window: null,
    rows,
    columns: evidence,
    schema,
    rowKind: 'table' as const,
    absent: [],
    ignored: [],
    newest: null,
    latest: true,
  }
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
    const rejected =
      Array.from({ length: 2000 }, () => chiSquareTest(counts(), counts()).p < 0.05).filter(Boolean).length / 2000
    expect(rejected).toBeGreaterThan(0.03)
    expect(rejected).toBeLessThan(0.07)
  })

  it('37: 200 unchanged columns in one run alert in hardly any run', () => {
    const draw = normal(37)
    const runs = 20
    let alerting = 0
    for (let run = 0; run < runs; run += 1) {
      const result = judge(
        Array.from({ length: 200 }, () => sample(300, draw)),
        Array.from({ length: 200 }, () => sample(300, draw)),
      )
      if (result.exitCode !== 0) alerting += 1
    }
    // family-wise at most α = 1 %: two alerting runs of 20 have a chance of 2 %, three of 0.1 %
    expect(alerting).toBeLessThanOrEqual(2)
  })

  it.each([
    ['500 equal categories', 500, 5000, (u: number) => 500 * u],
    ['500 equal categories', 5000, 500, (u: number) => 500 * u],
    ['900 categories with a long tail', 500, 5000, (u: number) => 900 ** u],
    ['900 categories with a long tail', 5000, 5000, (u: number) => 900 ** u],
    ['5000 equal categories', 500, 5000, (u: number) => 5000 * u],
  ])('%s, %i against %i rows: values that are new by chance do not alert', (_, n, m, place) => {
    const draw = uniform(n + m)
    const values = (count: number): string[] => sample(count, () => `c${Math.floor(place(draw()))}`)
    let alerting = 0
    for (let run = 0; run < 40; run += 1) {
      const column = profileCategories({ name: 'c', type: 'text' }, values(n))
      if (judgeEvidence([column], [categoryEvidence(column, countCategories(values(m)))], n, m).exitCode !== 0)
        alerting += 1
    }
    // one test at α = 1 %, and unseen values another: four of 40 have a chance below 1 %
    expect(alerting).toBeLessThan(4)
  })

  it('a new category among many rare ones is found', () => {
    const draw = uniform(7)
    const values = (count: number, fresh: number): string[] =>
      sample(count, () => (draw() < fresh ? 'new' : `c${Math.floor(900 ** draw())}`))
    const column = profileCategories({ name: 'c', type: 'text' }, values(2000, 0))
    const result = judgeEvidence([column], [categoryEvidence(column, countCategories(values(2000, 0.12)))], 2000, 2000)
    expect(result.windows[0]?.findings).toMatchObject([
      { kind: 'unseen', severity: 'crit', sentence: expect.stringContaining('"new"') },
    ])
    expect(result.windows[0]?.columns[0]?.status).toBe('drift')
  })

  it('a real shift of 0.3 σ in one of 200 columns is found at 2000 rows', () => {
    const draw = normal(38)
    const reference = Array.from({ length: 200 }, () => sample(2000, draw))
    const current = Array.from({ length: 200 }, (_, column) => sample(2000, () => draw() + (column === 77 ? 0.3 : 0)))
    expect(judge(reference, current).lookAt).toEqual(['x77'])
  })
})
