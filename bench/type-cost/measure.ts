// What typed definitions cost the compiler: projects of 0, 25, 50 and 100 feature views are generated and compiled.
// npx node bench/type-cost/measure.ts [most instantiations a view may cost]
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const root = join(import.meta.dirname, '../..')
const work = join(root, '.tmp/type-cost')
const sizes = [0, 25, 50, 100]
const rounds = 3

interface Cost {
  readonly views: number
  readonly types: number
  readonly instantiations: number
  readonly memoryMegabytes: number
  readonly checkSeconds: number
}

/** One module: a fact of ten columns, a view of ten keys (fourteen columns, two of them derived), a service and a use of its vector. */
function moduleOf(index: number): string {
  return `import { z } from 'zod'
import { entity, fact, featureService, featureView, type EntityKeyOf, type VectorOf } from '@martlet/feature-store'
import { calendar } from './calendar.ts'

export const thing = entity('thing_${index}', { thing_id: z.string() })
const facts = fact('mart.facts_${index}', {
  columns: {
    thing_id: z.string(), ts: z.date(), loaded_at: z.date(), amount: z.number().nonnegative(), cost: z.number(), count_${index}: z.int(),
    kind: z.enum(['a', 'b', 'c']), state: z.string().nullable(), open: z.boolean(), note: z.string().optional(),
  },
  entities: [thing],
  eventTime: 'ts',
  knownAt: 'loaded_at',
})
export const view = featureView('view_${index}', {
  of: thing, from: facts, every: '1d', delay: '6h', ttl: '3d',
  features: (f) => ({
    amount: f.sum('amount').over('1d', '7d', '28d'),
    week_ago: f.sum('amount').over('1d').shift('7d'),
    peak: f.max('cost').where((r) => r.kind.eq('a').and(r.amount.gt(3))).over('7d'),
    trend: f.slope('amount').over('28d'),
    price: f.ratio(f.sum('cost'), f.sum('amount')).over('28d'),
    kinds: f.distinct('kind').over('7d', '28d'),
    state: f.last('state'),
    recent: f.mean('count_${index}').overLast(10),
    silent: f.age(),
    dow: f.calendar('dayOfWeek'),
  }),
  derive: (v) => ({ momentum: v.amount_7d.div(v.amount_28d.div(4)), busy: v.recent_last10.gt(v.amount_1d) }),
})
export const service = featureService('service_${index}', [view, calendar])
export function use(vector: VectorOf<typeof service>, key: EntityKeyOf<typeof service>): [number, string | null, string] {
  return [vector.view_${index}__amount_7d + vector.calendar__dow, vector.view_${index}__state, key.thing_id]
}
`
}

/** A service of all views, whose vector has fourteen fields a view. */
function everything(views: number): string {
  const indices = Array.from({ length: views }, (_, index) => index)
  return `import { featureService, type VectorOf } from '@martlet/feature-store'
import { calendar } from './calendar.ts'
${indices.map((index) => `import { view as view${index} } from './module-${index}.ts'\n`).join('')}
export const all = featureService('all', [calendar${indices.map((index) => `, view${index}`).join('')}])
export function last(vector: VectorOf<typeof all>): number {
  return vector.${views === 0 ? 'calendar__dow' : `view_${views - 1}__amount_28d`}
}
`
}

function tsc(...options: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options], {
    encoding: 'utf8',
  })
}

/** Writes the packages' declarations, so that projects read what an installed package would give them, not our sources. */
function declare(): void {
  mkdirSync(work, { recursive: true })
  const options = {
    composite: false,
    incremental: false,
    noCheck: true,
    emitDeclarationOnly: true,
    declarationMap: false,
    sourceMap: false,
    customConditions: ['@martlet/source'],
    rootDir: join(root, 'packages'),
    outDir: join(work, 'declarations'),
  }
  const include = ['warehouse', 'feature-store'].map((name) => join(root, 'packages', name, 'src'))
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions: options, include }
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config))
  tsc('-p', work)
}

function generate(views: number): string {
  const folder = join(work, String(views))
  mkdirSync(folder, { recursive: true })
  const options = {
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    isolatedDeclarations: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    paths: { '@martlet/*': [join(work, 'declarations/*/src/index.d.ts')] },
  }
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions: options, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(
    join(folder, 'calendar.ts'),
    `import { featureView } from '@martlet/feature-store'
export const calendar = featureView('calendar', { every: '1d', features: (f) => ({ dow: f.calendar('dayOfWeek') }) })\n`,
  )
  for (let index = 0; index < views; index++) writeFileSync(join(folder, `module-${index}.ts`), moduleOf(index))
  writeFileSync(join(folder, 'everything.ts'), everything(views))
  return folder
}

function compile(views: number): Cost {
  const folder = generate(views)
  const text = tsc('-p', folder, '--extendedDiagnostics')
  const figure = (name: string): number => {
    const value = new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(text)?.[1]
    if (value === undefined) throw new Error(`tsc printed no '${name}':\n${text}`)
    return Number(value)
  }
  return {
    views,
    types: figure('Types'),
    instantiations: figure('Instantiations'),
    memoryMegabytes: figure('Memory used') / 1024,
    checkSeconds: figure('Check time'),
  }
}

const median = (costs: readonly Cost[], of: (cost: Cost) => number): number =>
  costs.map(of).toSorted((a, b) => a - b)[Math.floor(costs.length / 2)] ?? Number.NaN

const limit = process.argv[2] === undefined ? Infinity : Number(process.argv[2])
rmSync(work, { recursive: true, force: true })
declare()
const results = sizes.map((views): Cost => {
  const costs = Array.from({ length: rounds }, () => compile(views))
  return {
    views,
    types: median(costs, (cost) => cost.types),
    instantiations: median(costs, (cost) => cost.instantiations),
    memoryMegabytes: median(costs, (cost) => cost.memoryMegabytes),
    checkSeconds: median(costs, (cost) => cost.checkSeconds),
  }
})
const [empty] = results
console.log(`median of ${rounds} runs; the marginal columns are against 0 views\n`)
console.log('| views | types | instantiations | memory MB | check s | instantiations/view | ms/view | KB/view |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const cost of results) {
  const marginal = (of: (one: Cost) => number, digits: number): string =>
    empty === undefined || cost.views === 0 ? '' : ((of(cost) - of(empty)) / cost.views).toFixed(digits)
  const cells = [
    cost.views,
    cost.types,
    cost.instantiations,
    cost.memoryMegabytes.toFixed(0),
    cost.checkSeconds.toFixed(3),
    marginal((one) => one.instantiations, 0),
    marginal((one) => one.checkSeconds * 1000, 1),
    marginal((one) => one.memoryMegabytes * 1024, 0),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
rmSync(work, { recursive: true, force: true })
const [first, last] = [results[0], results.at(-1)]
if (first !== undefined && last !== undefined) {
  const each = (last.instantiations - first.instantiations) / last.views
  if (!(each <= limit)) {
    console.error(`a view costs ${each.toFixed(0)} instantiations, more than ${limit}`)
    process.exitCode = 1
  }
}
