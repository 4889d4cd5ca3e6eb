import { z } from 'zod'

export interface AliasAnswer {
  readonly alias: string
  readonly version: number
}

export interface ModelSummary {
  readonly name: string
  readonly aliases: readonly AliasAnswer[]
}

export interface ModelsAnswer {
  readonly models: readonly ModelSummary[]
}

export interface VersionSummary {
  readonly version: number
  readonly sha256: string
  readonly service: string
  /** FAILED: a check could not run it any more; it gets no alias. */
  readonly status: 'READY' | 'FAILED'
  readonly lifecycle: 'active' | 'archived' | 'deleted'
  readonly aliases: readonly string[]
  readonly createdAt: string
}

type Shape = readonly (number | string | null)[] | null

export interface ModelAnswer extends ModelSummary {
  readonly versions: readonly VersionSummary[]
  /** What this process has in memory, with the requests that use it now. */
  readonly loaded: readonly {
    readonly version: number
    readonly aliases: readonly string[]
    readonly inFlight: number
  }[]
}

export interface VersionAnswer extends VersionSummary {
  readonly model: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdBy: string
  readonly metrics: Readonly<Record<string, number>>
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly shape: Shape }[]
  /** `labels` are the classes of the columns, when the file says. */
  readonly outputs: readonly {
    readonly name: string
    readonly type: string
    readonly shape: Shape
    readonly labels: readonly (string | number)[] | null
  }[]
  /** In vector order. `missing` is what becomes of a missing value: NaN, a stand-in, or a refusal. */
  readonly features: readonly {
    readonly name: string
    readonly type: string
    readonly missing: 'nan' | 'value' | 'refused'
  }[]
}

export interface AliasMoveAnswer {
  readonly kind: 'set' | 'unset' | 'rollback'
  readonly from: number | null
  readonly to: number | null
  readonly at: string
  readonly actor: string
  readonly approver: string | null
  readonly reason: string
}

export interface AliasHistoryAnswer {
  readonly model: string
  readonly alias: string
  /** What the alias named at `at` (or names now); null: nothing. */
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
    .meta({ description: 'FAILED: a check could not run it any more; it gets no alias.' }),
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
  models: z.array(z.strictObject({ name: z.string(), aliases })),
})

export const modelAnswer: z.ZodType<ModelAnswer> = z.strictObject({
  name: z.string(),
  aliases,
  versions: z.array(z.strictObject(summary)),
  loaded: z.array(z.strictObject({ version: z.int(), aliases: z.array(z.string()), inFlight: z.int() })),
})

export const versionAnswer: z.ZodType<VersionAnswer> = z.strictObject({
  ...summary,
  model: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  createdBy: z.string(),
  metrics: z.record(z.string(), z.number()),
  inputs: z.array(z.strictObject(tensor)),
  outputs: z.array(
    z.strictObject({
      ...tensor,
      labels: z
        .array(z.union([z.string(), z.number()]))
        .nullable()
        .meta({ description: 'The classes of the columns, when the file says.' }),
    }),
  ),
  features: z
    .array(z.strictObject({ name: z.string(), type: z.string(), missing: z.enum(['nan', 'value', 'refused']) }))
    .meta({
      description: 'In vector order; `missing` is what becomes of a missing value: NaN, a stand-in, or a refusal.',
    }),
})

const move = z.strictObject({
  kind: z.enum(['set', 'unset', 'rollback']),
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
