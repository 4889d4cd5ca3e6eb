import type { ServicePlan } from '@martlet/feature-store'
import { MartletError, sameType } from '@martlet/warehouse'
import { serviceFields } from '../signature/service-fields.ts'
import type { Registry } from '../registry.ts'
import type { ModelSignature } from '../signature/signature.ts'
import { openVerified, type IsolationOptions } from './open-verified.ts'
import type { ModelVersion } from '../version/model-version.ts'
import { modelRunner, type ModelRunner } from '../run/model-runner.ts'

/** Which version of which model: an alias, a number, or a number in digits. */
export interface ModelReference {
  readonly model: string
  readonly version: string | number
}

export interface LoadOptions extends IsolationOptions {
  /** The service as it is defined now; loading fails with `SIGNATURE_MISMATCH` when its vector is no longer the model's. */
  readonly service?: ServicePlan
}

/** A model in memory. Release it when it is replaced: sessions are not freed by garbage collection. */
export interface LoadedModel extends ModelRunner, AsyncDisposable {
  readonly version: ModelVersion
  readonly signature: ModelSignature
  /** Whether it runs in a process of its own. */
  readonly isolated: boolean
  /** How many threads of its own it runs in; 0: none. */
  readonly threads: number
  /** Whether rows of several callers may share a run: each gets the same answer as alone, bit for bit. */
  readonly exactInBatches: boolean
  /** How many runs are in progress. */
  readonly inFlight: number
  /** Refuses new runs (`MODEL_RELEASED`), waits for those in progress, then frees the session. May be called repeatedly. */
  release(): Promise<void>
}

/**
 * Loads a model: resolves the reference, verifies the artifact's SHA-256, then opens it and replays its golden rows in a process of
 * its own, with limits. A model whose cost depends on the number of rows alone then runs on this thread, or, if it is slow, in as
 * many threads of its own as `threads` says; others stay in their process.
 *
 * @throws MartletError MODEL_NOT_FOUND when there is no such model
 * @throws MartletError ALIAS_NOT_FOUND when the model has no such alias
 * @throws MartletError VERSION_NOT_FOUND when the model has no such version, or it was deleted
 * @throws MartletError SIGNATURE_MISMATCH when the vector of `service` is no longer the model's
 * @throws MartletError ARTIFACT_MISSING when the file is not in the artifact store
 * @throws MartletError ARTIFACT_CORRUPT when the file has other bytes than were registered
 * @throws MartletError ONNX_UNSUPPORTED when the model cannot be served
 * @throws MartletError MODEL_TIME_LIMIT when it takes too long
 * @throws MartletError MODEL_MEMORY_LIMIT when it needs too much memory
 * @throws MartletError MODEL_CRASHED when its process ends by itself
 * @throws MartletError GOLDEN_ROWS_DISAGREE when it answers other values than the golden rows
 * @throws MartletError MODEL_BATCH_DEPENDENT when the answer to a row depends on other rows
 *
 * @example await using model = await loadModel(registry, { model: 'next_day', version: 'champion' })
 */
export async function loadModel(
  registry: Registry,
  reference: ModelReference,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const version = await registry.resolve(reference.model, reference.version)
  const { signature } = version
  if (options.service !== undefined) checkService(version, options.service)
  const bytes = await registry.artifacts.get(version.artifact.sha256)
  const name = `${version.model} version ${version.version}`
  const { session, isolated, threads, exactInBatches } = await openVerified(
    name,
    bytes,
    version,
    await registry.runtime(),
    options,
  )
  const runner = modelRunner(name, signature, session)

  let inFlight = 0
  let released: Promise<void> | undefined
  let idle: (() => void) | undefined
  const counted = async <T>(run: () => Promise<T>): Promise<T> => {
    if (released !== undefined)
      throw new MartletError('MODEL_RELEASED', `Model ${name} was released. Use the model that replaced it.`, {
        data: { model: version.model, version: version.version },
      })
    inFlight += 1
    try {
      return await run()
    } finally {
      inFlight -= 1
      if (inFlight === 0) idle?.()
    }
  }
  const drain = async (): Promise<void> => {
    if (inFlight > 0)
      await new Promise<void>((resolve) => {
        idle = resolve
      })
    await session.release()
  }
  const release = (): Promise<void> => (released ??= drain())

  return {
    version,
    signature,
    isolated,
    threads,
    exactInBatches,
    get inFlight() {
      return inFlight
    },
    predict: (rows) => counted(() => runner.predict(rows)),
    predictVectors: (vectors) => counted(() => runner.predictVectors(vectors)),
    run: (features, rows) => counted(() => runner.run(features, rows)),
    runTensors: (feeds) => counted(() => runner.runTensors(feeds)),
    release,
    [Symbol.asyncDispose]: release,
  }
}

function checkService({ model, version, signature, service }: ModelVersion, current: ServicePlan): void {
  const now = serviceFields(current)
  const differences = signature.fields.flatMap(({ field, type, nullable }, index) => {
    const slot = now[index]
    if (slot === undefined) return [`the service no longer has ${JSON.stringify(field)}.`]
    const [theirs, ours] = [JSON.stringify(field), JSON.stringify(slot.name)]
    if (slot.name !== field) return [`at position ${index} the model takes ${theirs}, the service has ${ours}.`]
    if (!sameType(slot.type, type))
      return [`feature ${JSON.stringify(field)} was ${JSON.stringify(type)} and is now ${JSON.stringify(slot.type)}.`]
    return slot.nullable && !nullable ? [`feature ${JSON.stringify(field)} may now be null.`] : []
  })
  for (const { name } of now.slice(signature.fields.length))
    differences.push(`the service now has ${JSON.stringify(name)} too.`)
  if (differences.length > 0)
    throw new MartletError(
      'SIGNATURE_MISMATCH',
      `Version ${version} of model ${model} was registered for another vector of service ${JSON.stringify(service.name)}:\n` +
        differences.map((difference) => `- ${difference}`).join('\n'),
      { data: { model, version, service: current.name, differences } },
    )
}
