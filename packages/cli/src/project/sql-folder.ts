import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MartletError, type Engine } from '@martlet/warehouse'

export interface SqlFolder {
  readonly folder: string
  /** Folders in it that are left out unless asked for: the marts of the examples, which are among Martlet's own files. */
  readonly leftOut: readonly string[]
}

/** The marts of the examples and what protects them; no other project has such tables. */
const EXAMPLES = ['energy', 'energy-customers', 'logistics', 'logistics-protection']

/**
 * Where the SQL files of an engine are: the folder asked for, the project's `sql/<engine>`, or Martlet's own files.
 * @throws MartletError USAGE when the marts of two examples are asked for
 */
export function sqlFolder(
  project: string,
  engine: Engine,
  asked: { readonly folder?: string | undefined; readonly with?: readonly string[] | undefined } = {},
): SqlFolder {
  const own = join(project, 'sql', engine)
  if (asked.folder !== undefined) return { folder: named(asked.folder, engine), leftOut: [] }
  if (existsSync(own)) return { folder: own, leftOut: [] }
  refuseTwoExamples(asked.with ?? [])
  // Next to the compiled files, or in the repository.
  const packaged = join(import.meta.dirname, '../sql', engine)
  const folder = existsSync(packaged) ? packaged : join(import.meta.dirname, '../../../../sql', engine)
  return {
    folder,
    leftOut: EXAMPLES.filter((name) => existsSync(join(folder, name)) && asked.with?.includes(name) !== true),
  }
}

/** Both have a table mart.dim_customer, with other columns. */
function refuseTwoExamples(asked: readonly string[]): void {
  const [energy, logistics] = ['energy', 'logistics'].map((example) =>
    asked.find((name) => name === example || name.startsWith(`${example}-`)),
  )
  if (energy === undefined || logistics === undefined) return
  throw new MartletError(
    'USAGE',
    `--with ${energy} and --with ${logistics} are marts of two examples with tables of the same names, such as ` +
      'mart.dim_customer. Deploy each to a database of its own.',
    { data: { with: [energy, logistics] } },
  )
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
