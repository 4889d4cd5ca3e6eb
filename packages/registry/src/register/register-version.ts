import { randomUUID } from 'node:crypto'
import type { ServicePlan } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { readTensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { sha256 } from '../artifact/sha256.ts'
import { checkActor, checkModelName } from '../version/names.ts'
import type { RegistryContext } from '../registry-context.ts'
import { toJson, type JsonValue } from '../store/json.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'
import type { ModelVersion } from '../version/model-version.ts'
import { readVersion } from '../version/read-versions.ts'
import type { InputMapping } from '../signature/bind-columns.ts'
import { readSignature } from '../signature/read-signature.ts'
import { runTrial } from '../run/trial.ts'
import { goldenRowsOf, type GivenGoldenRows } from './given-golden-rows.ts'

export interface Registration {
  readonly model: string
  /** The file as exported, weights included. */
  readonly onnx: Uint8Array
  /** The feature service the model reads. */
  readonly service: ServicePlan
  /** Needed where inputs have other names than features, or cannot say null. */
  readonly inputs?: InputMapping
  readonly goldenRows: GivenGoldenRows
  readonly metrics?: Readonly<Record<string, number>>
  /** What the model was trained on: spine, range, rows, hashes. */
  readonly trainingSet?: JsonValue
  /** @default the hash of each view of the service */
  readonly definitionHashes?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly description?: string
  /** Where the file came from, such as a path or a repository URL. */
  readonly source?: string
  /** The training run. */
  readonly runId?: string
  readonly actor: string
}

export interface Registered {
  readonly version: ModelVersion
  /** False when the same file with the same signature was registered before: its version is returned as it was. */
  readonly created: boolean
}

/**
 * Checks a model against its service, runs it, and only then gives it the next version number.
 *
 * Rejects without storing anything with `ONNX_MALFORMED`, `ONNX_UNSUPPORTED`, `SIGNATURE_MISMATCH`, `MODEL_CANNOT_OPEN`,
 * `MODEL_TIME_LIMIT`, `MODEL_MEMORY_LIMIT`, `MODEL_CRASHED`, `MODEL_RUN_FAILED`, `OUTPUT_SHAPE`, `GOLDEN_ROWS_INVALID`,
 * `GOLDEN_ROWS_DISAGREE` or `MODEL_BATCH_DEPENDENT`.
 */
export async function registerVersion(context: RegistryContext, registration: Registration): Promise<Registered> {
  const { model, service } = registration
  checkModelName(model)
  checkActor(registration.actor)
  checkMetrics(model, registration.metrics ?? {})
  const graph = readTensorGraph(registration.onnx)
  const signature = readSignature(graph, service, registration.inputs)
  const goldenRows = goldenRowsOf(
    registration.goldenRows,
    graph.cuts,
    signature.outputs.map(({ name }) => name),
  )
  const trial = await runTrial(model, graph.bytes, signature, goldenRows, await context.runtime(), context.trial)
  const artifact = await context.artifacts.put(graph.bytes)
  const signatureJson = toJson(signature)
  const fingerprint = sha256([artifact, signatureJson, service.name, service.hash].join('\n'))
  const now = context.now()
  const row: Omit<RegistryTables['model_versions'], 'version'> = {
    model,
    registration: randomUUID(),
    fingerprint,
    status: 'READY',
    status_message: '',
    lifecycle: 'active',
    lifecycle_ms: now,
    lifecycle_actor: registration.actor,
    lifecycle_reason: '',
    artifact_sha256: artifact,
    artifact_bytes: graph.bytes.length,
    source_sha256: sha256(registration.onnx),
    service: service.name,
    service_hash: service.hash,
    signature: signatureJson,
    golden_rows: toJson(goldenRows),
    trial: toJson(trial),
    metrics: toJson(registration.metrics ?? {}),
    training_set: toJson(registration.trainingSet ?? null),
    definition_hashes: toJson(
      registration.definitionHashes ?? Object.fromEntries(service.views.map(({ view }) => [view.name, view.hash])),
    ),
    description: registration.description ?? '',
    source: registration.source ?? '',
    run_id: registration.runId ?? '',
    created_by: registration.actor,
    created_ms: now,
    updated_ms: now,
  }
  const { version, created } = await context.dialect.exclusive(context.db, (db) =>
    insertVersion(db, row, registration.tags ?? {}),
  )
  return { version: await readVersion(context, model, version), created }
}

async function insertVersion(
  db: RegistryDb,
  row: Omit<RegistryTables['model_versions'], 'version'>,
  tags: Readonly<Record<string, string>>,
): Promise<{ version: number; created: boolean }> {
  const known = await db
    .selectFrom('model_versions')
    .select('version')
    .where('model', '=', row.model)
    .where('fingerprint', '=', row.fingerprint)
    .where('lifecycle', '<>', 'deleted')
    .orderBy('version')
    .executeTakeFirst()
  if (known !== undefined) return { version: known.version, created: false }

  const model = await db.selectFrom('registered_models').select('name').where('name', '=', row.model).executeTakeFirst()
  if (model === undefined)
    await db
      .insertInto('registered_models')
      .values({ name: row.model, description: '', created_ms: row.created_ms, updated_ms: row.created_ms })
      .execute()
  else
    await db
      .updateTable('registered_models')
      .set({ updated_ms: row.created_ms })
      .where('name', '=', row.model)
      .execute()

  const names = Object.keys(row).filter((name): name is keyof typeof row => name in row)
  await db
    .insertInto('model_versions')
    .columns(['version', ...names])
    .expression((eb) =>
      eb
        .selectFrom('model_versions')
        .select((eb) => [
          eb(eb.fn.coalesce(eb.fn.max('version'), eb.lit(0)), '+', 1).as('version'),
          ...names.map((name) => eb.val(row[name]).as(name)),
        ])
        .where('model', '=', row.model),
    )
    .execute()
  const { version } = await db
    .selectFrom('model_versions')
    .select('version')
    .where('registration', '=', row.registration)
    .executeTakeFirstOrThrow()
  for (const [tag, value] of Object.entries(tags))
    await db.insertInto('model_tags').values({ model: row.model, version, tag, value }).execute()
  return { version, created: true }
}

function checkMetrics(model: string, metrics: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(metrics))
    if (typeof value !== 'number')
      throw new MartletError('METRIC_INVALID', `Metric ${JSON.stringify(name)} of model ${model} is no number.`, {
        data: { model, metric: name },
      })
}
