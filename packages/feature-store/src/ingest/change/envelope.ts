import { rejected, skipped, type Change, type ReadChange } from './change.ts'
import type { ChangePlan } from './change-plan.ts'
import { committedAt } from './commit-time.ts'
import type { ChangeMessage } from './message.ts'
import { isOfTable } from './of-table.ts'
import { positionOf } from './positions.ts'
import { keyReader, sameKey, type KeyReader } from './key-reader.ts'
import { rowReader } from './row-reader.ts'
import { isObject, shown, type JsonObject } from './wire/exact-json.ts'
import type { FieldSchema } from './wire/field-schema.ts'

/** When and in which place a message came: what stands in for what it does not say. */
export interface Arrival {
  /** Its place among the messages of the source. */
  readonly position: bigint
  /** Microseconds since the epoch. */
  readonly at: bigint
}

export type MessageReader = (message: ChangeMessage, arrival: Arrival) => ReadChange

/** Compiles the reading of Debezium's envelopes: `{before, after, source, op, ts_ms}`. */
export function envelopeReader(plan: ChangePlan): MessageReader {
  const readKey = keyReader(plan)
  const readRow = rowReader(plan, plan.columns)
  const places = plan.key.map((name) => plan.columns.findIndex((column) => column.name === name))
  return (message, arrival) => {
    const { payload, schema } = message.value
    // A tombstone only tells the topic that it may forget the key: the deletion came before it.
    if (payload === null) return skipped('tombstone')
    if (!isObject(payload)) return rejected('', 'it must be an object')
    const why = besides(payload)
    if (why !== undefined) return skipped(why)
    const { op, source, before, after } = payload
    if (typeof op !== 'string') return rejected('op', 'it has no op, so it is no change')
    if (op === 'm') return skipped('logical message')
    if (!isOp(op)) return rejected('op', `op must be c, u, d, r or t, not ${shown(op)}`)
    if (!isObject(source)) return rejected('source', 'it has no source')
    if (plan.format.table !== null && isOfTable(source, plan.format.table) !== true) return skipped('other table')
    const position = positionOf(source, plan.format.position, arrival.position)
    if ('missing' in position) return rejected('source', `it lacks ${position.missing}`)
    const { order } = position
    const at = committedAt([source, payload]) ?? arrival.at
    if (op === 't') return { kind: 'changes', changes: [{ op, key: [], order, at, unchanged: [] }] }
    if (op === 'd') return deletion(message, before, schema?.fields.get('before'), readKey, { order, at })
    const row = readRow(after ?? null, schema?.fields.get('after'), 'after')
    if (row.faults !== undefined) return { kind: 'rejected', faults: row.faults }
    const key = places.map((place) => row.values[place] ?? null)
    const change: Change = { op, key, order, at, values: row.values, unchanged: row.unchanged }
    // Connectors split a change of the key in two; what is written by others may not.
    const old = op === 'u' && isObject(before) ? readKey(before, schema?.fields.get('before'), 'before') : undefined
    if (old === undefined || old.faults !== undefined || sameKey(old.values, key))
      return { kind: 'changes', changes: [change] }
    return { kind: 'changes', changes: [{ op: 'd', key: old.values, order, at, unchanged: [] }, change] }
  }
}

function isOp(op: string): op is Change['op'] {
  return op === 'c' || op === 'u' || op === 'd' || op === 'r' || op === 't'
}

function deletion(
  { key }: ChangeMessage,
  before: JsonObject[string],
  schema: FieldSchema | undefined,
  readKey: KeyReader,
  { order, at }: Pick<Change, 'order' | 'at'>,
): ReadChange {
  const read = isObject(before) ? readKey(before, schema, 'before') : undefined
  const named = read?.faults === undefined && read !== undefined ? read : keyOf(key, readKey)
  if (named === undefined)
    return rejected(
      'before',
      'it has no key: neither a message key nor before, as REPLICA IDENTITY NOTHING leaves them out',
    )
  if (named.faults !== undefined) return { kind: 'rejected', faults: read?.faults ?? named.faults }
  return { kind: 'changes', changes: [{ op: 'd', key: named.values, order, at, unchanged: [] }] }
}

/** The key of a message; undefined when it has none. */
export function keyOf(key: ChangeMessage['key'], readKey: KeyReader): ReturnType<KeyReader> | undefined {
  return key === undefined || key.payload === null ? undefined : readKey(key.payload, key.schema, 'key')
}

/** What else connectors write: transactions, heartbeats and changes of the schema. */
function besides(payload: JsonObject): 'transaction' | 'heartbeat' | 'schema change' | undefined {
  if (payload['op'] !== undefined) return undefined
  if ((payload['status'] === 'BEGIN' || payload['status'] === 'END') && typeof payload['id'] === 'string')
    return 'transaction'
  if ('ddl' in payload || 'tableChanges' in payload) return 'schema change'
  const names = Object.keys(payload)
  return names.includes('ts_ms') && names.every((name) => /^ts_(ms|us|ns)$/.test(name)) ? 'heartbeat' : undefined
}
