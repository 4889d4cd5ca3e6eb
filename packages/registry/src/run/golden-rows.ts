import { MartletError } from '@martlet/warehouse'
import type { FeatureRow } from './feature-rows.ts'
import type { ModelRunner } from './model-runner.ts'
import type { Tensor } from '../runtime/onnx-runtime.ts'
import type { ModelSignature } from '../signature/signature.ts'

export type Scalar = number | bigint | string | boolean

/** What an output holds for one row: one value, or one a column. */
export type OutputValue = Scalar | readonly Scalar[]

/** Rows that the trainer predicted, so that others can see the same file give the same answers. */
export interface GoldenRows {
  readonly inputs: readonly FeatureRow[]
  /** Expected values by output name, one entry a row. Outputs left out are not compared. */
  readonly outputs: Readonly<Record<string, readonly OutputValue[]>>
  /** A number agrees when it is within `absolute + relative * |expected|`; other values must be equal. */
  readonly tolerance: { readonly absolute: number; readonly relative: number }
}

export interface Replay {
  readonly rows: number
  readonly outputs: readonly string[]
  /** The largest |predicted − expected| met, 0 when nothing numeric was compared. */
  readonly largestDifference: number
}

const MAX_SHOWN = 5

/** Predicts the golden rows again. Rejects with `GOLDEN_ROWS_DISAGREE` when an answer is another. */
export async function replayGoldenRows(
  model: string,
  signature: ModelSignature,
  runner: ModelRunner,
  golden: GoldenRows,
): Promise<Replay> {
  checkGoldenRows(model, signature, golden)
  const predicted = await runner.predict(golden.inputs)
  const misses: string[] = []
  let largest = 0
  for (const [name, expected] of Object.entries(golden.outputs)) {
    const tensor = predicted[name]
    if (tensor === undefined) continue
    expected.forEach((value, row) => {
      const want = isColumns(value) ? value : [value]
      const got = rowOf(tensor, row)
      if (want.length !== got.length)
        misses.push(`row ${row} of ${JSON.stringify(name)}: expected ${want.length} values, got ${got.length}`)
      else
        want.forEach((expectedValue, column) => {
          const gotValue = got[column]
          const difference = differenceOf(gotValue, expectedValue)
          if (Number.isFinite(difference)) largest = Math.max(largest, difference)
          if (!(difference === 0 || difference <= allowance(expectedValue, golden.tolerance)))
            misses.push(
              `row ${row} of ${JSON.stringify(name)}${want.length > 1 ? ` column ${column}` : ''}: expected ${String(expectedValue)}, got ${String(gotValue)}`,
            )
        })
    })
  }
  if (misses.length === 0)
    return { rows: golden.inputs.length, outputs: Object.keys(golden.outputs), largestDifference: largest }
  const more = misses.length > MAX_SHOWN ? `\n- and ${misses.length - MAX_SHOWN} more` : ''
  throw new MartletError(
    'GOLDEN_ROWS_DISAGREE',
    `Model ${model} does not give the answers its trainer got:\n- ${misses.slice(0, MAX_SHOWN).join('\n- ')}${more}\nCheck that the rows are in vector order and the export is of the same model; widen the tolerance only if the difference is rounding.`,
    { data: { model, misses: misses.length, largestDifference: largest } },
  )
}

/** Refuses golden rows that compare nothing (`GOLDEN_ROWS_INVALID`). */
export function checkGoldenRows(
  model: string,
  signature: ModelSignature,
  { inputs, outputs, tolerance }: GoldenRows,
): void {
  const problems: string[] = []
  if (inputs.length === 0) problems.push('there are no rows')
  if (Object.keys(outputs).length === 0) problems.push('no output is given')
  for (const [name, values] of Object.entries(outputs)) {
    if (!signature.outputs.some((output) => output.name === name))
      problems.push(
        `the model has no output ${JSON.stringify(name)}, only ${signature.outputs.map((output) => JSON.stringify(output.name)).join(', ')}`,
      )
    if (values.length !== inputs.length)
      problems.push(`output ${JSON.stringify(name)} has ${values.length} values for ${inputs.length} rows`)
  }
  for (const [name, value] of Object.entries(tolerance))
    if (!(value >= 0 && Number.isFinite(value))) problems.push(`tolerance.${name} is ${value}`)
  if (problems.length > 0)
    throw new MartletError(
      'GOLDEN_ROWS_INVALID',
      `The golden rows of model ${model} check nothing: ${problems.join('; ')}.`,
      {
        data: { model, problems },
      },
    )
}

/** How far a prediction may lie from a number; an infinite one must be met exactly. */
export function allowance(expected: Scalar, { absolute, relative }: GoldenRows['tolerance']): number {
  return typeof expected === 'number' && Number.isFinite(expected) ? absolute + relative * Math.abs(expected) : 0
}

/** 0 for equal values (NaN equals NaN), the distance of numbers, NaN for values that differ otherwise. */
export function differenceOf(got: Scalar | undefined, want: Scalar): number {
  if (got === want || Object.is(got, want)) return 0
  if (typeof want === 'boolean') return Number(got) === Number(want) ? 0 : Number.NaN
  if (typeof got === 'number' && typeof want === 'number') return Math.abs(got - want)
  if (typeof got === 'bigint' || typeof want === 'bigint') return String(got) === String(want) ? 0 : Number.NaN
  return Number.NaN
}

export function rowOf(tensor: Tensor, row: number): readonly Scalar[] {
  const width = tensor.dims.slice(1).reduce((product, size) => product * size, 1)
  return Array.from({ length: width }, (_, column) => tensor.data[row * width + column] ?? Number.NaN)
}

function isColumns(value: OutputValue): value is readonly Scalar[] {
  return Array.isArray(value)
}
