import { serviceKeys, serviceRequest } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import { datatypeOf, type Datatype } from './datatypes.ts'
import type { FoundVersion } from './named-model.ts'

/** What of the protocol and its extensions is spoken. `feature_lookup` is our own. */
export const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'statistics',
  'model_configuration',
  'model_repository',
  'parameters',
  'feature_lookup',
] as const

export interface ServerMetadata {
  readonly name: string
  readonly version: string
  readonly extensions: readonly string[]
}

export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

export interface ModelMetadata {
  readonly name: string
  readonly versions: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
  /** What can be sent instead of the inputs: the model's features are then looked up. */
  readonly feature_lookup?: FeatureLookup | undefined
}

export interface FeatureLookup {
  readonly service: string
  /** Entity keys, one value per row; all of them are needed. */
  readonly inputs: readonly TensorMetadata[]
  /** What features computed on demand take, one value per row. */
  readonly request_inputs: readonly (TensorMetadata & { readonly optional: boolean })[]
  /** The features that the server fills in. */
  readonly features: readonly string[]
}

export function serverMetadata(version: string): ServerMetadata {
  return { name: 'martlet', version, extensions: EXTENSIONS }
}

export function modelMetadata({ found, versions }: FoundVersion, desk: Desk): ModelMetadata {
  const lookup = featureLookup(found, desk)
  return {
    name: found.model,
    versions: versions.map(({ version }) => String(version)).reverse(),
    platform: 'onnx_onnxv1',
    inputs: found.inputs.map(tensorMetadata),
    outputs: found.outputs.map(tensorMetadata),
    ...(lookup === undefined ? {} : { feature_lookup: lookup }),
  }
}

export function tensorMetadata({ name, type, shape }: VersionAnswer['inputs'][number]): TensorMetadata {
  const sizes = (shape ?? [null, null]).map((size) => (typeof size === 'number' ? size : -1))
  return { name, datatype: datatypeOf(type) ?? type, shape: sizes }
}

/** Undefined while the model's service is not defined. */
function featureLookup({ service, features }: VersionAnswer, { catalog }: Desk): FeatureLookup | undefined {
  const plan = catalog.find(service)?.plan
  if (plan === undefined) return undefined
  const request = plan.onDemand === undefined ? [] : serviceRequest(plan)
  return {
    service,
    inputs: serviceKeys(plan).map(({ name, type }) => ({ name, datatype: datatypeOfColumn(type), shape: [-1] })),
    request_inputs: request.map(({ name, type, nullable }) => ({
      name,
      datatype: datatypeOfColumn(type),
      shape: [-1],
      optional: nullable,
    })),
    features: features.map(({ name }) => name),
  }
}

/** What is exact for a column. Dates, instants and decimals are texts, as in the rest of the API. */
function datatypeOfColumn(type: ColumnType): Datatype {
  if (type === 'integer') return 'INT32'
  if (type === 'bigint') return 'INT64'
  if (type === 'boolean') return 'BOOL'
  return type === 'double' ? 'FP64' : 'BYTES'
}

const tensor = {
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()).meta({ description: '-1: any size.' }),
}

export const serverMetadataAnswer: z.ZodType<ServerMetadata> = z.strictObject({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
})

export const modelMetadataAnswer: z.ZodType<ModelMetadata> = z.strictObject({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(z.strictObject(tensor)),
  outputs: z.array(z.strictObject(tensor)),
  feature_lookup: z
    .strictObject({
      service: z.string(),
      inputs: z.array(z.strictObject(tensor)),
      request_inputs: z.array(z.strictObject({ ...tensor, optional: z.boolean() })),
      features: z.array(z.string()),
    })
    .optional()
    .meta({
      description: 'What can be sent instead of the inputs: the server then looks the features up by these keys.',
    }),
})
