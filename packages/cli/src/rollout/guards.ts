import { compareArrays, compareCategoryArrays } from '@martlet/drift'
import { latencyQuantile, type Rollout, type RolloutGuards, type VersionEvidence } from '@martlet/registry'
import { grouped } from '../terminal/words.ts'
import type { EvidenceSides } from './evidence-sides.ts'

/** What one guard sees. */
export interface Reading {
  readonly guard: keyof RolloutGuards
  /** The numbers of both, such as `p99 41 ms against 12 ms`. */
  readonly words: string
  /** Why it goes back, such as `more than 2 times`; undefined when the limit is kept, or what is beyond it may be chance. */
  readonly breach: string | undefined
}

/** Something is beyond a limit when it still is so many standard errors away from it. */
const SIGMAS = 3
/** With fewer requests, failures say nothing; with fewer of the others, neither do their quantiles, shares and scores. */
const LEAST_FOR_ERRORS = 20
const LEAST_REQUESTS = 100
const LEAST_ROWS = 50
const LEAST_SCORES = 200
/** Below this 99th percentile, in milliseconds, many times as long is no harm. */
const SHORT_MS = 5
/** The chance of a score distance by sampling alone, above which it does not count. */
const CHANCE = 0.001

/** Looks at everything that the guards of a roll-out limit. What has too few requests so far is left out. */
export function readings({ guards }: Pick<Rollout, 'guards'>, sides: EvidenceSides): readonly Reading[] {
  return [
    errors(guards, sides),
    latency(guards, sides),
    missing(guards, sides),
    nullScores(guards, sides),
    scores(guards, sides),
  ].flatMap((reading) => reading ?? [])
}

function errors({ errorRate }: RolloutGuards, { stable, candidate }: EvidenceSides): Reading | undefined {
  if (errorRate === null || candidate.requests < LEAST_FOR_ERRORS) return undefined
  const [now, before] = [share(candidate.errors, candidate.requests), share(stable.errors, stable.requests)]
  const words =
    `errors ${percent(now)} (${grouped(candidate.errors)} of ${grouped(candidate.requests)} requests) ` +
    `against ${percent(before)}`
  const isMore = exceeds(
    { count: candidate.errors, of: candidate.requests },
    { count: stable.errors, of: stable.requests },
    errorRate,
  )
  return { guard: 'errorRate', words, breach: isMore ? points(errorRate) : undefined }
}

function latency({ p99Times, p99Ms }: RolloutGuards, { stable, candidate }: EvidenceSides): Reading | undefined {
  const count = candidate.requests - candidate.errors
  if ((p99Times === null && p99Ms === null) || count < LEAST_REQUESTS) return undefined
  const now = latencyQuantile(candidate, 0.99)
  const certain = latencyQuantile(candidate, 0.99 - chanceOf99(count))
  const others = stable.requests - stable.errors
  const isComparable = others >= LEAST_REQUESTS
  const before = isComparable ? milliseconds(latencyQuantile(stable, 0.99)) : undefined
  const words = `p99 ${milliseconds(now)}${before === undefined ? '' : ` against ${before}`}`
  if (p99Ms !== null && certain > p99Ms) return { guard: 'p99Ms', words, breach: `more than ${milliseconds(p99Ms)}` }
  const atMost = latencyQuantile(stable, Math.min(1, 0.99 + chanceOf99(others)))
  const isLonger = isComparable && p99Times !== null && certain > SHORT_MS && certain > p99Times * atMost
  return { guard: 'p99Times', words, breach: isLonger ? `more than ${p99Times} times` : undefined }
}

/** How far the share of requests below the true 99th percentile may be from 0.99 by chance. */
function chanceOf99(requests: number): number {
  return SIGMAS * Math.sqrt((0.99 * 0.01) / requests)
}

function missing({ nullRate }: RolloutGuards, { stable, candidate }: EvidenceSides): Reading | undefined {
  if (nullRate === null || candidate.rows < LEAST_ROWS) return undefined
  const now = share(candidate.missing, candidate.values)
  const before = share(stable.missing, stable.values)
  const words = `missing feature values ${percent(now)} against ${percent(before)}`
  // The values of a row are often missing together, so that it is rows that count.
  const isMore =
    stable.rows >= LEAST_ROWS &&
    exceeds(
      { count: now * candidate.rows, of: candidate.rows },
      { count: before * stable.rows, of: stable.rows },
      nullRate,
    )
  return { guard: 'nullRate', words, breach: isMore ? points(nullRate) : undefined }
}

function nullScores({ nullRate }: RolloutGuards, { stable, candidate }: EvidenceSides): Reading | undefined {
  if (nullRate === null || candidate.scores < LEAST_ROWS || candidate.nullScores + stable.nullScores === 0)
    return undefined
  const now = share(candidate.nullScores, candidate.scores)
  const before = share(stable.nullScores, stable.scores)
  const words = `missing scores ${percent(now)} against ${percent(before)}`
  const isMore = exceeds(
    { count: candidate.nullScores, of: candidate.scores },
    { count: stable.nullScores, of: stable.scores },
    nullRate,
  )
  return { guard: 'nullRate', words, breach: isMore ? points(nullRate) : undefined }
}

function scores({ scorePsi }: RolloutGuards, { stable, candidate }: EvidenceSides): Reading | undefined {
  const counts = [stable.sample.length, candidate.sample.length]
  if (scorePsi === null || Math.min(...counts) < LEAST_SCORES) return undefined
  const psi = psiOf(stable, candidate)
  if (psi === undefined) return undefined
  const words = `score PSI ${psi.value.toFixed(2)}`
  const isMore = psi.effect > scorePsi && psi.p < CHANCE
  return { guard: 'scorePsi', words, breach: isMore ? `more than ${scorePsi}` : undefined }
}

/** The index, what is left of it without chance, and the chance of as much when nothing changed. */
function psiOf(
  stable: VersionEvidence,
  candidate: VersionEvidence,
): { readonly value: number; readonly effect: number; readonly p: number } | undefined {
  const numbers = [stable, candidate].map(({ sample }) =>
    sample.flatMap(([, score]) => (typeof score === 'number' ? [score] : [])),
  )
  const [then = [], now = []] = numbers
  const areNumbers = then.length === stable.sample.length && now.length === candidate.sample.length
  const text = ({ sample }: VersionEvidence): readonly string[] => sample.map(([, score]) => String(score))
  const { metrics } = areNumbers ? compareArrays(then, now) : compareCategoryArrays(text(stable), text(candidate))
  const found = metrics.find(({ metric }) => metric === 'psi')
  if (found === undefined || found.value === null) return undefined
  return { value: found.value, effect: found.effect ?? found.value, p: found.p ?? 0 }
}

function share(count: number, of: number): number {
  return of === 0 ? 0 : count / of
}

interface Counted {
  readonly count: number
  readonly of: number
}

/**
 * Whether one share is larger than another by more than the limit and chance: by Newcombe's interval of a difference, which holds
 * for few rows and for shares of 0 too. Where there is nothing to compare with, the other share counts as 0.
 */
function exceeds(now: Counted, before: Counted, limit: number): boolean {
  const difference = share(now.count, now.of) - share(before.count, before.of)
  const below = share(now.count, now.of) - wilson(now, -1)
  const above = before.of === 0 ? 0 : wilson(before, 1) - share(before.count, before.of)
  return difference - Math.hypot(below, above) > limit
}

/** An end of Wilson's interval of a share. */
function wilson({ count, of }: Counted, sign: 1 | -1): number {
  const square = SIGMAS ** 2
  const spread = SIGMAS * Math.sqrt((count * (of - count)) / of + square / 4)
  return (count + square / 2 + sign * spread) / (of + square)
}

function points(limit: number): string {
  return `more than ${Number((limit * 100).toPrecision(6))} percentage points above it`
}

function percent(of: number): string {
  return `${(of * 100).toFixed(1)} %`
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toPrecision(2) : Math.round(value)} ms`
}
