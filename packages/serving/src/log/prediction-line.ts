import type { RequestRow } from '@martlet/feature-store'
import { isoInstant } from '../desk/features/instant.ts'
import type { JsonBytes } from '../desk/json/json-bytes.ts'
import type { PredictionEntry } from '../desk/model/predict/prediction-sink.ts'
import { definitionHashes } from './definition-hashes.ts'

/** Writes one line of JSON per row, each ending in a newline; with what the request brought for it where that is wanted. */
export function writePredictionLines(out: JsonBytes, entry: PredictionEntry, withRequest: boolean): void {
  const { at, read, keys, asked, firstRow, vectors, writePrediction } = entry
  const head = headOf(entry)
  for (const [row, key] of keys.entries()) {
    out.json(`${head},"row":${firstRow + row},"keys":`)
    read.keys.write(out, key)
    const brought = withRequest ? asked.request?.[row] : undefined
    out.json(brought === undefined ? ',' : `,"request":${requestJson(brought)},`)
    read.writer.again(out, vectors, row, at)
    out.json(',"prediction":')
    writePrediction(out, row)
    out.json('}\n')
  }
}

function requestJson(brought: RequestRow): string {
  const values = Object.entries(brought).map(
    ([name, value]) =>
      `${JSON.stringify(name)}:${typeof value === 'bigint' ? value.toString() : JSON.stringify(value ?? null)}`,
  )
  return `{${values.join(',')}}`
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
