import { MartletError } from '@martlet/warehouse'
import { Problem } from '../../problem.ts'
import type { RequestContext } from '../../request-context.ts'
import { sentence } from '../../sentence.ts'
import type { FeatureMatrix, ServableModel } from '../model-source.ts'
import type { ModelRuns } from './model-runs.ts'
import { findRefusedRows, type RefusedRow } from './refused-rows.ts'
import type { Ran } from './shared-runs.ts'

/**
 * Runs a model on some rows of a request.
 *
 * @param firstRow the place of the first row among the keys of the request
 * @param alone whether no other request is at this model now
 * @throws Problem 422 naming the rows that the model refuses; 503 or 504 when it needs too much time or memory
 */
export async function runModel(
  context: RequestContext,
  model: ServableModel,
  { runs }: ModelRuns,
  vectors: FeatureMatrix,
  firstRow: number,
  alone: boolean,
): Promise<Ran> {
  try {
    return await runs.run(context, vectors, alone)
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    throw await problemOfRun(context, model, vectors, error, firstRow)
  }
}

async function problemOfRun(
  context: RequestContext,
  model: ServableModel,
  vectors: FeatureMatrix,
  error: MartletError,
  firstRow: number,
): Promise<unknown> {
  const name = `version ${model.version} of model ${model.model}`
  const keys = { path: 'keys' }
  switch (error.code) {
    case 'FEATURE_VALUE_INVALID': {
      const row = error.data['row']
      if (typeof row !== 'number') return new Problem(422, error.code, error.message)
      return refusal(error.code, [{ row: firstRow + row, reason: error.message }])
    }
    case 'MODEL_RUN_FAILED':
    case 'OUTPUT_SHAPE': {
      const rows = await findRefusedRows(context, model, vectors)
      if (rows.length === 0) {
        const detail = `The rows work one by one, but ${name} fails on them together. Send them one by one, and inform its trainer.`
        return new Problem(422, 'MODEL_REFUSES_BATCH', detail, keys)
      }
      const named = rows.map(({ row, reason }) => ({
        row: firstRow + row,
        reason: sentence(`${name} fails on the features of this row: ${reason}`),
      }))
      return refusal('MODEL_REFUSES_ROW', named)
    }
    case 'MODEL_TIME_LIMIT':
      return new Problem(
        504,
        error.code,
        sentence(`${name} exceeded its time limit on these rows and was stopped. Send fewer keys.`),
        keys,
      )
    case 'MODEL_MEMORY_LIMIT': {
      const detail = sentence(`${name} exceeded its memory limit on these rows and was stopped. Send fewer keys.`)
      return new Problem(422, error.code, detail, keys)
    }
    case 'MODEL_CRASHED':
    case 'MODEL_INTERRUPTED':
    case 'MODEL_BUSY': {
      const detail = sentence(`${name} could not finish these rows. Try again shortly.`)
      return new Problem(503, error.code, detail, { retryAfter: 1 })
    }
    default:
      return error
  }
}

function refusal(code: 'FEATURE_VALUE_INVALID' | 'MODEL_REFUSES_ROW', rows: readonly RefusedRow[]): Problem {
  const problems = rows.map(({ row, reason }) => ({ path: `keys[${row}]`, detail: reason }))
  const [first] = problems
  return new Problem(422, code, `${first?.path ?? 'keys'}: ${first?.detail ?? ''}`, {
    path: first?.path ?? 'keys',
    problems,
  })
}
