/** A score, kept with a random number: those with the smallest numbers are a fair sample, also of several processes together. */
export type SampledScore = readonly [tag: number, score: number | string]

/** What was seen of one version. All numbers only grow, so that those of several processes can be added up. */
export interface VersionEvidence {
  /** Requests that the version answered or failed; in shadow, those that it computed after their answers. */
  readonly requests: number
  /** Of these, the ones that failed because of the version: not those that the caller got wrong. */
  readonly errors: number
  /** Requests by the bucket of their latency: see {@link latencyBucket}. In shadow, of the model's run alone. */
  readonly latency: Readonly<Record<string, number>>
  /** Rows whose features were looked at: the first few of each request. */
  readonly rows: number
  /** Their feature values, and how many of these were missing. */
  readonly values: number
  readonly missing: number
  /** Rows with a score, and without one (NaN). */
  readonly scores: number
  readonly nullScores: number
  readonly sample: readonly SampledScore[]
  /** In shadow: rows computed by both, the sum of the distances of their scores, and rows whose classes differ. */
  readonly compared: number
  readonly distance: number
  readonly disagreements: number
}

export const noEvidence: VersionEvidence = {
  requests: 0,
  errors: 0,
  latency: {},
  rows: 0,
  values: 0,
  missing: 0,
  scores: 0,
  nullScores: 0,
  sample: [],
  compared: 0,
  distance: 0,
  disagreements: 0,
}

/** Scores that a sample holds at most. */
export const SAMPLE_SIZE = 1000

const BUCKETS_PER_DOUBLING = 16

/**
 * The bucket of a latency: 16 for each doubling, so that a quantile read from them is right to 4.5 %.
 *
 * @example latencyBucket(8) === latencyBucket(8.2) // true
 */
export function latencyBucket(milliseconds: number): number {
  return Math.floor(Math.log2(Math.max(0.001, milliseconds)) * BUCKETS_PER_DOUBLING)
}

/** The upper edge of a bucket, in milliseconds. */
function edgeOf(bucket: number): number {
  return 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING)
}

/**
 * A quantile of latency in milliseconds, rounded up to the edge of its bucket; NaN without requests.
 *
 * @example latencyQuantile(evidence, 0.99) // 41.5
 */
export function latencyQuantile({ latency }: Pick<VersionEvidence, 'latency'>, quantile: number): number {
  const buckets = Object.entries(latency)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .toSorted(([left], [right]) => left - right)
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  let before = 0
  for (const [bucket, count] of buckets) {
    before += count
    if (before >= total * quantile) return edgeOf(bucket)
  }
  return Number.NaN
}

/** What several processes, or several steps, have seen together. */
export function mergedEvidence(parts: readonly VersionEvidence[]): VersionEvidence {
  const sum = (of: (part: VersionEvidence) => number): number => parts.reduce((total, part) => total + of(part), 0)
  const latency: Record<string, number> = {}
  for (const part of parts)
    for (const [bucket, count] of Object.entries(part.latency)) latency[bucket] = (latency[bucket] ?? 0) + count
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    latency,
    rows: sum(({ rows }) => rows),
    values: sum(({ values }) => values),
    missing: sum(({ missing }) => missing),
    scores: sum(({ scores }) => scores),
    nullScores: sum(({ nullScores }) => nullScores),
    sample: smallest(parts.flatMap(({ sample }) => sample)),
    compared: sum(({ compared }) => compared),
    distance: sum(({ distance }) => distance),
    disagreements: sum(({ disagreements }) => disagreements),
  }
}

function smallest(sample: readonly SampledScore[]): readonly SampledScore[] {
  return sample.toSorted(([left], [right]) => left - right).slice(0, SAMPLE_SIZE)
}
