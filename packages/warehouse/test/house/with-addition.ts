import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

let copies = 0
const packages = join(import.meta.dirname, '..', '..', '..')

/** What a contributor writes to add one thing of a kind: a file, and an entry in the list of that kind. */
export interface Addition {
  /** Where the new file goes, under `src`. */
  readonly file: string
  readonly source: string
  /** The list of the kind, under `src`: a file with one `export const … = [ … ]`, or with nothing but `export { … } from '…'`. */
  readonly list: string
  /** The new file's export, which becomes an entry of the list. */
  readonly name: string
  /** Types of the file that the list names too. */
  readonly types?: readonly string[]
  /** A file `use-<name>.ts` that uses the addition, as a user of the package would. */
  readonly use?: string
  /** Other lines that the kind asks for, by file: each text is replaced by the other. */
  readonly lines?: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>
}

/** A copy of a package's sources with additions in it. */
export interface ChangedPackage extends Disposable {
  /** Where the copy is. */
  readonly folder: string
  /** Imports a module of the copy by its path under `src`. */
  load(file: string): Promise<Record<string, unknown>>
  /** What the compiler says about the copy; empty when the types are right. */
  typeErrors(): Promise<string>
}

/** Copies `packages/<name>/src` to a folder next to it, applies an addition there, and removes the copy when disposed of. */
export function withAddition(name: string, addition: Addition): ChangedPackage {
  return withAdditions(name, [addition])
}

/** {@link withAddition} for several, which stand side by side. */
export function withAdditions(name: string, additions: readonly Addition[]): ChangedPackage {
  // As deep as the original, so that paths to the package's other files still lead there.
  const folder = join(packages, name, `.house-${process.pid}-${additions[0]?.name}-${++copies}`)
  const dispose = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    cpSync(join(packages, name, 'src'), folder, { recursive: true })
    for (const addition of additions) apply(folder, addition)
  } catch (error) {
    dispose()
    throw error
  }
  return {
    folder,
    load: async (file) => (await import(join(folder, file))) as Record<string, unknown>,
    typeErrors: () => typeErrors(folder),
    [Symbol.dispose]: dispose,
  }
}

function apply(folder: string, { file, source, list, name, types = [], use, lines = {} }: Addition): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), source)
  const path = relative(dirname(list), file)
  if (use !== undefined) writeFileSync(join(folder, `use-${name}.ts`), use)
  const exported = [name, ...types.map((type) => `type ${type}`)].join(', ')
  const from = `{ ${exported} } from '${path.startsWith('.') ? path : `./${path}`}'\n`
  edit(folder, list, (text) => {
    if (!text.includes('export const')) return `${text}export ${from}`
    const longer = text.replace(/(export const \w+[^=]*= (?:\w+\()?\[)/, `$1${name}, `)
    return longer === text ? text : `import ${from}${longer}`
  })
  for (const [changed, changes] of Object.entries(lines)) {
    for (const [from, to] of changes) edit(folder, changed, (text) => text.replace(from, to))
  }
}

function edit(folder: string, file: string, change: (text: string) => string): void {
  const before = readFileSync(join(folder, file), 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`${file} does not have the place where the addition belongs`)
  writeFileSync(join(folder, file), after)
}

/** Whether what was built of every package is newer than its sources. */
function declarationsAreNew(): boolean {
  return globSync('*/src', { cwd: packages }).every((sources) => {
    const built = statSync(join(packages, dirname(sources), 'dist', '.tsbuildinfo'), { throwIfNoEntry: false })
    const files = globSync('**/*.ts', { cwd: join(packages, sources) })
    return files.every((file) => statSync(join(packages, sources, file)).mtimeMs < (built?.mtimeMs ?? 0))
  })
}

async function typeErrors(folder: string): Promise<string> {
  const config = join(folder, 'tsconfig.json')
  const options = {
    rootDir: '.',
    noEmit: true,
    composite: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    // With the declarations that `tsc -b` wrote it takes a third of the time that it takes with the other packages' sources.
    customConditions: declarationsAreNew() ? [] : ['@martlet/source'],
  }
  // Patterns of `include` match nothing below a folder whose name begins with a dot.
  const files = globSync('**/*.ts', { cwd: folder })
  writeFileSync(
    config,
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions: options, include: [], files, references: [] }),
  )
  try {
    await promisify(execFile)(join(packages, '..', 'node_modules', '.bin', 'tsc'), ['-p', config], { cwd: folder })
    return ''
  } catch (error) {
    return error !== null && typeof error === 'object' && 'stdout' in error ? String(error.stdout) : String(error)
  }
}
