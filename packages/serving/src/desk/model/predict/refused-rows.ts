import { MartletError } from '@martlet/warehouse'
import type { RequestContext } from '../../request-context.ts'
import type { FeatureMatrix, ServableModel } from '../model-source.ts'

export interface RefusedRow {
  readonly row: number
  readonly reason: string
}

/** Refused rows that one answer names. */
const NAMED_ROWS = 20

/** The rows on which a model fails alone, found by halving. Every part costs a run, so the search ends with the deadline. */
export async function findRefusedRows(
  context: RequestContext,
  model: ServableModel,
  vectors: FeatureMatrix,
): Promise<readonly RefusedRow[]> {
  const found: RefusedRow[] = []
  const parts = [{ from: 0, to: vectors.rows }]
  for (let part = parts.pop(); part !== undefined && found.length < NAMED_ROWS; part = parts.pop()) {
    const { from, to } = part
    context.check()
    try {
      await model.predict(rowsOf(vectors, from, to))
    } catch (error) {
      if (!(error instanceof MartletError)) throw error
      const middle = (from + to) >>> 1
      if (to - from === 1) found.push({ row: from, reason: reasonOf(error) })
      else parts.push({ from: middle, to }, { from, to: middle })
    }
  }
  return found
}

function rowsOf(vectors: FeatureMatrix, from: number, to: number): FeatureMatrix {
  return { rows: to - from, value: (row, field) => vectors.value(from + row, field) }
}

/** Why, in plain words where the error has them; else the runtime's message without the places in its own source code. */
export function reasonOf({ data, cause, message }: MartletError): string {
  const reason = data['reason']
  if (typeof reason === 'string') return reason
  const said = cause instanceof Error ? cause.message : message
  const status = /Status Message: (.+)/s.exec(said)?.[1] ?? said
  return status
    .replace(/\S*\/\S+\.(cc|h|cpp):\d+\s*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}
