import type { SourceColumn } from '../../plan/source-plan.ts'
import type { PositionBy } from './positions.ts'
import type { WireType } from './wire/types.ts'

/** How `ExtractNewRecordState` was told to write deletions; the names are those of its `delete.tombstone.handling.mode`. */
export type FlattenedDeletes = 'drop' | 'tombstone' | 'rewrite' | 'rewrite-with-tombstone' | 'delete-to-tombstone'

/** The type of a column on the wire, for messages without schemas. */
export interface WireColumn {
  readonly type: WireType
  /** Digits after the point of a `Decimal`. @default those of the column */
  readonly scale?: number
  /** How many bits `Bits` have. */
  readonly length?: number
}

/** How the messages of a connector are written. */
export interface ChangeFormat {
  /** Messages are rows instead of envelopes, and deletions are written in this way; null: envelopes. */
  readonly flattened: FlattenedDeletes | null
  /** What the names of added fields begin with. */
  readonly prefix: string
  readonly position: PositionBy
  /** The table, where other tables are in the same log: `table`, `schema.table` or `database.table`. */
  readonly table: string | null
  /** The types on the wire of columns, by name. */
  readonly columns: Readonly<Record<string, WireColumn>>
  /** What stands for a value that did not change. */
  readonly unavailable: string
}

/** What the reading of changes has to know. */
export interface ChangePlan {
  readonly name: string
  readonly key: readonly string[]
  /** The columns of a row, those of the key included. */
  readonly columns: readonly SourceColumn[]
  readonly format: ChangeFormat
}
