/** Running: it has an effect. The other three are ends, after which all requests go to the stable version. */
export type RolloutState = 'running' | 'done' | 'rolled back' | 'stopped'

/** One step of a roll-out. */
export interface RolloutStep {
  /** The share of the requests, in percent. */
  readonly weight: number
  /** Whether the candidate only computes these requests too, after their answers have been sent. */
  readonly shadow: boolean
  /** How long the step lasts at least. */
  readonly holdMinutes: number
  /** Requests that the candidate must have answered (or computed) before the step can end. */
  readonly minRequests: number
}

/** A step as it is given. */
export interface GivenStep {
  /** In percent, above 0 and at most 100. @default 100 when `shadow` is set */
  readonly weight?: number
  /** @default false */
  readonly shadow?: boolean
  /** @default 10 */
  readonly holdMinutes?: number
  /** @default 500 */
  readonly minRequests?: number
}

/** What the candidate may not exceed; null: not looked at. Each counts only when it is more than chance. */
export interface RolloutGuards {
  /** How much larger its share of failed requests may be than that of the stable version. @default 0.01 */
  readonly errorRate: number | null
  /** How many times as long as that of the stable version its 99th percentile of latency may be. @default 2 */
  readonly p99Times: number | null
  /** How long its 99th percentile of latency may be, in milliseconds. @default null */
  readonly p99Ms: number | null
  /** How much larger its share of missing feature values or of missing scores may be. @default 0.05 */
  readonly nullRate: number | null
  /** The population stability index of its scores against those of the stable version. @default 0.25 */
  readonly scorePsi: number | null
}

/** An alias and the version that it named when the roll-out began. */
export interface PinnedVersion {
  readonly alias: string
  readonly version: number
}

/** One version takes over the requests of another, step by step. */
export interface Rollout {
  readonly model: string
  /** Counts 1, 2, 3 … per model. */
  readonly rollout: number
  readonly state: RolloutState
  readonly stable: PinnedVersion
  readonly candidate: PinnedVersion
  readonly steps: readonly RolloutStep[]
  readonly guards: RolloutGuards
  /** The index of the present step, or of the last one. */
  readonly step: number
  readonly stepSince: Date
  /** Grows with every change; changes are made by comparing it. */
  readonly revision: number
  /** Who started it. */
  readonly actor: string
  /** Who approved it, also its promotion at the end. */
  readonly approver: string | null
  /** Why it was changed last. */
  readonly reason: string
  readonly startedAt: Date
  readonly changedAt: Date
}

/**
 * The present step of a roll-out; undefined when it has ended.
 *
 * @example presentStep(rollout)?.weight // 25
 */
export function presentStep({
  state,
  steps,
  step,
}: Pick<Rollout, 'state' | 'steps' | 'step'>): RolloutStep | undefined {
  return state === 'running' ? steps[step] : undefined
}
