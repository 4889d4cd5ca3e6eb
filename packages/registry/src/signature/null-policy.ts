import type { VectorField } from '@martlet/feature-store'
import type { TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import type { InputMapping } from './bind-columns.ts'
import { isFloat, isWhole } from './field-types.ts'
import { nearest } from './nearest-name.ts'
import type { NullPolicy } from './signature.ts'

/** What a missing value of a field becomes in an input, and what is wrong with that. */
export function nullsOf(
  { name, nullable }: VectorField,
  input: TensorSpec,
  mapping: InputMapping,
): { readonly nulls: NullPolicy; readonly differences: readonly string[] } {
  const mapped = mapping[name]
  const nulls = nullPolicy(input, typeof mapped === 'object' ? mapped.nullAs : undefined)
  const [feature, into] = [`feature ${JSON.stringify(name)}`, `input ${JSON.stringify(input.name)}`]
  const differences: string[] = []
  if (nulls.kind === 'refused' && nullable)
    differences.push(
      `${feature} may be null and ${into} is ${input.element}, which cannot express that; ` +
        `name a stand-in, inputs: { ${JSON.stringify(name)}: { nullAs: … } }.`,
    )
  if (nulls.kind === 'value' && !fitsValue(nulls.value, input))
    differences.push(`nullAs of ${feature} is ${JSON.stringify(nulls.value)}, ${into} takes ${input.element}.`)
  return { nulls, differences }
}

/** The names in a mapping that are no features of the service. */
export function unknownInMapping(mapping: InputMapping, fields: readonly VectorField[]): readonly string[] {
  const names = fields.map(({ name }) => name)
  return Object.keys(mapping)
    .filter((name) => !names.includes(name))
    .map((name) => `inputs names ${JSON.stringify(name)}, which is not a feature of the service${nearest(name, names)}`)
}

function nullPolicy(input: TensorSpec, nullAs: string | number | boolean | undefined): NullPolicy {
  if (nullAs !== undefined) return { kind: 'value', value: nullAs }
  return isFloat(input.element) ? { kind: 'nan' } : { kind: 'refused' }
}

function fitsValue(value: string | number | boolean, { element }: TensorSpec): boolean {
  if (element === 'string') return typeof value === 'string'
  if (element === 'bool') return typeof value === 'boolean'
  return typeof value === 'number' && (!isWhole(element) || Number.isSafeInteger(value))
}
