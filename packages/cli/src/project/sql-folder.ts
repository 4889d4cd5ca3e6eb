import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Engine } from '@martlet/warehouse'

export interface SqlFolder {
  readonly folder: string
  /** Folders in it that are left out unless asked for: the marts of the demo, which are among Martlet's own files. */
  readonly leftOut: readonly string[]
}

/** The marts of the energy example and what protects them; no other project has such tables. */
const DEMO = ['energy', 'energy-customers']

/** Where the SQL files of an engine are: the folder asked for, the project's `sql/<engine>`, or Martlet's own files. */
export function sqlFolder(
  project: string,
  engine: Engine,
  asked: { readonly folder?: string | undefined; readonly with?: readonly string[] | undefined } = {},
): SqlFolder {
  const own = join(project, 'sql', engine)
  if (asked.folder !== undefined) return { folder: named(asked.folder, engine), leftOut: [] }
  if (existsSync(own)) return { folder: own, leftOut: [] }
  // Next to the compiled files, or in the repository.
  const packaged = join(import.meta.dirname, '../sql', engine)
  const folder = existsSync(packaged) ? packaged : join(import.meta.dirname, '../../../../sql', engine)
  return {
    folder,
    leftOut: DEMO.filter((name) => existsSync(join(folder, name)) && asked.with?.includes(name) !== true),
  }
}

/** Whether no file is left to be read. */
export function isEmpty({ folder, leftOut }: SqlFolder): boolean {
  const wanted = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !leftOut.includes(name))
    : []
  return !wanted.some((entry) =>
    entry.isDirectory() ? hasFiles(join(folder, entry.name)) : entry.name.endsWith('.sql'),
  )
}

function named(folder: string, engine: Engine): string {
  const inside = join(resolve(folder), engine)
  return hasFiles(resolve(folder)) || !existsSync(inside) ? resolve(folder) : inside
}

function hasFiles(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.sql'))
}
