import { z } from 'zod'
import type { ModelSummary, VersionAnswer } from '../../desk/model/registered-model.ts'

/** A tag of a model or version. */
interface Tag {
  readonly key: string
  readonly value: string
}

/** A version as MLflow has it. Times are milliseconds since the epoch. */
export interface MlflowVersion {
  readonly name: string
  readonly version: string
  readonly creation_timestamp: number
  readonly last_updated_timestamp: number
  readonly user_id: string
  readonly current_stage: 'None'
  readonly description: string
  readonly source: string
  readonly run_id: string
  readonly run_link: string
  /** MLflow's clients wait for READY. */
  readonly status: 'READY' | 'FAILED_REGISTRATION'
  readonly status_message: string
  readonly tags: readonly Tag[]
  readonly aliases: readonly string[]
}

/** A model as MLflow has it. */
export interface MlflowModel {
  readonly name: string
  readonly creation_timestamp: number
  readonly last_updated_timestamp: number
  readonly user_id: string
  readonly description: string
  readonly latest_versions: readonly MlflowVersion[]
  readonly tags: readonly Tag[]
  readonly aliases: readonly { readonly alias: string; readonly version: string }[]
}

const tags = z.array(z.strictObject({ key: z.string(), value: z.string() }))

export const mlflowVersion: z.ZodType<MlflowVersion> = z.strictObject({
  name: z.string(),
  version: z.string(),
  creation_timestamp: z.int().meta({ description: 'Milliseconds since the epoch.' }),
  last_updated_timestamp: z.int(),
  user_id: z.string(),
  current_stage: z.literal('None').meta({ description: 'There are no stages: aliases say which version is live.' }),
  description: z.string(),
  source: z.string().meta({ description: 'The folder of the version under /api/2.0/mlflow-artifacts.' }),
  run_id: z.string(),
  run_link: z.string(),
  status: z.enum(['READY', 'FAILED_REGISTRATION']),
  status_message: z.string(),
  tags,
  aliases: z.array(z.string()),
})

export const mlflowModel: z.ZodType<MlflowModel> = z.strictObject({
  name: z.string(),
  creation_timestamp: z.int().meta({ description: 'Milliseconds since the epoch.' }),
  last_updated_timestamp: z.int(),
  user_id: z.string(),
  description: z.string(),
  latest_versions: z.array(mlflowVersion).meta({ description: 'The newest version, since there are no stages.' }),
  tags,
  aliases: z.array(z.strictObject({ alias: z.string(), version: z.string() })),
})

/** The folder of a version, from which MLflow's clients download. */
export function folderUri({ model, version }: Pick<VersionAnswer, 'model' | 'version'>): string {
  return `mlflow-artifacts:/models/${encodeURIComponent(model)}/${version}`
}

/** The tags of a version, and what the registry knows of it that MLflow's clients have no field for. */
export function versionTags(version: VersionAnswer): Readonly<Record<string, string>> {
  const metrics = Object.entries(version.metrics).map(([name, value]) => [`martlet.metric.${name}`, String(value)])
  return {
    ...version.tags,
    ...Object.fromEntries(metrics),
    'martlet.sha256': version.sha256,
    'martlet.service': version.service,
    'martlet.lifecycle': version.lifecycle,
  }
}

export function toMlflowVersion(version: VersionAnswer): MlflowVersion {
  const created = Date.parse(version.createdAt)
  const failed = version.status === 'FAILED'
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: created,
    last_updated_timestamp: version.updatedAt === undefined ? created : Date.parse(version.updatedAt),
    user_id: version.createdBy,
    current_stage: 'None',
    description: version.description,
    source: folderUri(version),
    run_id: version.runId ?? '',
    run_link: '',
    status: failed ? 'FAILED_REGISTRATION' : 'READY',
    status_message: failed ? 'A check could no longer run this version.' : '',
    tags: tagsOf(versionTags(version)),
    aliases: version.aliases,
  }
}

/** `versions` are those of the model, newest first. */
export function toMlflowModel(model: ModelSummary, versions: readonly VersionAnswer[]): MlflowModel {
  const [newest] = versions
  const oldest = versions.at(-1)?.createdAt
  return {
    name: model.name,
    creation_timestamp: timeOf(model.createdAt ?? oldest),
    last_updated_timestamp: timeOf(model.updatedAt ?? newest?.createdAt),
    user_id: '',
    description: model.description ?? '',
    latest_versions: newest === undefined ? [] : [toMlflowVersion(newest)],
    tags: tagsOf(model.tags ?? {}),
    aliases: model.aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
  }
}

export function timeOf(instant: string | undefined): number {
  return instant === undefined ? 0 : Date.parse(instant)
}

function tagsOf(tags: Readonly<Record<string, string>>): readonly Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }))
}
