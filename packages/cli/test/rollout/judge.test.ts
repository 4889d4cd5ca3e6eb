import { describe, expect, it } from 'vitest'
import {
  latencyBucket,
  noEvidence,
  type EvidenceRecord,
  type Rollout,
  type RolloutGuards,
  type RolloutStep,
  type VersionEvidence,
} from '@martlet/registry'
import { judge } from '../../src/rollout/judge.ts'

const started = Date.UTC(2026, 5, 1)
const step: RolloutStep = { weight: 10, shadow: false, holdMinutes: 10, minRequests: 1000 }
const none: RolloutGuards = { errorRate: null, p99Times: null, p99Ms: null, nullRate: null, scorePsi: null }

function rolloutOf(guards: Partial<RolloutGuards>, more: Partial<Rollout> = {}): Rollout {
  const at = new Date(started)
  return {
    model: 'churn',
    rollout: 1,
    state: 'running',
    stable: { alias: 'champion', version: 1 },
    candidate: { alias: 'challenger', version: 2 },
    steps: [step, { ...step, weight: 100 }],
    guards: { ...none, ...guards },
    step: 0,
    stepSince: at,
    revision: 1,
    actor: 'ann',
    approver: null,
    reason: 'try',
    startedAt: at,
    changedAt: at,
    ...more,
  }
}

const record = (
  side: EvidenceRecord['side'],
  evidence: Partial<VersionEvidence>,
  { writer = 'a', step: index = 0 } = {},
): EvidenceRecord => ({
  model: 'churn',
  rollout: 1,
  step: index,
  side,
  writer,
  evidence: { ...noEvidence, ...evidence },
})

/** Requests of which the slowest two in a hundred take `tail` milliseconds and the others `usual`. */
const latencies = (count: number, usual: number, tail: number): VersionEvidence['latency'] => ({
  [latencyBucket(usual)]: Math.round(count * 0.98),
  [latencyBucket(tail)]: Math.round(count * 0.02),
})

/** Scores as a normal variable has them, evenly by rank: nothing is left to chance. */
const scores = (count: number, mean: number): VersionEvidence['sample'] =>
  Array.from({ length: count }, (_, rank) => {
    const share = (rank + 0.5) / count
    return [share, mean + Math.log(share / (1 - share)) / 1.7] as const
  })

const after = (minutes: number): number => started + minutes * 60_000
const judged = (
  guards: Partial<RolloutGuards>,
  stable: Partial<VersionEvidence>,
  candidate: Partial<VersionEvidence>,
) => judge(rolloutOf(guards), [record('stable', stable), record('candidate', candidate)], after(5))

describe('a guard', () => {
  it.each<[string, Partial<RolloutGuards>, Partial<VersionEvidence>, Partial<VersionEvidence>, string]>([
    [
      'of errors',
      { errorRate: 0.01 },
      { requests: 9000, errors: 9 },
      { requests: 1204, errors: 61 },
      'errors 5.1 % (61 of 1,204 requests) against 0.1 %, more than 1 percentage points above it; 1,204 requests in 5 min',
    ],
    [
      'of errors, at once when everything fails',
      { errorRate: 0.01 },
      { requests: 200 },
      { requests: 20, errors: 20 },
      'errors 100.0 % (20 of 20 requests) against 0.0 %, more than 1 percentage points above it; 20 requests in 5 min',
    ],
    [
      'of latency against the champion',
      { p99Times: 2 },
      { requests: 9000, latency: latencies(9000, 5, 12) },
      { requests: 5000, latency: latencies(5000, 5, 41) },
      'p99 41 ms against 12 ms, more than 2 times; 5,000 requests in 5 min',
    ],
    [
      'of latency by itself',
      { p99Ms: 30 },
      {},
      { requests: 5000, latency: latencies(5000, 5, 41) },
      'p99 41 ms, more than 30 ms; 5,000 requests in 5 min',
    ],
    [
      'of missing features',
      { nullRate: 0.05 },
      { requests: 900, rows: 900, values: 9000, missing: 90 },
      { requests: 300, rows: 300, values: 3000, missing: 600 },
      'missing feature values 20.0 % against 1.0 %, more than 5 percentage points above it; 300 requests in 5 min',
    ],
    [
      'of missing scores',
      { nullRate: 0.05 },
      { requests: 900, scores: 900 },
      { requests: 300, scores: 300, nullScores: 60 },
      'missing scores 20.0 % against 0.0 %, more than 5 percentage points above it; 300 requests in 5 min',
    ],
    [
      'of scores',
      { scorePsi: 0.25 },
      { requests: 900, sample: scores(900, 0) },
      { requests: 400, sample: scores(400, 1) },
      'score PSI 0.88, more than 0.25; 400 requests in 5 min',
    ],
    [
      'of classes',
      { scorePsi: 0.25 },
      { requests: 900, sample: scores(900, 0).map(([tag, score]) => [tag, Number(score) > 0 ? 'yes' : 'no']) },
      { requests: 400, sample: scores(400, 1.5).map(([tag, score]) => [tag, Number(score) > 0 ? 'yes' : 'no']) },
      'score PSI 1.08, more than 0.25; 400 requests in 5 min',
    ],
  ])('%s goes back and says why', (_, guards, stable, candidate, sentence) => {
    expect(judged(guards, stable, candidate)).toEqual({ decision: 'back', sentence })
    // Without its limit the same is no reason.
    expect(judged({}, stable, candidate).decision).toBe('wait')
  })

  it.each<[string, Partial<RolloutGuards>, Partial<VersionEvidence>, Partial<VersionEvidence>]>([
    ['few failures', { errorRate: 0.01 }, { requests: 9000 }, { requests: 300, errors: 8 }],
    ['two failures of three', { errorRate: 0.01 }, { requests: 9000 }, { requests: 3, errors: 2 }],
    ['failures of both', { errorRate: 0.01 }, { requests: 900, errors: 90 }, { requests: 300, errors: 33 }],
    [
      'a tail of few requests',
      { p99Times: 2 },
      { requests: 9000, latency: latencies(9000, 5, 5) },
      { requests: 150, latency: latencies(150, 5, 80) },
    ],
    [
      'times as long, but short',
      { p99Times: 2 },
      { requests: 9000, latency: latencies(9000, 0.2, 0.5) },
      { requests: 5000, latency: latencies(5000, 0.2, 4) },
    ],
    [
      'missing features of few rows',
      { nullRate: 0.05 },
      { requests: 900, rows: 900, values: 9000 },
      { requests: 60, rows: 60, values: 600, missing: 60 },
    ],
    ['scores of a few', { scorePsi: 0.25 }, { sample: scores(900, 0) }, { requests: 100, sample: scores(100, 2) }],
    ['the same scores', { scorePsi: 0.05 }, { sample: scores(900, 0) }, { requests: 300, sample: scores(300, 0.03) }],
  ])('is not misled by %s', (_, guards, stable, candidate) => {
    expect(judged(guards, stable, candidate).decision).toBe('wait')
  })

  it('rarely goes back when nothing has changed, though it looks again and again', () => {
    const random = mulberry(7)
    let back = 0
    for (let trial = 0; trial < 20; trial++) {
      const seen = { stable: { requests: 0, errors: 0 }, candidate: { requests: 0, errors: 0 } }
      for (let look = 0; look < 500; look++) {
        for (const side of ['stable', 'candidate'] as const) {
          seen[side].requests += 10
          for (let request = 0; request < 10; request++) if (random() < 0.02) seen[side].errors++
        }
        if (judged({ errorRate: 0.01 }, seen.stable, seen.candidate).decision !== 'back') continue
        back++
        break
      }
    }
    expect(back).toBe(0)
  })
})

describe('a step', () => {
  const fine = (requests: number): readonly EvidenceRecord[] => [
    record('stable', { requests: 9000, latency: latencies(9000, 5, 11) }),
    record('candidate', { requests: requests - 1, latency: latencies(requests, 5, 12) }),
    record('candidate', { requests: 1 }, { writer: 'b' }),
  ]

  it('ends when it has lasted long enough and the candidate has had enough requests', () => {
    const rollout = rolloutOf({ errorRate: 0.01, p99Times: 2 })
    const seen = '; errors 0.0 % (0 of 1,200 requests) against 0.0 %; p99 12 ms against 11 ms'
    expect(judge(rollout, fine(1200), after(4))).toEqual({
      decision: 'wait',
      sentence: `1,200 requests in 4 min of 10 min${seen}`,
    })
    expect(judge(rollout, fine(1200), after(10))).toEqual({
      decision: 'advance',
      sentence: `1,200 requests in 10 min without a breach${seen}`,
    })
    expect(judge(rollout, fine(200), after(60))).toMatchObject({
      decision: 'wait',
      sentence: expect.stringMatching(/^200 requests in 60 min of 1,000 requests;/),
    })
  })

  it('in which the champion answers nothing is compared with the steps before, but not with shadow', () => {
    const last = { weight: 100, shadow: false, holdMinutes: 10, minRequests: 1000 }
    const shadow = { ...last, shadow: true }
    const slow = record('candidate', { requests: 5000, latency: latencies(5000, 5, 41) }, { step: 1 })
    const before = record('stable', { requests: 9000, latency: latencies(9000, 5, 12) })
    const at = { step: 1, guards: { ...none, p99Times: 2 } }
    expect(judge(rolloutOf({}, { ...at, steps: [step, last] }), [before, slow], after(1)).decision).toBe('back')
    expect(judge(rolloutOf({}, { ...at, steps: [shadow, last] }), [before, slow], after(1)).decision).toBe('wait')
  })
})

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
