import { binNumbers, countCategories } from '../src/count/bin-array.ts'
import { policyFrom, profileCategories, profileNumbers, type DriftResult, type ReferenceProfile } from '../src/index.ts'
import { categoryEvidence, numberEvidence } from '../src/monitor/evidence-of.ts'
import { judgeRun } from '../src/verdict/judge-run.ts'
import { normal, sample, uniform } from './random.ts'

const day = 86_400_000
export const start = Date.parse('2026-01-05T00:00:00Z')

/** Columns of numbers and categories over some windows; every fourth column (or so) drifts half way through. */
export function simulated(
  width: number,
  windows: number,
  name = (i: number): string => `usage_view__feature_number_${i}`,
  every = 4,
): DriftResult {
  const draw = normal(1)
  const chance = uniform(2)
  const categories = ['alpha', 'beta', 'gamma', 'delta', 'epsilon']
  const isCategory = (i: number): boolean => i % 5 === 4
  const column = (i: number, moved: boolean) =>
    isCategory(i)
      ? sample(400, () => categories[Math.floor(chance() ** (moved ? 2 : 1) * 5)] ?? '')
      : sample(400, () => (draw() + (moved ? 0.8 : 0)) * 10 ** (i % 7))
  const profiles = Array.from({ length: width }, (_, i) => {
    const values = column(i, false)
    return isCategory(i)
      ? profileCategories({ name: name(i), type: 'text' }, values.map(String))
      : profileNumbers(
          { name: name(i), type: 'double' },
          values.filter((value) => typeof value === 'number'),
        )
  })
  const profile: ReferenceProfile = {
    schema: 'martlet.drift.profile/1',
    name: 'simulated',
    createdAt: new Date(start).toISOString(),
    rows: 400,
    time: null,
    columns: profiles,
  }
  const schema = profiles.map(({ name: column, type }) => ({ name: column, type }))
  const evidence = Array.from({ length: windows }, (_, w) => ({
    window: { from: new Date(start + w * day), to: new Date(start + (w + 1) * day) },
    rows: 400,
    columns: profiles.map((column_, i) => {
      const values = column(i, i % every === 0 && w >= windows / 2)
      if (column_.kind === 'category') return categoryEvidence(column_, countCategories(values.map(String)))
      if (column_.kind === 'number')
        return numberEvidence(
          column_,
          binNumbers(
            values.filter((value) => typeof value === 'number'),
            column_.edges,
            column_.mean ?? 0,
          ),
        )
      throw new Error('no time columns here')
    }),
    schema,
    rowKind: 'table' as const,
    absent: [],
    ignored: [],
    newest: null,
    latest: w === windows - 1,
  }))
  return judgeRun(
    { monitor: 'simulated', now: new Date(start + windows * day), profile, windows: evidence },
    policyFrom(),
  )
}
