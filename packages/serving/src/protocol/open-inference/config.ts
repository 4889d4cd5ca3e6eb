import { z } from 'zod'
import type { Limits } from '../../desk/limits.ts'
import type { FoundVersion } from './named-model.ts'
import { tensorMetadata, type TensorMetadata } from './metadata.ts'

interface ConfiguredTensor {
  readonly name: string
  readonly data_type: string
  /** Without the dimension of rows when there may be several. */
  readonly dims: readonly number[]
}

export interface ModelConfig {
  readonly name: string
  readonly platform: string
  readonly backend: string
  readonly version_policy: { readonly specific: { readonly versions: readonly number[] } }
  /** 0: the model fixes its number of rows. */
  readonly max_batch_size: number
  readonly input: readonly ConfiguredTensor[]
  readonly output: readonly ConfiguredTensor[]
  readonly model_transaction_policy: { readonly decoupled: boolean }
}

/** A version's configuration as Triton's tools read it. */
export function modelConfig({ found }: FoundVersion, limits: Limits): ModelConfig {
  const inputs = found.inputs.map(tensorMetadata)
  const fixed = inputs.some(({ shape }) => shape[0] !== -1)
  const configured = ({ name, datatype, shape }: TensorMetadata): ConfiguredTensor => ({
    name,
    data_type: `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`,
    dims: fixed ? shape : shape.slice(1),
  })
  return {
    name: found.model,
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    version_policy: { specific: { versions: [found.version] } },
    max_batch_size: fixed ? 0 : limits.keysPerRequest,
    input: inputs.map(configured),
    output: found.outputs.map(tensorMetadata).map(configured),
    model_transaction_policy: { decoupled: false },
  }
}

const tensor = z.strictObject({ name: z.string(), data_type: z.string(), dims: z.array(z.int()) })

export const modelConfigAnswer: z.ZodType<ModelConfig> = z.strictObject({
  name: z.string(),
  platform: z.string(),
  backend: z.string(),
  version_policy: z.strictObject({ specific: z.strictObject({ versions: z.array(z.int()) }) }),
  max_batch_size: z.int(),
  input: z.array(tensor),
  output: z.array(tensor),
  model_transaction_policy: z.strictObject({ decoupled: z.boolean() }),
})
