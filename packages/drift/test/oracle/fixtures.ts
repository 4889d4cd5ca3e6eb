import { readFileSync } from 'node:fs'

/** The figures of scipy, written by `make_fixtures.py`. */
export interface Fixtures {
  readonly scipy: string
  readonly gammaUpper: readonly (readonly [a: number, x: number, q: number])[]
  readonly logGamma: readonly (readonly [x: number, value: number])[]
  readonly normalTail: readonly (readonly [z: number, tail: number, logTail: number])[]
  readonly chiSquareTail: readonly (readonly [statistic: number, degrees: number, tail: number, logTail: number])[]
  readonly kolmogorovTail: readonly (readonly [x: number, tail: number])[]
  readonly kstwo: readonly (readonly [x: number, n: number, tail: number])[]
  readonly ksExact: readonly (readonly [n: number, m: number, scaled: number, p: number])[]
  readonly pairs: readonly PairFixture[]
  readonly tables: readonly TableFixture[]
  readonly benjaminiHochberg: readonly { readonly p: readonly number[]; readonly q: readonly number[] }[]
}

export interface PairFixture {
  readonly name: string
  readonly reference: readonly number[]
  readonly current: readonly number[]
  readonly ks: number
  readonly p: number
  readonly location: number
  readonly wasserstein: number
  readonly std: number
  readonly mean: number
  readonly deciles: readonly number[]
  readonly mannWhitney: number | null
}

export interface TableFixture {
  readonly reference: readonly number[]
  readonly current: readonly number[]
  readonly chi2: number
  readonly degrees: number
  readonly p: number
  readonly cramersV: number
  readonly g: number
  readonly gP: number
  readonly psi: number
  readonly kl: number
  readonly jsDistance: number
  readonly hellinger: number
  readonly tvd: number
  readonly lInfinity: number
}

export function readFixtures(path: string | URL = new URL('fixtures.json', import.meta.url)): Fixtures {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** |a − b| / |b|, and |a − b| itself where b is 0. */
export function relativeError(actual: number, expected: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0
  return expected === 0 ? Math.abs(actual) : Math.abs(actual - expected) / Math.abs(expected)
}

/** What is wrong with a number, as text; null when it is right to `tolerance`: nine digits, or as many as the expected one has. */
export function disagreement(actual: number, expected: number, tolerance = 1e-9): string | null {
  return relativeError(actual, expected) < tolerance ? null : `${actual} instead of ${expected}`
}
