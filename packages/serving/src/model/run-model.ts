import { MartletError } from '@martlet/warehouse'
import { Problem } from '../http/problem.ts'
import type { Exchange } from '../http/visit.ts'
import type { FeatureMatrix, OutputTensor, ServableModel } from './model-source.ts'

export type Outputs = Readonly<Record<string, OutputTensor>>

/** Rows that a model refuses and that are named in one answer. */
const namedRows = 20

/**
 * Runs a model on some rows of a request. What the rows are to blame for is a 422 problem that names them; a model that takes
 * too long or too much memory is a problem that says so.
 *
 * @param firstRow the place of the first row among the keys of the request
 * @param ran called with what a run took
 */
export async function runModel(
  exchange: Exchange,
  model: ServableModel,
  vectors: FeatureMatrix,
  firstRow: number,
  ran: (rows: number, milliseconds: number) => void,
): Promise<Outputs> {
  const startedAt = performance.now()
  try {
    const outputs = await model.predict(vectors)
    ran(vectors.rows, performance.now() - startedAt)
    return outputs
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    throw await problemOfRun(exchange, model, vectors, error, firstRow)
  }
}

async function problemOfRun(
  exchange: Exchange,
  model: ServableModel,
  vectors: FeatureMatrix,
  error: MartletError,
  firstRow: number,
): Promise<unknown> {
  const name = `version ${model.version} of model ${model.model}`
  switch (error.code) {
    case 'FEATURE_VALUE_INVALID': {
      const row = error.data['row']
      if (typeof row !== 'number') return new Problem(422, error.code, error.message)
      return refusal(error.code, [{ row: firstRow + row, reason: error.message }])
    }
    case 'MODEL_RUN_FAILED':
    case 'OUTPUT_SHAPE': {
      const rows = await refusedRows(exchange, model, vectors)
      if (rows.length === 0) {
        const detail = `${name} answers each of these rows alone but fails on them together; send them one by one, and have its trainer look at it`
        return new Problem(422, 'MODEL_REFUSES_BATCH', detail, { path: 'keys' })
      }
      const named = rows.map(({ row, reason }) => ({
        row: firstRow + row,
        reason: `${name} fails on the features of this row: ${reason}`,
      }))
      return refusal('MODEL_REFUSES_ROW', named)
    }
    case 'MODEL_TIME_LIMIT':
      return new Problem(504, error.code, `${name} took longer over these rows than it may, and was stopped`, {
        path: 'keys',
      })
    case 'MODEL_MEMORY_LIMIT':
      return new Problem(
        422,
        error.code,
        `${name} needs more memory for these rows than it may have and was stopped; send fewer keys`,
        {
          path: 'keys',
        },
      )
    case 'MODEL_CRASHED':
    case 'MODEL_INTERRUPTED':
    case 'MODEL_BUSY':
      return new Problem(503, error.code, `${name} could not finish these rows; try again shortly`, { retryAfter: 1 })
    default:
      return error
  }
}

interface RefusedRow {
  readonly row: number
  readonly reason: string
}

function refusal(code: string, rows: readonly RefusedRow[]): Problem {
  const problems = rows.map(({ row, reason }) => ({ path: `keys[${row}]`, detail: reason }))
  const [first] = problems
  return new Problem(422, code, `${first?.path ?? 'keys'}: ${first?.detail ?? ''}`, {
    path: first?.path ?? 'keys',
    problems,
  })
}

/** The rows that fail when they run alone, found by halving; each costs a run, so the search ends with the deadline. */
async function refusedRows(
  exchange: Exchange,
  model: ServableModel,
  vectors: FeatureMatrix,
): Promise<readonly RefusedRow[]> {
  const found: RefusedRow[] = []
  const parts = [{ from: 0, to: vectors.rows }]
  for (let part = parts.pop(); part !== undefined && found.length < namedRows; part = parts.pop()) {
    const { from, to } = part
    exchange.check()
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

/** Some rows of a matrix, as a matrix. */
export function rowsOf(vectors: FeatureMatrix, from: number, to: number): FeatureMatrix {
  return { rows: to - from, value: (row, field) => vectors.value(from + row, field) }
}

/** What the runtime says, without where in its own code it says it. */
function reasonOf(error: MartletError): string {
  const cause = error.cause instanceof Error ? error.cause.message : error.message
  const status = /Status Message: (.+)/s.exec(cause)?.[1] ?? cause
  return status
    .replace(/\S*\/\S+\.(cc|h|cpp):\d+\s*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}
