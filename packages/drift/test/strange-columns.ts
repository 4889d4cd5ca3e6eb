import type { ColumnInput } from '@martlet/warehouse'
import { normal, sample, uniform } from './random.ts'
import { double, type Columns } from './tables.ts'

/** How many rows each of {@link strange} has. */
export const ROWS = 4000
const draw = uniform(153)
const gauss = normal(153)
const many = (one: () => number | null): ColumnInput => double(sample(ROWS, one))
const one = (values: readonly (number | null)[]): (() => number | null) => {
  return () => values[Math.floor(draw() * values.length)] ?? null
}

/** Columns of numbers that are hard to count. */
export const strange: Columns = {
  normal: many(gauss),
  lognormal: many(() => Math.exp(3 * gauss())),
  cauchy: many(() => gauss() / gauss()),
  'far clusters': many(() => gauss() * 1e-9 + Math.floor(draw() * 5) * 1e6),
  'two far clusters': many(() => (draw() < 0.2 ? 1e12 : 0) + gauss()),
  'late digits': many(() => 1e15 + Math.floor(draw() * 1000) / 8),
  'heavy ties': many(() => (draw() < 0.9 ? 7 : gauss())),
  'mostly one, far apart': many(() => (draw() < 0.97 ? 0 : gauss() * 1e200)),
  codes: many(() => Math.floor(draw() * 20)),
  constant: many(() => 0.1),
  'zeros of both signs': many(one([0, -0, 1, -1])),
  denormals: many(() => Math.floor(draw() * 9) * Number.MIN_VALUE),
  'nearly infinite': many(() => (draw() - 0.5) * 2 * Number.MAX_VALUE),
  ends: many(one([Number.MAX_VALUE, -Number.MAX_VALUE])),
  'not finite': many(one([Number.NaN, Infinity, -Infinity])),
  mixed: many(one([Number.NaN, Infinity, -Infinity, null, 1, 2.5, -1e308, 1e308, 5e-324])),
  nulls: many(() => null),
  'one number': double(sample(ROWS, () => null).map((_, row) => (row === 17 ? 42 : null))),
  sorted: double(sample(ROWS, gauss).toSorted((a, b) => a - b)),
  // A guess made of one row in 97 sees only the zeros.
  'a guess that is wrong': double(sample(ROWS, gauss).map((value, row) => (row % 97 === 96 ? 0 : 1e6 + value))),
  integers: { type: 'integer', values: sample(ROWS, () => Math.floor(draw() * 4e9) - 2e9) },
  'beyond 2^53': { type: 'bigint', values: sample(ROWS, () => 2n ** 62n + BigInt(Math.floor(draw() * 5000))) },
  decimals: { type: { decimal: [12, 2] }, values: sample(ROWS, () => (gauss() * 1000).toFixed(2)) },
}

/** What numbers beyond 2^53 are measured from. */
export const origins: Readonly<Record<string, string>> = { 'beyond 2^53': String(2n ** 62n) }
