import type { Database, RootDatabase } from 'lmdb'
import { keyEncoder } from './key-encoder.ts'
import { openRoot } from './open-root.ts'

export type Table = Database<Uint8Array, Uint8Array>

/** The tables of events, in a folder of their own: so a publication of a million rows makes no push wait. */
export interface EventTables {
  readonly root: RootDatabase<Uint8Array, Uint8Array>
  /** `source` and position → event. */
  readonly journal: Table
  /** `source` and id → when it came. */
  readonly ids: Table
  /** View, key and position → part of a tail. */
  readonly tails: Table
  /** `source` → {@link SourceState}; `source` and origin → offset. */
  readonly state: Table
}

const OPTIONS = { encoding: 'binary', keyEncoder } as const

export function openEventTables(path: string): EventTables {
  const root = openRoot(path, undefined)
  const table = (name: string): Table => root.openDB<Uint8Array, Uint8Array>(name, OPTIONS)
  return { root, journal: table('journal'), ids: table('ids'), tails: table('tails'), state: table('state') }
}

/** Where a source is. */
export interface SourceState {
  /** The newest position. */
  position: bigint
  /** The newest checkpoint. */
  border: bigint
  newestTime: bigint | undefined
  /** The last id that was looked at to forget old ones: the next look begins behind it. */
  swept: Uint8Array
}

const FIXED = 25

export function readState(state: Table, key: Buffer): SourceState {
  const bytes = state.getBinary(key)
  if (bytes === undefined) return { position: 0n, border: 0n, newestTime: undefined, swept: new Uint8Array(0) }
  return {
    position: bytes.readBigUInt64BE(0),
    border: bytes.readBigUInt64BE(8),
    newestTime: bytes.readUInt8(16) === 1 ? bytes.readBigInt64BE(17) : undefined,
    swept: bytes.subarray(FIXED),
  }
}

export function writeState(state: Table, key: Buffer, { position, border, newestTime, swept }: SourceState): void {
  const bytes = Buffer.alloc(FIXED + swept.length)
  bytes.writeBigUInt64BE(position, 0)
  bytes.writeBigUInt64BE(border, 8)
  bytes.writeUInt8(newestTime === undefined ? 0 : 1, 16)
  bytes.writeBigInt64BE(newestTime ?? 0n, 17)
  bytes.set(swept, FIXED)
  void state.put(key, bytes)
}
