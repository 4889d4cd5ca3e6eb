import type { OnlineVectors } from '@martlet/feature-store'
import type { EntityKey } from '../features/entity-keys.ts'
import { isoInstant } from '../features/instant.ts'
import type { PreparedRead } from '../features/served-service.ts'
import type { ServableModel } from '../model/model-source.ts'

/** Everything about one prediction request that the log tells. */
export interface PredictionEntry {
  readonly requestId: string
  /** Microseconds since the epoch. */
  readonly at: bigint
  readonly model: ServableModel
  readonly read: PreparedRead
  readonly keys: readonly EntityKey[]
  readonly vectors: OnlineVectors
  writePrediction(row: number): string
}

/** One line of JSON for each row of a request, each ending in a newline. */
export function predictionLines(entry: PredictionEntry): string {
  const { requestId, at, model, read, keys, vectors, writePrediction } = entry
  const head = `{"requestId":${JSON.stringify(requestId)},"time":"${isoInstant(at)}","model":${JSON.stringify(model.model)},"version":${model.version},"sha256":"${model.sha256}","service":${JSON.stringify(model.service)}`
  let text = ''
  for (const [row, key] of keys.entries()) {
    text += `${head},"row":${row},"keys":${read.keys.json(key)},"features":${vectors.json(row)},"missing":${missing(read, vectors, row)},"featureTimes":${times(read, vectors, row)},"prediction":${writePrediction(row)}}\n`
  }
  return text
}

function missing(read: PreparedRead, vectors: OnlineVectors, row: number): string {
  const entries = read.fields.flatMap((field, index): [string, string][] => {
    const status = vectors.status(row, index)
    return status === 'PRESENT' ? [] : [[field.name, status]]
  })
  return JSON.stringify(Object.fromEntries(entries))
}

function times(read: PreparedRead, vectors: OnlineVectors, row: number): string {
  const entries = read.plan.views.map(({ view }, index): [string, string | null] => {
    const time = vectors.featureTime(row, index)
    return [view.name, time === undefined ? null : isoInstant(time)]
  })
  return JSON.stringify(Object.fromEntries(entries))
}
