import type { Rollout } from '@martlet/registry'
import { z } from 'zod'
import type { LoadedVersion } from '../../desk/model/live/live-models.ts'
import type {
  AliasAnswer,
  AliasMoveAnswer,
  ModelSummary,
  VersionAnswer,
  VersionSummary,
} from '../../desk/model/registered-model.ts'

export interface ModelsAnswer {
  readonly models: readonly ModelSummary[]
}

export interface ModelAnswer extends ModelSummary {
  readonly versions: readonly VersionSummary[]
  /** The versions in the memory of this process, with the requests that use them now. */
  readonly loaded: readonly LoadedVersion[]
  /** The roll-out that is running, as this process knows it. */
  readonly rollout: RolloutAnswer | null
}

export interface RolloutAnswer extends Pick<
  Rollout,
  'rollout' | 'stable' | 'candidate' | 'steps' | 'guards' | 'step' | 'actor' | 'approver' | 'reason'
> {
  readonly stepSince: string
  readonly startedAt: string
  /** Why it has no effect in this process at the moment. */
  readonly obstacle: string | null
}

export interface AliasHistoryAnswer {
  readonly model: string
  readonly alias: string
  /** What the alias named at `at`, or names now; null: nothing. */
  readonly version: number | null
  /** Newest first. */
  readonly moves: readonly AliasMoveAnswer[]
}

const aliases: z.ZodType<readonly AliasAnswer[]> = z.array(z.strictObject({ alias: z.string(), version: z.int() }))
const summary = {
  version: z.int(),
  sha256: z.string(),
  service: z.string(),
  status: z
    .enum(['READY', 'FAILED'])
    .meta({ description: 'FAILED: a check could no longer run it, so no alias can name it.' }),
  lifecycle: z.enum(['active', 'archived', 'deleted']),
  aliases: z.array(z.string()),
  createdAt: z.iso.datetime(),
}
const tensor = {
  name: z.string(),
  type: z.string(),
  shape: z.array(z.union([z.number(), z.string(), z.null()])).nullable(),
}

export const modelsAnswer: z.ZodType<ModelsAnswer> = z.strictObject({
  models: z.array(
    z.strictObject({
      name: z.string(),
      aliases,
      description: z.string().exactOptional(),
      tags: z.record(z.string(), z.string()).exactOptional(),
      createdAt: z.iso.datetime().exactOptional(),
      updatedAt: z.iso.datetime().exactOptional(),
    }),
  ),
})

const pinned = z.strictObject({ alias: z.string(), version: z.int() })
const limit = z.number().nullable()
const rollout: z.ZodType<RolloutAnswer> = z.strictObject({
  rollout: z.int(),
  stable: pinned,
  candidate: pinned,
  steps: z.array(
    z.strictObject({
      weight: z.number().meta({ description: 'Percent of the requests.' }),
      shadow: z.boolean().meta({ description: 'The candidate computes the requests too, after their answers.' }),
      holdMinutes: z.number(),
      minRequests: z.int(),
    }),
  ),
  guards: z.strictObject({ errorRate: limit, p99Times: limit, p99Ms: limit, nullRate: limit, scorePsi: limit }),
  step: z.int().meta({ description: 'The index of the present step.' }),
  stepSince: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  actor: z.string(),
  approver: z.string().nullable(),
  reason: z.string(),
  obstacle: z.string().nullable().meta({ description: 'Why it has no effect in this process at the moment.' }),
})

export const modelAnswer: z.ZodType<ModelAnswer> = z.strictObject({
  name: z.string(),
  aliases,
  versions: z.array(z.strictObject(summary)),
  loaded: z.array(z.strictObject({ version: z.int(), aliases: z.array(z.string()), inFlight: z.int() })),
  rollout: rollout.nullable().meta({ description: 'The roll-out that is running, as this process knows it.' }),
})

export const versionAnswer: z.ZodType<VersionAnswer> = z.strictObject({
  ...summary,
  model: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  createdBy: z.string(),
  updatedAt: z.iso.datetime().exactOptional(),
  runId: z.string().exactOptional().meta({ description: 'The training run; empty when it was not named.' }),
  bytes: z.int().exactOptional().meta({ description: 'Size of the file.' }),
  metrics: z.record(z.string(), z.number()),
  inputs: z.array(z.strictObject(tensor)),
  outputs: z.array(
    z.strictObject({
      ...tensor,
      labels: z
        .array(z.union([z.string(), z.number()]))
        .nullable()
        .meta({ description: 'The classes of the columns, when the model file names them.' }),
    }),
  ),
  features: z
    .array(z.strictObject({ name: z.string(), type: z.string(), missing: z.enum(['nan', 'value', 'refused']) }))
    .meta({
      description: 'In vector order. `missing` says what happens to a missing value: NaN, a substitute, or a refusal.',
    }),
})

const move = z.strictObject({
  kind: z.enum(['set', 'unset', 'rollback', 'rollout']),
  from: z.int().nullable(),
  to: z.int().nullable(),
  at: z.iso.datetime(),
  actor: z.string(),
  approver: z.string().nullable(),
  reason: z.string(),
})

export const aliasHistoryAnswer: z.ZodType<AliasHistoryAnswer> = z.strictObject({
  model: z.string(),
  alias: z.string(),
  version: z.int().nullable().meta({ description: 'What the alias named at `at`, or names now; null: nothing.' }),
  moves: z.array(move).meta({ description: 'Newest first.' }),
})
