import type { OutputCut } from '../artifact/onnx/cut-outputs.ts'
import type { GoldenRows } from '../run/golden-rows.ts'

/** Golden rows as `register` takes them. */
export interface GivenGoldenRows extends Pick<GoldenRows, 'inputs' | 'outputs'> {
  /** How far a number may be from the expected one: `absolute + relative * |expected|`. @default `{ absolute: 0, relative: 1e-5 }` */
  readonly tolerance?: { readonly absolute?: number | undefined; readonly relative?: number | undefined } | undefined
}

/**
 * Golden rows as they are compared and stored: with a tolerance, and with outputs under their names. Probabilities may also be
 * given under the name of the tensor that a ZipMap read: earlier versions named the output so.
 */
export function goldenRowsOf(
  { inputs, outputs, tolerance }: GivenGoldenRows,
  cuts: readonly OutputCut[],
  names: readonly string[],
): GoldenRows {
  const nameOf = (given: string): string => {
    if (names.includes(given)) return given
    const output = cuts.find(({ publishes }) => publishes === given)?.output
    return output === undefined || Object.hasOwn(outputs, output) ? given : output
  }
  return {
    inputs,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, values]) => [nameOf(name), values])),
    tolerance: { absolute: tolerance?.absolute ?? 0, relative: tolerance?.relative ?? 1e-5 },
  }
}
