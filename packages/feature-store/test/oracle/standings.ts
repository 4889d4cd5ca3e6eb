import type { ViewPlan } from '../../src/plan/view-plan.ts'
import type { StandingFeature } from '../../src/vocabulary/features/standing.ts'
import type { Answer } from './exact/agree.ts'
import { compare, type Value, type Row } from './row.ts'
import { valueOf, type OracleMart, type Answers } from './mart.ts'
import { evaluate } from './expression.ts'
import { tablesOfEverybody } from './views.ts'

const rowsOfAll = new WeakMap<OracleMart, Map<string, readonly Ranked[]>>()

interface Ranked {
  readonly key: Row
  readonly row: Readonly<Record<string, Value>>
}

/** The rows of everybody at T, in order of their keys, without standings. */
export function everybodyAt(
  mart: OracleMart,
  view: ViewPlan,
  T: number,
  rowOf: (view: ViewPlan, key: Row) => Answers | null,
): readonly Ranked[] {
  const known = rowsOfAll.get(mart) ?? new Map<string, readonly Ranked[]>()
  rowsOfAll.set(mart, known)
  const before = view.features.filter(({ kind }) => kind !== 'standing')
  const name = JSON.stringify([view.hash, T])
  const names = view.entity.keys.map((key) => key.name)
  const keys = new Map(
    tablesOfEverybody(view)
      .flatMap((table) => mart.tables[table] ?? [])
      .map((row) => {
        const key: Row = Object.fromEntries(names.map((one) => [one, row[one] ?? null]))
        return [JSON.stringify(key), key]
      }),
  )
  const rows =
    known.get(name) ??
    [...keys.values()]
      .toSorted((a, b) => names.reduce((so, one) => so || compare(a[one] ?? null, b[one] ?? null), 0))
      .flatMap((key): readonly Ranked[] => {
        const answers = rowOf({ ...view, features: before }, key)
        if (answers === null) return []
        return [{ key, row: Object.fromEntries(Object.entries(answers).map(([one, value]) => [one, valueOf(value)])) }]
      })
  known.set(name, rows)
  return rows
}

/** Where a row stands among all rows, its own among them. */
export function standing(feature: StandingFeature, key: Row, row: Row, all: readonly Ranked[]): Value | Answer {
  const valueIn = (one: Row): number | null => {
    const value = evaluate(feature.of, one)
    return typeof value === 'number' ? value : null
  }
  const groupOf = (one: Row): Value => (feature.within === null ? '' : evaluate(feature.within, one))
  const [x, group] = [valueIn(row), groupOf(row)]
  if (x === null || group === null) return null
  const others = all.filter((one) => groupOf(one.row) === group && valueIn(one.row) !== null)
  const values = others.map((one) => valueIn(one.row) ?? 0)
  const n = values.length
  const parts = feature.parts ?? 1
  switch (feature.standing) {
    case 'rank':
      return values.filter((one) => one > x).length + 1
    case 'percentRank':
      return n === 1 ? 0 : values.filter((one) => one < x).length / (n - 1)
    case 'quantile':
      return Math.ceil((parts * values.filter((one) => one <= x).length) / n)
    case 'ntile': {
      // By value and then by key, the first n mod parts parts being one larger.
      const order = others.toSorted((a, b) => (valueIn(a.row) ?? 0) - (valueIn(b.row) ?? 0))
      const at = order.findIndex((one) => Object.entries(one.key).every(([name, value]) => key[name] === value))
      const [small, larger] = [Math.floor(n / parts), n % parts]
      return at < larger * (small + 1)
        ? Math.floor(at / (small + 1)) + 1
        : larger + Math.floor((at - larger * (small + 1)) / small) + 1
    }
    case 'zscore': {
      const mean = values.reduce((sum, one) => sum + one, 0) / n
      const spread = values.reduce((sum, one) => sum + (one - mean) ** 2, 0)
      return spread === 0 ? null : { value: (x - mean) / Math.sqrt(spread / (n - 1)), rounding: 1e-12 }
    }
    case 'share': {
      const sum = values.reduce((so, one) => so + one, 0)
      return sum === 0 ? null : x / sum
    }
    default:
      throw new Error(`the oracle knows no ${feature.standing}`)
  }
}
