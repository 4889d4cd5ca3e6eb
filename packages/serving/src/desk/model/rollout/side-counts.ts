import type { OnlineVectors } from '@martlet/feature-store'
import { latencyBucket, SAMPLE_SIZE, type VersionEvidence } from '@martlet/registry'
import type { Outputs } from '../predict/split-outputs.ts'
import { scoreOf, type Difference } from './score-of.ts'

/** Rows of a request whose features are looked at, so that a large one takes no longer than a small one. */
const ROWS_LOOKED_AT = 32

/** Counts what is seen of one version during one step. */
export interface SideCounts {
  /** @param milliseconds undefined: the request failed */
  request(milliseconds: number | undefined): void
  /** @param fields the number of features */
  features(vectors: OnlineVectors, fields: number): void
  scores(outputs: Outputs, rows: number): void
  difference(difference: Difference): void
  /** What was counted so far. */
  evidence(): VersionEvidence
}

/** @param random draws the scores that are kept, from 0 to 1 */
export function sideCounts(random: () => number = Math.random): SideCounts {
  let requests = 0
  let errors = 0
  let looked = { rows: 0, values: 0, missing: 0 }
  let scored = { scores: 0, nullScores: 0 }
  let difference: Difference = { compared: 0, distance: 0, disagreements: 0 }
  const latency: Record<string, number> = {}
  /** Above this, a number is not among the smallest. */
  let largest = 1
  const sample: [tag: number, score: number | string][] = []

  /** Keeps the scores with the smallest numbers: twice as many as needed, so that sorting is rare. */
  function keep(score: number | string): void {
    const tag = random()
    if (tag >= largest) return
    sample.push([tag, score])
    if (sample.length >= 2 * SAMPLE_SIZE) shrink()
  }

  function shrink(): void {
    sample.sort(([left], [right]) => left - right)
    sample.length = Math.min(sample.length, SAMPLE_SIZE)
    if (sample.length === SAMPLE_SIZE) largest = sample.at(-1)?.[0] ?? 1
  }

  return {
    request(milliseconds) {
      requests++
      if (milliseconds === undefined) errors++
      else {
        const bucket = latencyBucket(milliseconds)
        latency[bucket] = (latency[bucket] ?? 0) + 1
      }
    },
    features(vectors, fields) {
      const rows = Math.min(vectors.rows, ROWS_LOOKED_AT)
      let missing = 0
      for (let row = 0; row < rows; row++)
        for (let field = 0; field < fields; field++) if (vectors.status(row, field) !== 'PRESENT') missing++
      looked = {
        rows: looked.rows + rows,
        values: looked.values + rows * fields,
        missing: looked.missing + missing,
      }
    },
    scores(outputs, rows) {
      const score = scoreOf(outputs)
      let { scores, nullScores } = scored
      for (let row = 0; row < rows; row++) {
        const value = score(row)
        scores++
        if (value === null) nullScores++
        else keep(value)
      }
      scored = { scores, nullScores }
    },
    difference(more) {
      difference = {
        compared: difference.compared + more.compared,
        distance: difference.distance + more.distance,
        disagreements: difference.disagreements + more.disagreements,
      }
    },
    evidence() {
      shrink()
      return { requests, errors, latency: { ...latency }, ...looked, ...scored, sample: [...sample], ...difference }
    },
  }
}
