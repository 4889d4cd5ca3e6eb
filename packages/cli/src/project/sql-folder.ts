import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Engine } from '@martlet/warehouse'

/** Where the SQL files of an engine are: in the folder that is named, in the project's `sql/<engine>`, else in those that come with Martlet. */
export function sqlFolder(project: string, engine: Engine, named?: string): string {
  if (named !== undefined) {
    const inside = join(resolve(named), engine)
    return hasFiles(resolve(named)) || !existsSync(inside) ? resolve(named) : inside
  }
  const own = join(project, 'sql', engine)
  if (existsSync(own)) return own
  // Beside the compiled files, or in the repository.
  const packaged = join(import.meta.dirname, '../sql', engine)
  return existsSync(packaged) ? packaged : join(import.meta.dirname, '../../../../sql', engine)
}

function hasFiles(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.sql'))
}
