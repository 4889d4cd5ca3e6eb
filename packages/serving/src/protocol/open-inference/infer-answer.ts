import { z } from 'zod'
import { nearestName } from '@martlet/warehouse'
import type { Desk } from '../../desk/desk.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'
import type { ModelTensors, OutputTensor, ServableModel } from '../../desk/model/model-source.ts'
import type { RequestContext } from '../../desk/request-context.ts'
import { shown } from '../../desk/shown.ts'
import type { Work } from '../../desk/turns.ts'
import type { Answer } from '../../http/exchange.ts'
import { classesOf } from './classification.ts'
import { datatypeOf, type Datatype } from './datatypes.ts'
import { halfOf } from './half.ts'
import { LENGTH_HEADER } from './header-length.ts'
import type { InferRequest, RequestedOutput } from './infer-request.ts'
import { invalid } from './invalid.ts'
import { binaryTensor } from './tensor-binary.ts'
import { writeJsonValues } from './tensor-json.ts'

type Parameter = string | number | boolean

/** What a model answered, ready to be written. */
export interface Inferred {
  readonly model: ServableModel
  readonly outputs: Readonly<Record<string, OutputTensor>>
  readonly parameters?: Readonly<Record<string, Parameter>>
}

interface Written {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: ArrayLike<number | bigint | string>
  readonly binary: boolean
}

/** Values that are written before other requests get a turn. */
const VALUES_PER_TURN = 25_000

/**
 * The answer to a request: JSON, or JSON and the bytes of binary outputs.
 *
 * @throws Problem 400 when it asks for an output that there is not
 */
export async function inferAnswer(
  desk: Desk,
  context: RequestContext,
  request: InferRequest,
  inferred: Inferred,
): Promise<Answer> {
  const outputs = chosen(request, inferred)
  const values = outputs.reduce((sum, { data }) => sum + data.length, 0)
  const work = values > VALUES_PER_TURN ? context.begin() : undefined
  const out = work === undefined ? desk.buffers.shared : desk.buffers.borrow()
  out.clear()
  try {
    writeHead(out, request, inferred)
    const bytes: Uint8Array[] = []
    for (const [index, output] of outputs.entries()) {
      out.json(index === 0 ? '{' : ',{')
      out.json(
        `"name":${JSON.stringify(output.name)},"datatype":"${output.datatype}","shape":[${output.shape.join(',')}],`,
      )
      if (output.binary) {
        const tensor = binaryTensor(output.datatype, output.data)
        bytes.push(tensor)
        out.json(`"parameters":{"binary_data_size":${tensor.length}}}`)
        continue
      }
      out.json('"data":[')
      // Without long work, nothing is awaited between `clear` and `take`, since the buffer is shared.
      if (work === undefined) writeJsonValues(out, output.datatype, output.data, 0, output.data.length)
      else await writeInTurns(out, output, work, context)
      out.json(']}')
    }
    out.json(']}')
    const json = out.take()
    if (!outputs.some(({ binary }) => binary)) return json
    const head = Buffer.from(json)
    return {
      status: 200,
      body: Buffer.concat([head, ...bytes]),
      contentType: 'application/octet-stream',
      headers: { [LENGTH_HEADER]: String(head.length) },
    }
  } finally {
    if (work !== undefined) {
      work.end()
      desk.buffers.giveBack(out)
    }
  }
}

async function writeInTurns(
  out: JsonBytes,
  { datatype, data }: Written,
  work: Work,
  context: RequestContext,
): Promise<void> {
  for (let from = 0; from < data.length; from += VALUES_PER_TURN) {
    await work.turn()
    context.check()
    writeJsonValues(out, datatype, data, from, Math.min(from + VALUES_PER_TURN, data.length))
  }
}

function writeHead(out: JsonBytes, { id }: InferRequest, { model, parameters }: Inferred): void {
  out.json('{')
  if (id !== undefined) out.json(`"id":${JSON.stringify(id)},`)
  out.json(`"model_name":${JSON.stringify(model.model)},"model_version":"${model.version}",`)
  if (parameters !== undefined) out.json(`"parameters":${JSON.stringify(parameters)},`)
  out.json('"outputs":[')
}

function chosen({ outputs, binaryOutputs }: InferRequest, { model, outputs: all }: Inferred): readonly Written[] {
  const asked: readonly RequestedOutput[] =
    outputs ?? Object.keys(all).map((name) => ({ place: 'outputs', name, binary: binaryOutputs, classes: undefined }))
  return asked.map((output) => {
    const tensor = Object.hasOwn(all, output.name) ? all[output.name] : undefined
    if (tensor === undefined) throw unknownOutput(output, model, Object.keys(all))
    return written(output, tensor, model.tensors)
  })
}

/**
 * Checks that a model has all outputs that a request names, before it runs.
 *
 * @throws Problem 400 that names the output
 */
export function checkOutputs({ outputs = [] }: InferRequest, model: ServableModel): void {
  const known = model.tensors?.outputs.map(({ name }) => name)
  if (known === undefined) return
  for (const output of outputs) if (!known.includes(output.name)) throw unknownOutput(output, model, known)
}

function written(
  { place, name, binary, classes }: RequestedOutput,
  tensor: OutputTensor,
  tensors?: ModelTensors,
): Written {
  const slot = tensors?.outputs.find((output) => output.name === name)
  // Features go in, and halves come out, as float32; the protocol answers what the metadata say.
  const toHalf = slot?.element === 'float16' && tensor.element === 'float32'
  const datatype = datatypeOf(toHalf ? 'float16' : tensor.element)
  if (datatype === undefined)
    throw invalid(place, `has the element type ${tensor.element}, which the protocol does not have`)
  const data = toHalf ? Array.from(tensor.data, (value) => halfOf(Number(value))) : tensor.data
  if (classes === undefined) return { name, datatype, shape: tensor.dims, data, binary }
  const batched = tensors === undefined || tensors.batch === null
  const found = classesOf(datatype, { ...tensor, data }, slot?.labels ?? null, classes, batched, place)
  return { name, datatype: 'BYTES', ...found, binary }
}

function unknownOutput({ place, name }: RequestedOutput, { model }: ServableModel, names: readonly string[]) {
  const suggestion = nearestName(name, names)
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
  return invalid(
    `${place}.name`,
    `is ${shown(name)}, which is not an output of model ${model}; it has ${names.join(', ')}${hint}`,
  )
}

const parameter = z.union([z.string(), z.number(), z.boolean()])

export const inferAnswerSchema: z.ZodType = z
  .strictObject({
    id: z.string().optional(),
    model_name: z.string(),
    model_version: z.string(),
    parameters: z.record(z.string(), parameter).optional(),
    outputs: z.array(
      z.strictObject({
        name: z.string(),
        datatype: z.string(),
        shape: z.array(z.int()),
        data: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
      }),
    ),
  })
  .meta({
    description:
      'With binary outputs: `application/octet-stream`, this JSON and after it their bytes; the header ' +
      'Inference-Header-Content-Length says how long the JSON is.',
  })
