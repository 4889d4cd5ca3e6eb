import type { EvidenceRecord, Rollout, RolloutStep } from '@martlet/registry'
import type { FeatureMatrix, ModelSource, OutputTensor, ServableModel } from '../../src/index.ts'

export interface TrialVersion {
  /** What a row's score is, given its first feature. @default the feature plus a thousand times the version */
  readonly score?: (kwh: number) => number
  readonly before?: () => void | Promise<void>
  readonly load?: () => void
  readonly missing?: 'nan' | 'refused'
  readonly service?: string
}

/** Versions 1 (champion) and 2 (challenger) of model `sum` on the service `usage_only`, and a roll-out that tests change at will. */
export interface TrialSource {
  readonly source: ModelSource
  rollout: Rollout | undefined
  readonly stored: EvidenceRecord[]
  /** Evidence by side, as it was stored last. */
  seen(side: 'stable' | 'candidate'): EvidenceRecord['evidence'] | undefined
  step(step: Partial<RolloutStep>, index?: number): void
}

export function trialSource(versions: Readonly<Record<number, TrialVersion>> = {}): TrialSource {
  const trial: TrialSource = {
    rollout: undefined,
    stored: [],
    seen: (side) => trial.stored.findLast((record) => record.side === side)?.evidence,
    step(step, index = 0) {
      const at = new Date(0)
      trial.rollout = {
        model: 'sum',
        rollout: 3,
        state: 'running',
        stable: { alias: 'champion', version: 1 },
        candidate: { alias: 'challenger', version: 2 },
        steps: Array.from({ length: index + 1 }, () => ({
          weight: 50,
          shadow: false,
          holdMinutes: 10,
          minRequests: 500,
          ...step,
        })),
        guards: { errorRate: 0.01, p99Times: 2, p99Ms: null, nullRate: 0.05, scorePsi: 0.25 },
        step: index,
        stepSince: at,
        revision: index + 1,
        actor: 'ann',
        approver: null,
        reason: 'test',
        startedAt: at,
        changedAt: at,
      }
    },
    source: {
      aliases: () => [
        { model: 'sum', alias: 'champion', version: 1 },
        { model: 'sum', alias: 'challenger', version: 2 },
      ],
      models: () => [{ name: 'sum', aliases: [] }],
      versions: () => [],
      history: () => [],
      rollouts: () => (trial.rollout === undefined ? [] : [trial.rollout]),
      writeEvidence: async (records) => void trial.stored.push(...records),
      load: async (_, version) => servable(version, versions[version] ?? {}),
    },
  }
  return trial
}

function servable(
  version: number,
  { score, before, load, missing = 'nan', service = 'usage_only' }: TrialVersion,
): ServableModel {
  load?.()
  const scoreOf = score ?? ((kwh: number) => kwh + 1000 * version)
  return {
    model: 'sum',
    version,
    sha256: String(version).repeat(64),
    service,
    definitionHashes: {},
    fields: ['kwh_1d', 'kwh_7d', 'peak_7d'].map(
      (name) => ({ field: `customer_usage__${name}`, type: 'double', missing }) as const,
    ),
    async predict(vectors: FeatureMatrix): Promise<Readonly<Record<string, OutputTensor>>> {
      await before?.()
      const data = Float64Array.from({ length: vectors.rows }, (_, row) => {
        const value = vectors.value(row, 0)
        return scoreOf(typeof value === 'number' ? value : Number.NaN)
      })
      return { sum: { element: 'float64', dims: [vectors.rows, 1], data } }
    },
    release: async () => undefined,
  }
}
