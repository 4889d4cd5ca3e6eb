import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  load,
  snapshot,
  sql,
  type LoadReport,
  type SnapshotReport,
  type StepSource,
  type Warehouse,
} from '@martlet/warehouse'
import { loads, snapshots } from './mart-steps.ts'

const folder = join(import.meta.dirname, '..')

export interface FilledMart {
  readonly loads: readonly LoadReport[]
  readonly snapshots: readonly SnapshotReport[]
}

/**
 * Runs all loads and then all snapshots, as `martlet load` and `martlet snapshot` do: for programs that have an open warehouse.
 *
 * @example await fillMart(warehouse)
 */
export async function fillMart(warehouse: Warehouse): Promise<FilledMart> {
  const done = { loads: [] as LoadReport[], snapshots: [] as SnapshotReport[] }
  for (const { from, ...step } of loads) done.loads.push(await load(warehouse, { ...step, from: await sourceOf(from) }))
  for (const { from, ...step } of snapshots)
    done.snapshots.push(await snapshot(warehouse, { ...step, from: await sourceOf(from) }))
  return done
}

async function sourceOf(from: string): Promise<StepSource> {
  if (!from.endsWith('.sql')) return { table: from }
  const file = join(folder, from)
  return { query: sql.raw(await readFile(file, 'utf8')), file: { file, line: 1 } }
}
