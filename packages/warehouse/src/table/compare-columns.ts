import { sameType, typeText, type ColumnSpec } from '../column.ts'
import { storedType } from '../stored-type.ts'
import type { Engine } from '../engine.ts'

export interface ChangedColumn {
  readonly wanted: ColumnSpec
  readonly typeChanged: boolean
  readonly difference: string
}

export interface ColumnDifferences {
  /** Wanted and missing. */
  readonly added: readonly ColumnSpec[]
  /** Present and not wanted. */
  readonly vanished: readonly string[]
  readonly changed: readonly ChangedColumn[]
}

/** How a table's columns, as the engine's catalog has them, differ from the wanted ones; case and order do not matter. */
export function compareColumns(
  wanted: readonly ColumnSpec[],
  existing: readonly ColumnSpec[],
  engine: Engine = 'duckdb',
): ColumnDifferences {
  const byName = new Map(existing.map((column) => [column.name.toLowerCase(), column]))
  const names = new Set(wanted.map(({ name }) => name.toLowerCase()))
  return {
    added: wanted.filter(({ name }) => !byName.has(name.toLowerCase())),
    vanished: existing.filter(({ name }) => !names.has(name.toLowerCase())).map(({ name }) => name),
    changed: wanted.flatMap((column) => {
      const has = byName.get(column.name.toLowerCase())
      return has === undefined ? [] : changeOf(column, has, engine)
    }),
  }
}

function changeOf(wanted: ColumnSpec, has: ColumnSpec, engine: Engine): readonly ChangedColumn[] {
  const stored = storedType(engine, wanted.type)
  const [before, after] = [describe(has), describe(wanted)]
  if (before === describe({ ...wanted, type: stored })) return []
  return [
    {
      wanted,
      typeChanged: !sameType(has.type, stored),
      difference: `${wanted.name} is ${before}, defined as ${after}`,
    },
  ]
}

function describe({ type, nullable = true }: ColumnSpec): string {
  return `${typeText(type)}${nullable ? '' : ' not null'}`
}
