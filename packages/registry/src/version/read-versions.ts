import { MartletError } from '@martlet/warehouse'
import type { Selectable } from 'kysely'
import type { RegistryContext } from '../registry-context.ts'
import { readDocument } from '../store/documents.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'
import type { ModelVersion, RegisteredModel } from './model-version.ts'

export interface VersionFilter {
  readonly model?: string
  /** Only models of this feature service. */
  readonly service?: string
  /** Only versions with these tag values. */
  readonly tags?: Readonly<Record<string, string>>
  /** @default ['active', 'archived'] */
  readonly lifecycle?: readonly ModelVersion['lifecycle'][]
}

type VersionRow = Selectable<RegistryTables['model_versions']>

/**
 * One version, even when it is deleted.
 *
 * @throws MartletError MODEL_NOT_FOUND when there is no such model
 * @throws MartletError VERSION_NOT_FOUND when the model has no such version
 */
export async function readVersion(
  { db }: Pick<RegistryContext, 'db'>,
  model: string,
  version: number,
): Promise<ModelVersion> {
  const row = await db
    .selectFrom('model_versions')
    .selectAll()
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirst()
  if (row === undefined) throw await versionNotFound(db, model, version)
  const [found] = await withTagsAndAliases(db, [row], model)
  if (found === undefined) throw await versionNotFound(db, model, version)
  return found
}

/** Versions that match, newest first. */
export async function listVersions(
  { db }: Pick<RegistryContext, 'db'>,
  filter: VersionFilter = {},
): Promise<readonly ModelVersion[]> {
  let query = db
    .selectFrom('model_versions')
    .selectAll()
    .where('lifecycle', 'in', filter.lifecycle ?? ['active', 'archived'])
  if (filter.model !== undefined) query = query.where('model', '=', filter.model)
  if (filter.service !== undefined) query = query.where('service', '=', filter.service)
  const rows = await query
    .orderBy('model')
    .orderBy('version', (order) => order.desc().nullsLast())
    .execute()
  const versions = await withTagsAndAliases(db, rows, filter.model)
  const wanted = Object.entries(filter.tags ?? {})
  return versions.filter(({ tags }) => wanted.every(([tag, value]) => tags[tag] === value))
}

/** All models by name. */
export async function listModels({ db }: Pick<RegistryContext, 'db'>): Promise<readonly RegisteredModel[]> {
  const models = await db.selectFrom('registered_models').selectAll().orderBy('name').execute()
  const tags = await db.selectFrom('model_tags').selectAll().where('version', '=', 0).execute()
  const aliases = await db.selectFrom('model_aliases').selectAll().orderBy('alias').execute()
  const latest = await db
    .selectFrom('model_versions')
    .select(({ fn }) => ['model', fn.max('version').as('version')])
    .where('lifecycle', '<>', 'deleted')
    .groupBy('model')
    .execute()
  return models.map((row) => ({
    name: row.name,
    description: row.description,
    tags: Object.fromEntries(tags.filter(({ model }) => model === row.name).map(({ tag, value }) => [tag, value])),
    aliases: Object.fromEntries(
      aliases.filter(({ model }) => model === row.name).map(({ alias, version }) => [alias, version]),
    ),
    latest: latest.find(({ model }) => model === row.name)?.version ?? null,
    createdAt: new Date(row.created_ms),
    updatedAt: new Date(row.updated_ms),
  }))
}

/** @throws MartletError MODEL_NOT_FOUND when there is no such model */
export async function requireModel(db: RegistryDb, model: string): Promise<void> {
  const row = await db.selectFrom('registered_models').select('name').where('name', '=', model).executeTakeFirst()
  if (row === undefined)
    throw new MartletError(
      'MODEL_NOT_FOUND',
      `There is no model ${JSON.stringify(model)} in the registry. Register a version of it first.`,
      { data: { model } },
    )
}

export async function versionNotFound(db: RegistryDb, model: string, version: number): Promise<MartletError> {
  await requireModel(db, model)
  return new MartletError('VERSION_NOT_FOUND', `Model ${model} has no version ${version}. Choose another one.`, {
    data: { model, version },
  })
}

async function withTagsAndAliases(
  db: RegistryDb,
  rows: readonly VersionRow[],
  model: string | undefined,
): Promise<readonly ModelVersion[]> {
  let tagQuery = db.selectFrom('model_tags').selectAll().where('version', '>', 0)
  let aliasQuery = db.selectFrom('model_aliases').selectAll()
  if (model !== undefined) {
    tagQuery = tagQuery.where('model', '=', model)
    aliasQuery = aliasQuery.where('model', '=', model)
  }
  const tags = Map.groupBy(await tagQuery.orderBy('tag').execute(), (row) => `${row.version} ${row.model}`)
  const aliases = Map.groupBy(await aliasQuery.orderBy('alias').execute(), (row) => `${row.version} ${row.model}`)
  return rows.map((row) => {
    const key = `${row.version} ${row.model}`
    return toVersion(
      row,
      Object.fromEntries((tags.get(key) ?? []).map(({ tag, value }) => [tag, value])),
      (aliases.get(key) ?? []).map(({ alias }) => alias),
    )
  })
}

function toVersion(row: VersionRow, tags: ModelVersion['tags'], aliases: ModelVersion['aliases']): ModelVersion {
  return {
    model: row.model,
    version: row.version,
    status: row.status,
    statusMessage: row.status_message,
    lifecycle: row.lifecycle,
    artifact: { sha256: row.artifact_sha256, bytes: row.artifact_bytes, sourceSha256: row.source_sha256 },
    service: { name: row.service, hash: row.service_hash },
    signature: readDocument(row, 'signature'),
    goldenRows: readDocument(row, 'golden_rows'),
    trial: readDocument(row, 'trial'),
    metrics: readDocument(row, 'metrics'),
    trainingSet: readDocument(row, 'training_set'),
    definitionHashes: readDocument(row, 'definition_hashes'),
    tags,
    aliases,
    description: row.description,
    source: row.source,
    runId: row.run_id,
    createdBy: row.created_by,
    createdAt: new Date(row.created_ms),
    updatedAt: new Date(row.updated_ms),
  }
}
