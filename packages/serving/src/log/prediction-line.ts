import { isoInstant } from '../desk/features/instant.ts'
import type { JsonBytes } from '../desk/json/json-bytes.ts'
import type { PredictionEntry } from '../desk/model/predict/prediction-sink.ts'
import { definitionHashes } from './definition-hashes.ts'

/** Writes one line of JSON per row, each ending in a newline. */
export function writePredictionLines(out: JsonBytes, entry: PredictionEntry): void {
  const { at, read, keys, firstRow, vectors, writePrediction } = entry
  const head = headOf(entry)
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

/** What the lines of one request share. */
function headOf({
  requestId,
  traceId,
  at,
  read,
  model: { model, version, sha256, service },
  trial,
}: PredictionEntry): string {
  const head = JSON.stringify({
    requestId,
    traceId,
    time: isoInstant(at),
    model,
    version,
    sha256,
    service,
    definitions: definitionHashes(read.plan),
    ...trial,
  })
  return head.slice(0, -1)
}
