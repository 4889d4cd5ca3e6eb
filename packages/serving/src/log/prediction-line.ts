import type { OnlineVectors } from '@martlet/feature-store'
import type { EntityKey } from '../features/entity-keys.ts'
import { isoInstant } from '../features/instant.ts'
import type { JsonBytes } from '../features/json-bytes.ts'
import type { PreparedRead } from '../features/served-service.ts'
import type { ServableModel } from '../model/model-source.ts'
import type { PredictionWriter } from '../model/prediction-writer.ts'

/** Some rows of one prediction request, with everything that the log tells of them. */
export interface PredictionEntry {
  readonly requestId: string
  /** Microseconds since the epoch. */
  readonly at: bigint
  readonly model: ServableModel
  readonly read: PreparedRead
  readonly keys: readonly EntityKey[]
  /** The place of the first of these rows in the request. */
  readonly firstRow: number
  readonly vectors: OnlineVectors
  readonly writePrediction: PredictionWriter
}

/** Writes one line of JSON for each row of a request, each ending in a newline. */
export function writePredictionLines(out: JsonBytes, entry: PredictionEntry): void {
  const { requestId, at, model, read, keys, firstRow, vectors, writePrediction } = entry
  const head = `{"requestId":${JSON.stringify(requestId)},"time":"${isoInstant(at)}","model":${JSON.stringify(model.model)},"version":${model.version},"sha256":"${model.sha256}","service":${JSON.stringify(model.service)}`
  for (const [row, key] of keys.entries()) {
    out.json(`${head},"row":${firstRow + row},"keys":`)
    read.keys.write(out, key)
    out.json(',')
    read.writer.again(out, vectors, row, at)
    out.json(',"prediction":')
    writePrediction(out, row)
    out.json('}\n')
  }
}
