import type { AliasMove } from './alias-log.ts'

/** A move as it was asked for. */
export interface Move {
  readonly model: string
  readonly alias: string
  readonly kind: AliasMove['kind']
  readonly to: number | null
  /** The version that the alias must still point to. */
  readonly expect: number | null
  readonly actor: string
  readonly approver: string | null
  readonly reason: string
}
