import { randomUUID } from 'node:crypto'
import type { ServicePlan } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { inlineExternalData, type ExternalData } from '../artifact/onnx/external-data.ts'
import { readTensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { sha256 } from '../artifact/sha256.ts'
import type { RegistryContext } from '../registry-context.ts'
import { runTrial } from '../run/trial.ts'
import type { InputMapping } from '../signature/bind-columns.ts'
import { readSignature } from '../signature/read-signature.ts'
import { definitionHashes } from '../signature/service-fields.ts'
import { toJson, type JsonValue } from '../store/json.ts'
import type { ModelVersion } from '../version/model-version.ts'
import { checkActor, checkModelName } from '../version/names.ts'
import { readVersion } from '../version/read-versions.ts'
import { goldenRowsOf, type GivenGoldenRows } from './given-golden-rows.ts'
import { insertVersion, type NewVersion } from './insert-version.ts'

export interface Registration {
  readonly model: string
  /** The file as exported. */
  readonly onnx: Uint8Array
  /** The files that hold its weights, by the name that it has for them, when they are not in it: see `readOnnxFile`. */
  readonly externalData?: ExternalData
  /** The feature service the model reads. */
  readonly service: ServicePlan
  /** Needed where inputs have other names than features, or cannot express null. */
  readonly inputs?: InputMapping
  readonly goldenRows: GivenGoldenRows
  readonly metrics?: Readonly<Record<string, number>>
  /** A record of what the model was trained on: spine, range, rows, hashes. */
  readonly trainingSet?: JsonValue
  /** @default the hash of each view of the service */
  readonly definitionHashes?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly description?: string
  /** Where the file came from, such as a path or a repository URL. */
  readonly source?: string
  /** The identifier of the training run. */
  readonly runId?: string
  readonly actor: string
}

export interface Registered {
  readonly version: ModelVersion
  /** False when the same file with the same signature was registered before; that version is returned unchanged. */
  readonly created: boolean
}

/**
 * Checks a model against its service, runs it, and only then gives it the next version number. When it throws, nothing is
 * stored.
 *
 * @throws MartletError NAME_INVALID when the model's name is not valid
 * @throws MartletError ACTOR_MISSING when `actor` is empty
 * @throws MartletError METRIC_INVALID when a metric is not a number
 * @throws MartletError ONNX_MALFORMED when the bytes are not a whole ONNX model
 * @throws MartletError ONNX_EXTERNAL_DATA when weights are in a file that was not given, or that does not hold them
 * @throws MartletError ONNX_TOO_LARGE when the file and its weights have 2 GiB or more
 * @throws MartletError ONNX_UNSUPPORTED when the model cannot be served
 * @throws MartletError SIGNATURE_MISMATCH when the model does not fit the service
 * @throws MartletError MODEL_CANNOT_OPEN when the runtime cannot open it
 * @throws MartletError MODEL_RUN_FAILED when a run fails
 * @throws MartletError MODEL_TIME_LIMIT when it takes too long
 * @throws MartletError MODEL_MEMORY_LIMIT when it needs too much memory
 * @throws MartletError MODEL_CRASHED when its process ends by itself
 * @throws MartletError OUTPUT_SHAPE when an output does not have one row per input row
 * @throws MartletError GOLDEN_ROWS_INVALID when the golden rows check nothing
 * @throws MartletError GOLDEN_ROWS_DISAGREE when it answers other values than the golden rows
 * @throws MartletError MODEL_BATCH_DEPENDENT when the answer to a row depends on other rows
 */
export async function registerVersion(context: RegistryContext, registration: Registration): Promise<Registered> {
  const { model, service } = registration
  checkModelName(model)
  checkActor(registration.actor)
  checkMetrics(model, registration.metrics ?? {})
  const graph = readTensorGraph(inlineExternalData(registration.onnx, registration.externalData ?? {}))
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
  const row: NewVersion = {
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
    definition_hashes: toJson(registration.definitionHashes ?? definitionHashes(service)),
    description: registration.description ?? '',
    source: registration.source ?? '',
    run_id: registration.runId ?? '',
    created_by: registration.actor,
    created_ms: now,
    updated_ms: now,
  }
  const { version, created } = await context.dialect.exclusive(context.db, async (db) => {
    const inserted = await insertVersion(db, row, registration.tags ?? {})
    // A sweep may have removed the file before the version named it. It cannot remove it now.
    if (!(await context.artifacts.has(artifact))) await context.artifacts.put(graph.bytes)
    return inserted
  })
  return { version: await readVersion(context, model, version), created }
}

function checkMetrics(model: string, metrics: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(metrics))
    if (typeof value !== 'number')
      throw new MartletError(
        'METRIC_INVALID',
        `Metric ${JSON.stringify(name)} of model ${model} is not a number. Give one, or leave it out.`,
        { data: { model, metric: name } },
      )
}
