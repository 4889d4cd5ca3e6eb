import { existsSync, statSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import process from 'node:process'
import type { Project } from '../project/project.ts'
import type { Check } from '../place/check.ts'

/** Whether others on this machine can read customers' data and definitions: Martlet creates its files for its user only. */
export function checkModes({ paths }: Project): readonly Check[] {
  if (process.platform === 'win32') return []
  const places = [
    ...[paths.online, paths.artifacts, paths.log, paths.reports].map((path) => ({
      path,
      command: 'chmod -R go-rwx',
      more: '',
    })),
    // SQLite and DuckDB keep more files next to theirs.
    ...[paths.warehouse, paths.catalog].map((path) => ({ path, command: 'chmod go-rwx', more: '*' })),
  ]
  // In a folder that is closed to others, modes do not matter.
  const open = places.flatMap(({ path, command, more }) => {
    if (path === null || path === ':memory:' || !isOpen(path) || !isOpen(dirname(path))) return []
    return [{ path, command: `${command} ${quoted(path)}${more}` }]
  })
  if (open.length === 0) return [{ name: 'file modes', state: 'ok', found: 'only this user can read the state' }]
  return open.map(({ path, command }) => ({
    name: 'file modes',
    state: 'warn',
    found: `everybody on this machine can read ${relative('.', path) || path}`,
    fix: `If that is not intended: ${command}`,
  }))
}

function isOpen(path: string): boolean {
  return existsSync(path) && (statSync(path).mode & 0o005) !== 0
}

function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
