import { rejected, skipped, type ReadChange } from './change.ts'
import type { ChangePlan, FlattenedDeletes } from './change-plan.ts'
import { committedAt } from './commit-time.ts'
import { keyOf, type MessageReader } from './envelope.ts'
import { keyReader } from './key-reader.ts'
import type { ChangeMessage } from './message.ts'
import { isOfTable } from './of-table.ts'
import { positionOf } from './positions.ts'
import { rowReader } from './row-reader.ts'
import { isObject, shown, type Json, type JsonObject } from './wire/exact-json.ts'

/** Where tombstones are deletions; elsewhere they only tell the topic that it may forget the key. */
const DELETING: ReadonlySet<FlattenedDeletes> = new Set(['tombstone', 'delete-to-tombstone'])

/** Compiles the reading of rows as `ExtractNewRecordState` writes them, with what it was told to add. */
export function flattenedReader(plan: ChangePlan, deletes: FlattenedDeletes): MessageReader {
  const { prefix, position: by, table } = plan.format
  const readKey = keyReader(plan)
  const readRow = rowReader(plan, plan.columns)
  const places = plan.key.map((name) => plan.columns.findIndex((column) => column.name === name))
  const deletion = (message: ChangeMessage, order: string, at: bigint): ReadChange => {
    const key = keyOf(message.key, readKey) ?? readKey(message.value.payload, message.value.schema, '')
    if (key.faults !== undefined) return { kind: 'rejected', faults: key.faults }
    return { kind: 'changes', changes: [{ op: 'd', key: key.values, order, at, unchanged: [] }] }
  }
  return (message, arrival) => {
    const { payload, schema } = message.value
    const isTombstone = payload === null
    if (isTombstone && !DELETING.has(deletes)) return skipped('tombstone')
    if (!isTombstone && !isObject(payload)) return rejected('', 'it must be an object')
    const added = addedFields(isTombstone ? {} : payload, message.headers, prefix)
    if (table !== null && added['table'] !== undefined) {
      const isOf = isOfTable(added, table)
      if (isOf === false) return skipped('other table')
      if (isOf === 'unknown')
        return rejected('', `it says neither ${prefix}schema nor ${prefix}db, and ${table} has one`)
    }
    const position = positionOf(added, by, arrival.position)
    if ('missing' in position) return rejected('', `it lacks ${position.missing}`)
    const { order } = position
    const at = committedAt([added, outer(added)]) ?? arrival.at
    if (isTombstone) {
      if (message.key === undefined) return rejected('key', 'it is a tombstone without a key')
      return deletion(message, order, at)
    }
    const { op } = added
    if (op === 'm') return skipped('logical message')
    if (op === 't') return { kind: 'changes', changes: [{ op, key: [], order, at, unchanged: [] }] }
    if (op !== undefined && op !== 'c' && op !== 'u' && op !== 'r' && op !== 'd')
      return rejected(`${prefix}op`, `${prefix}op must be c, u, d, r or t, not ${shown(op)}`)
    if (op === 'd' || isTrue(added['deleted'])) return deletion(message, order, at)
    const row = readRow(payload, schema, '')
    if (row.faults !== undefined) return { kind: 'rejected', faults: row.faults }
    const key = places.map((place) => row.values[place] ?? null)
    return {
      kind: 'changes',
      changes: [{ op: op ?? 'u', key, order, at, values: row.values, unchanged: row.unchanged }],
    }
  }
}

/** What was added to a row or to its headers, by the names that an envelope's `source` gives it. */
function addedFields(row: JsonObject, headers: Readonly<Record<string, Json>>, prefix: string): JsonObject {
  const added: Record<string, Json> = {}
  for (const [name, value] of [...Object.entries(headers), ...Object.entries(row)]) {
    if (!name.startsWith(prefix) || value === undefined || value === null) continue
    const bare = name.slice(prefix.length)
    // When the database committed counts before when the connector saw it.
    if (/^ts_(ms|us|ns)$/.test(bare)) added[`seen_${bare}`] = value
    else added[bare.startsWith('source_') ? bare.slice('source_'.length) : bare] = value
  }
  return added
}

function outer(added: JsonObject): JsonObject {
  return { ts_ns: added['seen_ts_ns'], ts_us: added['seen_ts_us'], ts_ms: added['seen_ts_ms'] }
}

/** `rewrite` writes a text. */
function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'true'
}
