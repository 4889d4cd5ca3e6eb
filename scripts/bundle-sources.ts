import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..')
const bundles = join(root, '.tmp/bundle')
const HOUR = 3_600_000

/** Packages of others that have many modules and are plain JavaScript; all other packages are imported as they are. */
const INLINED = [
  '@duckdb/node-api',
  '@hono/node-server',
  '@opentelemetry/api',
  'commander',
  'hono',
  'jose',
  'kysely',
  'prom-client',
  'yaml',
  'zod',
]
/** Of these, projects import too: they must get the same copy as the bundle. */
const SHARED = ['hono', 'kysely', 'zod']

/**
 * Bundles the sources of all packages, so that a process that a test starts loads a hundred modules and not 1,600, and
 * returns the file that such a process has to import first. What `@martlet/source` means for it stays: it imports the
 * same sources, only joined, and each of them still knows where it lies. Bundles of the same sources are made once.
 */
export async function bundleSources(): Promise<string> {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).toSorted()
  const folder = join(bundles, stampOf(sources))
  const hook = join(folder, 'use.mjs')
  if (existsSync(hook)) utimesSync(folder, new Date(), new Date())
  else await make(folder)
  for (const name of readdirSync(bundles)) {
    const other = join(bundles, name)
    if (other !== folder && Date.now() - (statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? 0) > HOUR)
      rmSync(other, { recursive: true, force: true })
  }
  return hook
}

function stampOf(sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of [...sources, 'package-lock.json', 'scripts/bundle-sources.ts']) {
    const { mtimeMs, size } = statSync(join(root, file))
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

async function make(folder: string): Promise<void> {
  const made = `${folder}.${process.pid}`
  mkdirSync(made, { recursive: true })
  await using build = await rolldown({
    input: entries(),
    cwd: root,
    platform: 'node',
    resolve: { conditionNames: ['@martlet/source', 'node', 'import'] },
    external: (id) => isExternal(id),
    plugins: [{ name: 'places', transform: (code, id) => ({ code: withPlaces(code, id) }) }],
    logLevel: 'silent',
  })
  const { output } = await build.write({ dir: made, format: 'esm', keepNames: true })
  const map = Object.fromEntries(
    output.flatMap((one) =>
      one.type === 'chunk' && one.facadeModuleId !== null && one.isEntry
        ? [[pathToFileURL(one.facadeModuleId).href, pathToFileURL(join(folder, one.fileName)).href]]
        : [],
    ),
  )
  writeFileSync(join(made, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(made, 'use.mjs'), hookText(map))
  try {
    renameSync(made, folder)
  } catch (error) {
    // Another run was quicker.
    rmSync(made, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

/** What is imported from outside: all that packages export, the command, and packages that projects share with it. */
function entries(): string[] {
  const exported = globSync('packages/*/package.json', { cwd: root }).flatMap((manifest) => {
    const { exports } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as {
      exports: Readonly<Record<string, { readonly '@martlet/source': string }>>
    }
    return Object.values(exports).map((one) => join(root, dirname(manifest), one['@martlet/source']))
  })
  return [...exported, join(root, 'packages/cli/src/command/main.ts'), ...SHARED]
}

function isExternal(id: string): boolean {
  if (id.startsWith('.') || id.startsWith('/') || id.startsWith('\0')) return false
  return !/^(@martlet\/|martlet$)/.test(id) && !INLINED.some((name) => id === name || id.startsWith(`${name}/`))
}

/** Files that lie beside a source are found from where it lies. */
function withPlaces(code: string, id: string): string {
  if (!id.startsWith(join(root, 'packages')) || !code.includes('import.meta.')) return code
  return code
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
    .replaceAll('import.meta.filename', JSON.stringify(id))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
}

function hookText(map: Readonly<Record<string, string>>): string {
  // Older versions of Node, which npm may run on, have no such hooks, and run no TypeScript either.
  return `import module from 'node:module'
const bundled = new Map(Object.entries(${JSON.stringify(map)}))
module.registerHooks?.({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const url = bundled.get(found.url)
    return url === undefined ? found : { ...found, url, format: 'module' }
  },
})
`
}

if (import.meta.main) console.log(await bundleSources())
