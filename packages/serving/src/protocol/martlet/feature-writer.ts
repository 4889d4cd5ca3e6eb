import type { OnlineVectors } from '@martlet/feature-store'
import type { EntityKey } from '../../desk/features/key-reader.ts'
import type { PreparedRead } from '../../desk/features/prepared-read.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'

const NEXT_ROW = Buffer.from(',{"keys":')
const FIRST_ROW = NEXT_ROW.subarray(1)
const COMMA = Buffer.from(',')
const END_OF_ROW = Buffer.from('}')

export function writeHead(out: JsonBytes, read: PreparedRead): void {
  out.json(`{"service":${JSON.stringify(read.plan.name)},"rows":[`)
}

/** @param first whether these rows are the first of the answer */
export function writeRows(
  out: JsonBytes,
  read: PreparedRead,
  keys: readonly EntityKey[],
  vectors: OnlineVectors,
  now: bigint,
  first: boolean,
): void {
  for (const [row, key] of keys.entries()) {
    out.raw(first && row === 0 ? FIRST_ROW : NEXT_ROW)
    read.keys.write(out, key)
    out.raw(COMMA)
    read.writer.row(out, vectors, row, now)
    out.raw(END_OF_ROW)
  }
}

export function writeTail(out: JsonBytes): void {
  out.json(']}')
}
