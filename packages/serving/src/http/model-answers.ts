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
  readonly createdAt: string
  /** False when trying the model at registration failed, so that no alias may name it. */
  readonly runnable: boolean
}

export interface ModelAnswer extends ModelSummary {
  readonly versions: readonly VersionSummary[]
  /** What this process has in memory, with the requests that use it now. */
  readonly loaded: readonly { readonly version: number; readonly aliases: readonly string[]; readonly inFlight: number }[]
}

export interface VersionAnswer extends VersionSummary {
  readonly model: string
  readonly metrics: Readonly<Record<string, number>>
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] | null }[]
  readonly outputs: readonly { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] | null }[]
  /** In vector order, with what becomes of a missing value. */
  readonly features: readonly { readonly name: string; readonly nulls: string }[]
}

export interface AliasMoveAnswer {
  readonly from: number | null
  readonly to: number | null
  readonly at: string
  readonly actor: string
  readonly reason: string
}

export interface AliasHistoryAnswer {
  readonly model: string
  readonly alias: string
  /** What the alias named at `at` (or names now); null: nothing. */
  readonly version: number | null
  readonly moves: readonly AliasMoveAnswer[]
}

const aliases: z.ZodType<readonly AliasAnswer[]> = z.array(z.strictObject({ alias: z.string(), version: z.int() }))
const summary = { version: z.int(), sha256: z.string(), service: z.string(), createdAt: z.iso.datetime(), runnable: z.boolean() }
const tensors = z.array(z.strictObject({ name: z.string(), type: z.string(), shape: z.array(z.union([z.number(), z.string()])).nullable() }))

export const modelsAnswer: z.ZodType<ModelsAnswer> = z.strictObject({ models: z.array(z.strictObject({ name: z.string(), aliases })) })

export const modelAnswer: z.ZodType<ModelAnswer> = z.strictObject({
  name: z.string(),
  aliases,
  versions: z.array(z.strictObject(summary)),
  loaded: z.array(z.strictObject({ version: z.int(), aliases: z.array(z.string()), inFlight: z.int() })),
})

export const versionAnswer: z.ZodType<VersionAnswer> = z.strictObject({
  ...summary,
  model: z.string(),
  metrics: z.record(z.string(), z.number()),
  inputs: tensors,
  outputs: tensors,
  features: z.array(z.strictObject({ name: z.string(), nulls: z.string() })),
})

export const aliasHistoryAnswer: z.ZodType<AliasHistoryAnswer> = z.strictObject({
  model: z.string(),
  alias: z.string(),
  version: z.int().nullable(),
  moves: z.array(z.strictObject({ from: z.int().nullable(), to: z.int().nullable(), at: z.iso.datetime(), actor: z.string(), reason: z.string() })),
})
