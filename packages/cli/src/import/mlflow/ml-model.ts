import { parse } from 'yaml'
import { z } from 'zod'
import { notImportable } from './mlflow-error.ts'

/** A column of a signature; unnamed when MLflow read it off an array. */
export interface SignatureColumn {
  readonly kind: 'column'
  readonly name: string | undefined
  /** `boolean`, `integer`, `long`, `float`, `double`, `string`, `binary`, `datetime`, or the name of a nested type. */
  readonly type: string
}

/** A tensor of a signature. A size of -1 may be any. */
export interface SignatureTensor {
  readonly kind: 'tensor'
  readonly name: string | undefined
  readonly type: string
  readonly shape: readonly number[]
}

export type SignatureEntry = SignatureColumn | SignatureTensor

/** What the file `MLmodel` says that an import needs. */
export interface MlModel {
  /** The model file, relative to the folder. */
  readonly data: string
  readonly runId: string | undefined
  /** Undefined when the model was logged without a signature. */
  readonly inputs: readonly SignatureEntry[] | undefined
  readonly outputs: readonly SignatureEntry[] | undefined
}

/** Bytes of the largest `MLmodel` that is read. */
export const LARGEST_ML_MODEL = 1_000_000

const entry: z.ZodType<SignatureEntry> = z.union([
  z
    .object({
      type: z.literal('tensor'),
      name: z.string().nullish(),
      'tensor-spec': z.object({ dtype: z.string(), shape: z.array(z.int()) }),
    })
    .transform(({ name, 'tensor-spec': { dtype, shape } }): SignatureTensor => ({
      kind: 'tensor',
      name: name ?? undefined,
      type: dtype,
      shape,
    })),
  z.object({ type: z.string(), name: z.string().nullish() }).transform(({ name, type }): SignatureColumn => ({
    kind: 'column',
    name: name ?? undefined,
    type,
  })),
])

const mlModel = z.object({
  flavors: z.record(z.string(), z.unknown()),
  run_id: z.string().nullish(),
  signature: z.object({ inputs: z.string().nullish(), outputs: z.string().nullish() }).nullish(),
})
const onnxFlavor = z.object({ data: z.string() })

/**
 * Reads the file `MLmodel`.
 *
 * @param place the folder, as messages name it
 * @throws MartletError MLFLOW_MODEL_INVALID when it is not readable, has no ONNX flavor, or names a file outside its folder
 */
export function readMlModel(text: string, place: string): MlModel {
  let document: unknown
  try {
    document = parse(text)
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw notImportable(place, `its MLmodel is not YAML: ${reason}`, cause)
  }
  const read = mlModel.safeParse(document)
  if (!read.success) throw notImportable(place, `its MLmodel is not as MLflow writes it${at(read.error)}.`)
  const { flavors, run_id: runId, signature } = read.data
  const flavor = onnxFlavor.safeParse(flavors['onnx'])
  if (!flavor.success) {
    const has = Object.keys(flavors).slice(0, 10).join(', ') || 'no flavor'
    throw notImportable(
      place,
      `it has ${has}, but not the flavor onnx. Convert the model to ONNX and log it with mlflow.onnx.log_model.`,
    )
  }
  const { data } = flavor.data
  if (!isInside(data)) throw notImportable(place, `its model file ${JSON.stringify(data)} is not in its folder.`)
  return {
    data,
    runId: runId ?? undefined,
    inputs: entriesOf(signature?.inputs, 'inputs', place),
    outputs: entriesOf(signature?.outputs, 'outputs', place),
  }
}

/** Whether a path stays in the folder that it is relative to. */
export function isInside(path: string): boolean {
  return path !== '' && !/[\\\0:]/.test(path) && path.split('/').every((part) => part !== '' && part !== '..')
}

/** Signatures are JSON inside YAML. */
function entriesOf(json: string | null | undefined, what: string, place: string): MlModel['inputs'] {
  if (json === null || json === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw notImportable(place, `the ${what} of its signature are not JSON.`, cause)
  }
  const read = z.array(entry).safeParse(value)
  if (!read.success)
    throw notImportable(place, `the ${what} of its signature are not as MLflow writes them${at(read.error)}.`)
  return read.data.length === 0 ? undefined : read.data
}

function at({ issues: [first] }: z.ZodError): string {
  return first === undefined || first.path.length === 0 ? '' : ` at ${first.path.join('.')}`
}
