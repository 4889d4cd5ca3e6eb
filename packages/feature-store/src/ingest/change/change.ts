import type { Value } from '../../vocabulary/algebra/value.ts'

/** What happened to a row: created, updated, deleted, read in a snapshot; or its table was truncated. */
export type ChangeOp = 'c' | 'u' | 'd' | 'r' | 't'

/** One change of one row, or the truncation of its table. */
export interface Change {
  readonly op: ChangeOp
  /** The values of the key's columns; none of a truncation. */
  readonly key: readonly Value[]
  /** Its place in the log of the database, as text that sorts like it. */
  readonly order: string
  /** When it was committed, microseconds since the epoch. */
  readonly at: bigint
  /** The row after it, in the order of the plan's columns; none of a deletion or a truncation. */
  readonly values?: readonly Value[]
  /** Indexes of columns whose value is the one before, which the message does not have. */
  readonly unchanged: readonly number[]
}

/** Why a message is no change that can be used. */
export interface ChangeFault {
  /** The field, such as `after.balance`; empty where it is the message as a whole. */
  readonly path: string
  /** What is wrong, such as `balance must be a number`. */
  readonly message: string
}

/** What is in a log besides changes of rows. */
export type Skipped = 'tombstone' | 'logical message' | 'transaction' | 'heartbeat' | 'schema change' | 'other table'

/** What a message turned out to be. Only a row whose key changed makes two changes of one. */
export type ReadChange =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'skipped'; readonly why: Skipped }
  | { readonly kind: 'rejected'; readonly faults: readonly ChangeFault[] }

export function rejected(path: string, message: string): ReadChange {
  return { kind: 'rejected', faults: [{ path, message }] }
}

export function skipped(why: Skipped): ReadChange {
  return { kind: 'skipped', why }
}
