import type { GraphValue, OnnxGraph } from '@martlet/registry'
import type { MlModel, SignatureEntry, SignatureTensor } from './ml-model.ts'

type Graph = Pick<OnnxGraph, 'inputs' | 'outputs'>

/** Element types by what they can hold. MLflow itself casts between the floats, and no other. */
const FAMILIES: Readonly<Record<string, string>> = {
  float16: 'float',
  float32: 'float',
  float64: 'float',
  float: 'float',
  double: 'float',
  int8: 'integer',
  uint8: 'integer',
  int16: 'integer',
  uint16: 'integer',
  int32: 'integer',
  uint32: 'integer',
  int64: 'integer',
  uint64: 'integer',
  integer: 'integer',
  long: 'integer',
  bool: 'boolean',
  boolean: 'boolean',
  str: 'string',
  object: 'string',
  string: 'string',
}

/** Every way in which the signature of an MLflow model is not that of its ONNX file, as a sentence. None without a signature. */
export function signatureDifferences(
  { inputs, outputs }: Pick<MlModel, 'inputs' | 'outputs'>,
  graph: Graph,
): readonly string[] {
  return [
    ...(inputs === undefined ? [] : inputDifferences(inputs, graph)),
    ...(outputs === undefined ? [] : namedDifferences('output', outputs, graph.outputs)),
  ]
}

/** Whether the file takes all columns as one matrix. */
export function isMatrix({ inputs }: Pick<OnnxGraph, 'inputs'>, columns: number): boolean {
  const [only, ...more] = inputs
  return only !== undefined && more.length === 0 && (columns > 1 || widthOf(only) !== 1)
}

function inputDifferences(entries: readonly SignatureEntry[], graph: Graph): readonly string[] {
  const columns = entries.filter((entry) => entry.kind === 'column')
  if (columns.length < entries.length || !isMatrix(graph, columns.length)) {
    const missing = graph.inputs
      .filter(({ name }) => entries.every((entry) => entry.name !== undefined && entry.name !== name))
      .map(({ name }) => `input ${JSON.stringify(name)} of the file is not in the signature.`)
    return [...namedDifferences('input', entries, graph.inputs), ...missing]
  }
  const [matrix] = graph.inputs
  if (matrix === undefined) return []
  const width = widthOf(matrix)
  const wrong = columns.filter(
    ({ type }) => familyOf(type) !== 'float' && familyOf(type) !== 'integer' && familyOf(type) !== 'boolean',
  )
  return [
    ...(typeof width === 'number' && width !== columns.length
      ? [
          `the signature has ${columns.length} columns, and input ${JSON.stringify(matrix.name)} of the file takes ${width}.`,
        ]
      : []),
    ...wrong.map(
      ({ name, type }) => `column ${JSON.stringify(name ?? '')} is ${type}, which a matrix of numbers cannot hold.`,
    ),
  ]
}

function namedDifferences(
  role: 'input' | 'output',
  entries: readonly SignatureEntry[],
  values: readonly GraphValue[],
): readonly string[] {
  const names = values.map(({ name }) => name)
  return entries.flatMap((entry, index) => {
    // An unnamed entry belongs to the only value there is; of several, nobody knows which.
    const value =
      entry.name === undefined
        ? values.length === 1
          ? values[0]
          : undefined
        : values.find(({ name }) => name === entry.name)
    if (value === undefined)
      return entry.name === undefined
        ? []
        : [`${role} ${JSON.stringify(entry.name)} of the signature is not in the file, which has ${names.join(', ')}.`]
    if (value.type.kind !== 'tensor') return []
    const called = `${role} ${JSON.stringify(entry.name ?? `${index}`)}`
    const different = familyOf(entry.type) !== familyOf(value.type.element)
    return [
      ...(different ? [`${called} is ${entry.type} in the signature and ${value.type.element} in the file.`] : []),
      ...(entry.kind === 'tensor' ? shapeDifference(called, entry, value.type.shape) : []),
    ]
  })
}

function shapeDifference(
  called: string,
  { shape }: SignatureTensor,
  actual: readonly (number | string | null)[] | null,
): readonly string[] {
  if (actual === null) return []
  const fits =
    shape.length === actual.length &&
    shape.every((size, index) => size === -1 || typeof actual[index] !== 'number' || size === actual[index])
  return fits
    ? []
    : [
        `${called} has the shape [${shape.join(', ')}] in the signature and [${actual.map((size) => size ?? '?').join(', ')}] in the file.`,
      ]
}

function familyOf(type: string): string {
  return Object.hasOwn(FAMILIES, type) ? (FAMILIES[type] ?? type) : type
}

function widthOf({ type }: GraphValue): number | string | null {
  return type.kind === 'tensor' && type.shape !== null && type.shape.length === 2 ? (type.shape[1] ?? null) : 1
}
