import { binEdges, binOf, EDGE_LEVELS } from '../../src/count/bin-edges.ts'
import type { BinnedNumbers, CountedCategories } from '../../src/count/binned-column.ts'
import { countedEdges } from '../../src/count/counted-edges.ts'
import { rowWorth } from '../../src/compare/row-worth.ts'
import { policyFrom, type DriftResult, type PolicyOptions } from '../../src/index.ts'
import { categoryEvidence, numberEvidence } from '../../src/monitor/evidence-of.ts'
import { categoryProfile } from '../../src/profile/category-profile.ts'
import { groupEffect, type RowEffects } from '../../src/profile/group-effects.ts'
import { numberProfile } from '../../src/profile/number-profile.ts'
import type { CategoryProfile, NumericProfile, ReferenceProfile } from '../../src/profile/reference-profile.ts'
import { beyondWeights, weightEffect } from '../../src/profile/weight-effects.ts'
import type { GroupMoments } from '../../src/statistics/design-effect.ts'
import { judgeRun } from '../../src/verdict/judge-run.ts'

/** Weighted rows held in memory, of one column; what the warehouse counts is computed here by plain loops. */
export interface WeighedRows {
  readonly values: readonly (number | string | null)[]
  readonly weights: readonly number[]
  /** The entity of each row; null: each row is one of its own. */
  readonly entity: readonly number[] | null
}

const now = new Date('2026-03-01T00:00:00Z')
const column = { name: 'x', type: 'double' as const }

/** Weights that are 1 on average. */
function evened(weights: readonly number[]): readonly number[] {
  const average = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return weights.map((weight) => weight / average)
}

/** Counts of weighted numbers on edges. */
function binWeighed({ values, weights }: WeighedRows, edges: readonly number[], centre: number): BinnedNumbers {
  const counted = countedEdges(edges)
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  const [sums, squares] = [counts.slice(), counts.slice()]
  let [nulls, valueRows] = [0, 0]
  const even = evened(weights)
  for (const [row, value] of values.entries()) {
    const weight = even[row] ?? 0
    if (typeof value !== 'number') {
      nulls += weight
      continue
    }
    const bin = binOf(value, counted)
    valueRows += 1
    counts[bin] = (counts[bin] ?? 0) + weight
    sums[bin] = (sums[bin] ?? 0) + weight * (value - centre)
    squares[bin] = (squares[bin] ?? 0) + weight * (value - centre) ** 2
  }
  const finite = counts.reduce((sum, count) => sum + count, 0)
  return {
    rows: finite + nulls,
    nulls,
    nan: 0,
    positiveInfinite: 0,
    negativeInfinite: 0,
    finite,
    counts,
    sums,
    squares,
    valueRows,
  }
}

function profileWeighed(rows: WeighedRows): NumericProfile {
  const numbers = rows.values.flatMap((value, row) =>
    typeof value === 'number' ? [{ value, weight: rows.weights[row] ?? 0 }] : [],
  )
  const ordered = numbers.toSorted((a, b) => a.value - b.value)
  // Quantiles by weight: the smallest value that, with all below it, has that share of the weight.
  const all = ordered.reduce((sum, { weight }) => sum + weight, 0)
  let [below, next] = [0, 0]
  const quantiles: number[] = []
  for (const { value, weight } of ordered) {
    below += weight
    while (next < EDGE_LEVELS.length && below >= all * (EDGE_LEVELS[next] ?? 1) * (1 - 1e-12)) {
      quantiles.push(value)
      next += 1
    }
  }
  const bins = binEdges(quantiles)
  const facts = {
    origin: null,
    minimum: ordered[0]?.value ?? null,
    maximum: ordered.at(-1)?.value ?? null,
    exactEdges: true,
  }
  return numberProfile(column, facts, bins, binWeighed(rows, bins.edges, bins.median ?? 0))
}

function countWeighed({ values, weights }: WeighedRows): CountedCategories {
  const even = evened(weights)
  const counts = new Map<string, number>()
  const rowsOf = new Map<string, number>()
  let nulls = 0
  for (const [row, value] of values.entries()) {
    const weight = even[row] ?? 0
    if (typeof value !== 'string') nulls += weight
    else {
      counts.set(value, (counts.get(value) ?? 0) + weight)
      rowsOf.set(value, (rowsOf.get(value) ?? 0) + 1)
    }
  }
  const once = [...rowsOf].reduce((sum, [value, rows]) => sum + (rows === 1 ? (counts.get(value) ?? 0) : 0), 0)
  const valueRows = [...rowsOf.values()].reduce((sum, rows) => sum + rows, 0)
  return { rows: values.length, nulls, counts, beyond: 0, distinct: counts.size, weighed: { valueRows, once } }
}

type Profile = NumericProfile | CategoryProfile

function cellsIn(profile: Profile): {
  readonly cells: number
  readonly cellOf: (value: number | string | null) => number
} {
  if (profile.kind === 'category') {
    const names = profile.top.slice(0, 12).map(({ value }) => value)
    const cells = names.length + 1
    const place = (value: string): number => (names.includes(value) ? names.indexOf(value) : cells - 1)
    return { cells, cellOf: (value) => (typeof value === 'string' ? place(value) : cells) }
  }
  const edges = countedEdges(profile.edges)
  const deciles = profile.deciles.map((edge) => edges[profile.edges.indexOf(edge)] ?? edge)
  const cells = deciles.length + 1
  return { cells, cellOf: (value) => (typeof value === 'number' ? binOf(value, deciles) : cells) }
}

/** Σ over groups of products of the weights of their cells. */
function momentsOf(profile: Profile, { values, weights }: WeighedRows, groups: readonly number[]): GroupMoments {
  const { cells, cellOf } = cellsIn(profile)
  const even = evened(weights)
  const byGroup = new Map<number, number[]>()
  for (const [row, value] of values.entries()) {
    const group = byGroup.get(groups[row] ?? 0) ?? Array.from({ length: cells + 2 }, () => 0)
    const cell = cellOf(value)
    group[cell] = (group[cell] ?? 0) + (even[row] ?? 0)
    byGroup.set(groups[row] ?? 0, group)
  }
  const counts = Array.from({ length: cells + 2 }, () => 0)
  const products = counts.map(() => counts.slice())
  for (const group of byGroup.values())
    for (const [k, left] of group.entries()) {
      counts[k] = (counts[k] ?? 0) + left
      const line = products[k]
      if (line !== undefined && left > 0)
        for (const [l, right] of group.entries()) line[l] = (line[l] ?? 0) + left * right
    }
  return { counts, products }
}

/** What weights and entities do to the shares of a column. */
export function effectsOf(profile: Profile, rows: WeighedRows): RowEffects {
  const { cells } = cellsIn(profile)
  const each = rows.values.map((_, row) => row)
  const weights = weightEffect(momentsOf(profile, rows, each), cells)
  const entity =
    rows.entity === null ? undefined : beyondWeights(groupEffect(momentsOf(profile, rows, rows.entity), cells), weights)
  return { ...(weights === undefined ? {} : { weights }), ...(entity === undefined ? {} : { entity }) }
}

/** The profile of one column of weighted rows. */
export function weighedProfile(rows: WeighedRows): Profile {
  const profile = rows.values.some((value) => typeof value === 'string')
    ? categoryProfile({ ...column, type: 'text' }, countWeighed(rows))
    : profileWeighed(rows)
  return { ...profile, effects: effectsOf(profile, rows) }
}

/** The report on current rows against reference rows, by the code that judges warehouse rows. */
export function weighedReport(
  reference: WeighedRows,
  current: WeighedRows,
  policy: PolicyOptions = {},
  dependent = true,
): DriftResult {
  const own = weighedProfile(reference)
  const { weights, entity } = effectsOf(own, current)
  const rows = current.values.length
  const worth = dependent
    ? rowWorth({
        profile: { entity: ['id'], time: null },
        effects: own.effects ?? {},
        referenceRows: reference.values.length,
        rows,
        seconds: null,
        weights,
        entity,
      })
    : undefined
  const evidence =
    own.kind === 'category'
      ? categoryEvidence(own, countWeighed(current), worth)
      : numberEvidence(own, binWeighed(current, own.edges, own.centre ?? 0), null, worth)
  const profile: ReferenceProfile = {
    schema: 'martlet.drift.profile/1',
    name: 'law',
    createdAt: now.toISOString(),
    rows: reference.values.length,
    time: null,
    columns: [own],
  }
  const window = {
    window: null,
    rows,
    columns: [evidence],
    schema: [{ name: own.name, type: own.type }],
    rowKind: 'table' as const,
    absent: [],
    ignored: [],
    newest: null,
    latest: true,
  }
  return judgeRun({ monitor: 'law', now, profile, windows: [window] }, policyFrom(policy))
}
