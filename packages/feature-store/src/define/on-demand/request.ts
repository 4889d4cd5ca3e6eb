import { freezeDeep } from '../../plan/canonical-json.ts'
import type { RequestColumn } from '../../plan/on-demand-plan.ts'
import { evaluate, invalid } from '../invalid-definition.ts'
import { checkName, checkNotReserved } from '../names.ts'
import { sourceColumns, type Row, type RowOf, type Shape } from '../sources/columns.ts'

/** Values that come with a request, and that the spine of a training set has as columns. */
export interface RequestValues<R extends Row> {
  readonly kind: 'request'
  readonly columns: readonly RequestColumn[]
  readonly '~row'?: R
}

/**
 * Declares values that come with a request; in a training set, they are columns of the spine. A value that may be left
 * out is `.optional()` or `.nullable()`, and null where it is. Throws INVALID_DEFINITION.
 *
 * @example const trip = request({ km: z.number().positive(), promised_at: z.date().optional() })
 */
export function request<const S extends Shape>(shape: S): RequestValues<RowOf<S>> {
  const columns = freezeDeep(evaluate({}, 'request() is wrong', () => columnsOf(shape)))
  return Object.freeze({ kind: 'request', columns })
}

function columnsOf(shape: Shape): readonly RequestColumn[] {
  const columns = sourceColumns(shape, {})
  for (const { name } of columns) {
    const place = { column: name }
    checkName(name, 'the name', place)
    checkNotReserved(name, 'the name', place)
    if (name === 'features')
      throw invalid(place, "a request over HTTP names features with 'features'; choose another name for the value")
  }
  return columns
}
