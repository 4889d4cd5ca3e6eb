import { MartletError } from '@martlet/warehouse'
import type { FeatureRow } from './feature-rows.ts'
import type { ModelRunner } from './model-runner.ts'
import type { Tensor } from '../runtime/onnx-runtime.ts'
import type { ModelSignature } from '../signature/signature.ts'

export type Scalar = number | bigint | string | boolean

/** What an output has for one row: one value, one per column, or arrays in arrays for more dimensions. */
export type OutputValue = Scalar | readonly OutputValue[]

/** Rows that the trainer predicted, to check that the same file gives the same answers elsewhere. */
export interface GoldenRows {
  readonly inputs: readonly FeatureRow[]
  /** Expected values by output name, one entry per row. Outputs that are left out are not compared. */
  readonly outputs: Readonly<Record<string, readonly OutputValue[]>>
  /** A number agrees when it is within `absolute + relative * |expected|`; other values must be equal. */
  readonly tolerance: { readonly absolute: number; readonly relative: number }
}

export interface Replay {
  readonly rows: number
  readonly outputs: readonly string[]
  /** The largest |predicted − expected|; 0 when no numbers were compared. */
  readonly largestDifference: number
}

const MAX_SHOWN = 5

/**
 * Predicts the golden rows again and compares the answers.
 *
 * @throws MartletError GOLDEN_ROWS_INVALID when the golden rows check nothing
 * @throws MartletError GOLDEN_ROWS_DISAGREE when an answer is another one
 */
export async function replayGoldenRows(
  model: string,
  signature: ModelSignature,
  runner: ModelRunner,
  golden: GoldenRows,
): Promise<Replay> {
  checkGoldenRows(model, signature, golden)
  const predicted = await runner.predict(golden.inputs)
  const compared = Object.entries(golden.outputs).flatMap(([name, expected]) => {
    const tensor = predicted[name]
    return tensor === undefined
      ? []
      : expected.map((value, row) => compareRow(name, row, value, tensor, golden.tolerance))
  })
  const misses = compared.flatMap((row) => row.misses)
  const largestDifference = compared.reduce((most, row) => Math.max(most, row.largest), 0)
  if (misses.length === 0)
    return { rows: golden.inputs.length, outputs: Object.keys(golden.outputs), largestDifference }
  const shown = misses.slice(0, MAX_SHOWN).map((miss) => `- ${miss}`)
  const more = misses.length > MAX_SHOWN ? [`- and ${misses.length - MAX_SHOWN} more`] : []
  const lines = [
    `Model ${model} does not give the answers that its trainer got:`,
    ...shown,
    ...more,
    'Check that the rows are in vector order and that the file is an export of the same model; ' +
      'widen the tolerance only if the difference is rounding.',
  ]
  throw new MartletError('GOLDEN_ROWS_DISAGREE', lines.join('\n'), {
    data: { model, misses: misses.length, largestDifference },
  })
}

/** Compares the answer to one row with the expected one. */
function compareRow(
  output: string,
  row: number,
  expected: OutputValue,
  tensor: Tensor,
  tolerance: GoldenRows['tolerance'],
): { readonly misses: readonly string[]; readonly largest: number } {
  const want = valuesIn(expected)
  const got = rowOf(tensor, row)
  const where = `row ${row} of ${JSON.stringify(output)}`
  if (want.length !== got.length)
    return { misses: [`${where}: expected ${want.length} values, got ${got.length}`], largest: 0 }
  const differences = want.map((value, column) => differenceOf(got[column], value))
  const misses = want.flatMap((value, column) => {
    const difference = differences[column] ?? Number.NaN
    if (difference === 0 || difference <= allowance(value, tolerance)) return []
    const at = want.length > 1 ? `${where} column ${column}` : where
    return [`${at}: expected ${String(value)}, got ${String(got[column])}`]
  })
  return { misses, largest: Math.max(0, ...differences.filter(Number.isFinite)) }
}

/**
 * Refuses golden rows that check nothing.
 *
 * @throws MartletError GOLDEN_ROWS_INVALID when rows or outputs are missing, or do not belong together
 */
export function checkGoldenRows(
  model: string,
  signature: ModelSignature,
  { inputs, outputs, tolerance }: GoldenRows,
): void {
  const problems: string[] = []
  const known = signature.outputs.map(({ name }) => name)
  if (inputs.length === 0) problems.push('there are no rows')
  if (Object.keys(outputs).length === 0) problems.push('no output is given')
  for (const [name, values] of Object.entries(outputs)) {
    const output = JSON.stringify(name)
    if (!known.includes(name))
      problems.push(`the model has no output ${output}, only ${known.map((one) => JSON.stringify(one)).join(', ')}`)
    if (values.length !== inputs.length)
      problems.push(`output ${output} has ${values.length} values for ${inputs.length} rows`)
  }
  for (const [name, value] of Object.entries(tolerance))
    if (!(value >= 0 && Number.isFinite(value))) problems.push(`tolerance.${name} is ${value}`)
  if (problems.length === 0) return
  throw new MartletError(
    'GOLDEN_ROWS_INVALID',
    `The golden rows of model ${model} check nothing: ${problems.join('; ')}.`,
    { data: { model, problems } },
  )
}

/** How far a prediction may be from the expected value; 0 for infinite numbers and for other values. */
export function allowance(expected: Scalar, { absolute, relative }: GoldenRows['tolerance']): number {
  return typeof expected === 'number' && Number.isFinite(expected) ? absolute + relative * Math.abs(expected) : 0
}

/** 0 for equal values (NaN equals NaN), the distance of numbers, NaN for other values that differ. */
export function differenceOf(got: Scalar | undefined, want: Scalar): number {
  if (got === want || Object.is(got, want)) return 0
  if (typeof want === 'boolean') return Number(got) === Number(want) ? 0 : Number.NaN
  if (typeof got === 'number' && typeof want === 'number') return Math.abs(got - want)
  if (typeof got === 'bigint' || typeof want === 'bigint') return String(got) === String(want) ? 0 : Number.NaN
  return Number.NaN
}

/** The values of one row of a tensor. */
export function rowOf(tensor: Tensor, row: number): readonly Scalar[] {
  const width = tensor.dims.slice(1).reduce((product, size) => product * size, 1)
  return Array.from({ length: width }, (_, column) => tensor.data[row * width + column] ?? Number.NaN)
}

function valuesIn(value: OutputValue): readonly Scalar[] {
  return isArray(value) ? value.flatMap(valuesIn) : [value]
}

function isArray(value: OutputValue): value is readonly OutputValue[] {
  return Array.isArray(value)
}
