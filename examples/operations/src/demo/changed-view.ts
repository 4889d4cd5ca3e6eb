import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { STATE } from '../state-folder.ts'
import { EXAMPLE } from './operations-commands.ts'

/** A copy of the SQL files in which one view has another limit, as after an edit. */
export async function withChangedView(): Promise<string> {
  const folder = join(STATE, 'changed-sql')
  await rm(folder, { recursive: true, force: true })
  await cp(join(EXAMPLE, 'sql/duckdb'), folder, { recursive: true })
  const file = join(folder, '0033-status.sql')
  const before = await readFile(file, 'utf8')
  const after = before.replace('q.waiting <= 20', 'q.waiting <= 15')
  if (after === before) throw new Error('0033-status.sql has no limit of 20 any more')
  await writeFile(file, after)
  return folder
}
