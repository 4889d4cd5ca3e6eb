import { MartletError } from '@martlet/warehouse'
import type { ServicePlan, VectorField } from '../plan/view-plan.ts'

/** The error for a row, a view or a field that vectors do not have. */
export function notInVectors(service: ServicePlan, what: string, index: number, count: number): MartletError {
  return new MartletError(
    'NOT_IN_VECTORS',
    `There is no ${what} ${index}. The vectors of service ${service.name} have ${count}, counted from 0.`,
    { data: { [what]: index, count } },
  )
}

/**
 * Checks that a field can be written into an array of numbers.
 * @throws MartletError FIELD_NOT_NUMERIC when the field is text
 * @throws MartletError BAD_FILL_TARGET when the rows do not fit into the target
 */
export function checkFill(
  field: VectorField | undefined,
  rows: number,
  target: Float32Array | Float64Array,
  offset: number,
  stride: number,
): void {
  if (field?.type === 'text') {
    throw new MartletError(
      'FIELD_NOT_NUMERIC',
      `${field.name} is text and cannot go into a numeric vector. Leave it out, or encode it in the view.`,
      { data: { field: field.name } },
    )
  }
  const last = offset + (rows - 1) * stride
  if (!Number.isInteger(offset) || !Number.isInteger(stride) || offset < 0 || stride < 1 || last >= target.length) {
    throw new MartletError(
      'BAD_FILL_TARGET',
      `${rows} rows at offset ${offset} with stride ${stride} do not fit into ${target.length} numbers. ` +
        'Pass a longer array, or a whole offset from 0 and a whole stride from 1.',
      { data: { rows, offset, stride, length: target.length } },
    )
  }
}
