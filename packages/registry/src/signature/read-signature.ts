import type { ServicePlan } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { TensorGraph } from '../artifact/onnx/tensor-graph.ts'
import type { InputMapping } from './bind-columns.ts'
import { bindFields } from './bind-fields.ts'
import { serviceFields } from './service-fields.ts'
import { labelsOf, namedClasses } from './output-labels.ts'
import type { ModelSignature } from './signature.ts'

/**
 * Reads a model's signature and checks it against the vector of a service.
 *
 * @throws MartletError SIGNATURE_MISMATCH when they do not fit; `data.differences` has a sentence for every difference
 */
export function readSignature(model: TensorGraph, service: ServicePlan, inputs?: InputMapping): ModelSignature {
  const bound = bindFields(model, serviceFields(service), inputs)
  const sizes = new Set(model.inputs.map(({ shape }) => shape?.[0]).filter((size) => typeof size === 'number'))
  const differences = [...bound.differences]
  if (sizes.size > 1)
    differences.push(
      `inputs fix different numbers of rows: ${[...sizes].join(', ')}; all inputs of a run have one row per entity.`,
    )
  if (sizes.has(0)) differences.push('the model fixes the number of rows at 0.')
  for (const { name, shape } of model.outputs)
    if (shape?.length === 0)
      differences.push(
        `output ${JSON.stringify(name)} is one value for the whole batch; one row in must give one row out.`,
      )
  const named = namedClasses(model, differences)
  if (differences.length > 0)
    throw new MartletError(
      'SIGNATURE_MISMATCH',
      `The model does not fit feature service ${JSON.stringify(service.name)}:\n- ${differences.join('\n- ')}`,
      { data: { service: service.name, differences } },
    )
  return {
    layout: bound.layout,
    inputs: model.inputs,
    outputs: model.outputs.map((output) => ({ ...output, labels: labelsOf(model, output, named) })),
    fields: bound.fields,
    batch: [...sizes][0] ?? null,
    opsets: model.graph.opsets,
  }
}
