import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

let folder: string | undefined

/** A folder for what several test files start from, such as a project with its readings; of this run only. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'martlet-seeded-'))
  process.env['MARTLET_SEEDED'] = folder
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}
