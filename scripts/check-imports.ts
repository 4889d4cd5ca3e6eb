// Holds the house rules that a linter cannot say: which package may import which, and that the rooms of a package form no cycle.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '..')

/**
 * What a package may import. 'types' allows `import type` only; a list of names allows only those.
 * Serving never opens a warehouse (a DuckDB file has one writing process), so it may take the error class, types and what messages need.
 */
type Allowed = 'all' | 'types' | readonly string[]
const mayImport: Readonly<Record<string, Readonly<Record<string, Allowed>>>> = {
  warehouse: {},
  'feature-store': { warehouse: 'all' },
  registry: { warehouse: 'all', 'feature-store': 'types' },
  drift: { warehouse: 'all', 'feature-store': 'all' },
  serving: {
    warehouse: ['isWideDecimal', 'MartletError', 'nearestName', 'sameType', 'typeText', 'visibleText'],
    'feature-store': 'all',
    registry: 'all',
    drift: 'all',
  },
  cli: { warehouse: 'all', 'feature-store': 'all', registry: 'all', drift: 'all', serving: 'all' },
}
/** Rooms that must not know each other: no engine, store or protocol depends on its sibling. */
const siblings: Readonly<Record<string, readonly (readonly string[])[]>> = {
  warehouse: [['duckdb', 'snowflake']],
  'feature-store': [['online/memory', 'online/lmdb', 'online/redis']],
  serving: [
    [
      'protocol/martlet',
      'protocol/operations',
      'protocol/open-inference',
      'protocol/feast',
      'protocol/mlflow',
      'protocol/jobs',
      'protocol/monitors',
      'protocol/push',
    ],
  ],
}

/**
 * The rooms (or files outside any room) that each room of a package may import, types included; of a room followed by
 * `(types)` only types. In a package that stands here without such an exception, no files import each other in a circle
 * either, types included. Files outside any room, the package's face, may import every room.
 */
const arrows: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'feature-store': {
    plan: [],
    // A word states its typed face, such as `f.sum('kwh')`, in the types of `define`.
    vocabulary: ['plan', 'define (types)'],
    define: ['plan', 'vocabulary'],
    compile: ['plan', 'vocabulary'],
    online: ['plan', 'private-file.ts'],
    'on-demand': ['plan', 'vocabulary', 'define', 'online'],
    continuous: ['plan', 'vocabulary', 'compile', 'online'],
    catalog: ['plan', 'vocabulary', 'on-demand', 'private-file.ts'],
    ingest: ['plan', 'vocabulary', 'define', 'on-demand', 'online'],
    quality: ['plan', 'vocabulary', 'catalog'],
    materialize: ['plan', 'vocabulary', 'compile', 'catalog', 'online', 'quality', 'continuous', 'ingest'],
    read: [
      'plan',
      'vocabulary',
      'define',
      'compile',
      'catalog',
      'online',
      'on-demand',
      'quality',
      'materialize',
      'ingest',
      'continuous',
    ],
    diff: ['plan', 'vocabulary', 'define', 'compile', 'catalog', 'quality', 'materialize', 'read'],
    erase: ['plan', 'vocabulary', 'catalog', 'online', 'quality', 'materialize', 'ingest', 'continuous'],
  },
  serving: {
    desk: [],
    audit: ['desk', 'log'],
    http: ['desk', 'audit'],
    log: ['desk'],
    protocol: ['desk', 'http'],
    client: ['protocol'],
    workers: ['desk'],
  },
}

interface Import {
  readonly file: string
  readonly line: number
  readonly from: string
  readonly typeOnly: boolean
  readonly names: readonly string[]
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: Import[] = []
  const statement =
    /^(?:import|export)\s+(type\s+)?([^'"`;=]*?)\s*from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  for (const match of text.matchAll(statement)) {
    const names = (match[2] ?? '*')
      .replace(/[{}]/g, '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    found.push({
      file,
      line: text.slice(0, match.index).split('\n').length,
      from: match[3] ?? match[4] ?? match[5] ?? '',
      typeOnly: match[1] !== undefined || (names.length > 0 && names.every((name) => name.startsWith('type '))),
      names: names.filter((name) => !name.startsWith('type ')).map((name) => name.split(/\s+as\s+/)[0] ?? name),
    })
  }
  return found
}

const problems: string[] = []
const report = (at: Import, message: string): void => void problems.push(`${at.file}:${at.line}  ${message}`)

/** The package folder that a bare specifier names, and what follows it. */
function workspacePackage(from: string): { name: string; path: string } | undefined {
  const match = /^(?:@martlet\/([^/]+)|(martlet))(?:\/(.*))?$/.exec(from)
  return match ? { name: match[1] ?? 'cli', path: match[3] ?? '' } : undefined
}

function exportedPaths(name: string): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  const exported = typeof manifest === 'object' && manifest !== null && 'exports' in manifest ? manifest.exports : {}
  return Object.keys(exported ?? {}).map((path) => path.replace(/^\.\/?/, ''))
}

/** `online/lmdb/lmdb-store.ts` is in room `online/lmdb` for sibling rules and in room `online` for cycles. */
const roomOf = (path: string): string | undefined => (path.includes('/') ? path.split('/')[0] : undefined)

let files = 0
for (const name of Object.keys(mayImport)) {
  const source = `packages/${name}/src/`
  const edges = new Map<string, Map<string, Import>>()
  const fileEdges = new Map<string, Map<string, Import>>()
  for (const file of globSync(`${source}**/*.ts`, { cwd: root })) {
    files++
    for (const at of importsOf(file)) {
      const target = workspacePackage(at.from)
      if (target !== undefined) {
        const allowed = mayImport[name]?.[target.name]
        if (target.name === name) report(at, `imports its own package by name: use a relative path`)
        else if (allowed === undefined) report(at, `${name} may not import ${target.name}`)
        else if (!exportedPaths(target.name).includes(target.path))
          report(at, `deep import: ${at.from} is not in the package's exports`)
        else if (allowed === 'types' && !at.typeOnly)
          report(at, `${name} may import only types of ${target.name}: write import type`)
        else if (Array.isArray(allowed) && !at.typeOnly) {
          const refused = at.names.filter((imported) => !allowed.includes(imported))
          if (refused.length > 0)
            report(
              at,
              `${name} may import only types and ${allowed.join(', ')} from ${target.name}, not ${refused.join(', ')}`,
            )
        }
        continue
      }
      if (!at.from.startsWith('.')) continue
      const path = normalize(join(dirname(file), at.from))
      if (!path.startsWith(source)) {
        report(at, `reaches outside its package: ${path}`)
        continue
      }
      const [here, there] = [file.slice(source.length), path.slice(source.length)]
      for (const group of siblings[name] ?? []) {
        const [mine, theirs] = [here, there].map((inside) => group.find((room) => inside.startsWith(`${room}/`)))
        if (mine !== undefined && theirs !== undefined && mine !== theirs)
          report(at, `${mine}/ may not import ${theirs}/`)
      }
      addEdge(fileEdges, here, there, at)
      const [from, to] = [roomOf(here), roomOf(there)]
      const allowed = from === undefined ? undefined : arrows[name]?.[from]
      const wanted = to ?? there
      const may = allowed?.includes(wanted) === true || (at.typeOnly && allowed?.includes(`${wanted} (types)`) === true)
      if (allowed !== undefined && wanted !== from && !may)
        report(at, `${from}/ may import ${allowed.join(', ') || 'no other room'}, not ${there}`)
      // A type leaves nothing behind at run time: rooms may name each other's types.
      if (from === undefined || to === undefined || from === to || at.typeOnly) continue
      addEdge(edges, from, to, at)
    }
  }
  reportCycles(name, 'rooms', edges)
  const strict =
    arrows[name] !== undefined &&
    !Object.values(arrows[name])
      .flat()
      .some((room) => room.endsWith('(types)'))
  if (strict) reportCycles(name, 'files', fileEdges)
}

function addEdge(edges: Map<string, Map<string, Import>>, from: string, to: string, at: Import): void {
  const targets = edges.get(from) ?? new Map<string, Import>()
  if (!targets.has(to)) targets.set(to, at)
  edges.set(from, targets)
}

/** Imports run one way: if something reaches itself through others, every import on the way is named. */
function reportCycles(
  name: string,
  what: 'rooms' | 'files',
  edges: ReadonlyMap<string, ReadonlyMap<string, Import>>,
): void {
  const done = new Set<string>()
  const visit = (room: string, path: readonly string[]): void => {
    const seen = path.indexOf(room)
    if (seen >= 0) {
      const cycle = [...path.slice(seen), room]
      const steps = cycle
        .slice(1)
        .map((to, i) => edges.get(cycle[i] ?? '')?.get(to))
        .filter((at) => at !== undefined)
      const where = steps.map((at) => `    ${at.file}:${at.line} imports ${at.from}`).join('\n')
      problems.push(`packages/${name}: ${what} run in a circle: ${cycle.join(' -> ')}\n${where}`)
      return
    }
    if (done.has(room)) return
    for (const next of edges.get(room)?.keys() ?? []) visit(next, [...path, room])
    done.add(room)
  }
  for (const room of edges.keys()) visit(room, [])
}

for (const file of globSync('{packages/*/test,examples/*/src,examples/*/test}/**/*.ts', {
  cwd: root,
  exclude: ['**/node_modules/**'],
})) {
  files++
  for (const at of importsOf(file)) {
    const target = workspacePackage(at.from)
    if (target?.name.startsWith('example-')) continue
    if (target !== undefined && !exportedPaths(target.name).includes(target.path)) {
      report(at, `deep import: ${at.from} is not in the package's exports`)
    } else if (at.from.startsWith('.')) {
      const home = file.split('/').slice(0, 2).join('/')
      const path = normalize(join(dirname(file), at.from))
      // What tests of several packages and examples use (contracts, the double, the list of allowed SQL) stands in
      // the test folder of the lowest of them.
      const suite = /^(?:packages|examples)\/[^/]+\/test\//.test(file) && /^packages\/[^/]+\/test\//.test(path)
      if (!path.startsWith(`${home}/`) && !suite) report(at, `reaches outside its workspace: ${path}`)
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
} else {
  console.log(`imports: ${files} files, no import upwards, no deep import, no cycle of rooms`)
}
