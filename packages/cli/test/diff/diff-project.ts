import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { emptyFolder, start, type TestProject } from '../run-martlet.ts'

export interface GitProject extends AsyncDisposable {
  readonly project: TestProject
  /** The folder of the configuration, in the repository. */
  readonly folder: string
  git(...args: string[]): string
  /** Commits everything. */
  commit(message: string): string
}

/** A repository with a project in its folder `ml`, and with nothing in it yet. */
export async function gitProject(): Promise<GitProject> {
  const project = await emptyFolder()
  const folder = project.path('ml')
  mkdirSync(folder)
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', project.folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  await project.write('.gitignore', 'node_modules\n.martlet\n')
  return {
    project,
    folder,
    git,
    commit(message) {
      git('add', '--all')
      git('commit', '--quiet', '--message', message)
      return git('rev-parse', 'HEAD')
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  }
}

/** Runs a file of the project to its end. */
export async function seed({ folder }: GitProject): Promise<void> {
  const ended = await start(['seed.ts'], { cwd: folder }).ended
  if (ended.code !== 0) throw new Error(ended.stderr)
}

export const config = `import { defineConfig } from 'martlet'
export default defineConfig({
  warehouse: { duckdb: '.martlet/warehouse.duckdb' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: 'memory',
  artifacts: { folder: '.martlet/artifacts' },
  definitions: () => import('./definitions.ts'),
})
`

/** c1: 1 every day; c2: 4 in the first week, 2 in the second; c3: 5 on the fourth day only. */
export const seedFile = `import { openDuckDb, sql } from '@martlet/warehouse'
import { mkdirSync } from 'node:fs'
mkdirSync('.martlet', { recursive: true })
await using warehouse = await openDuckDb({ path: '.martlet/warehouse.duckdb' })
await warehouse.run(sql\`CREATE SCHEMA mart\`)
await warehouse.run(sql\`
  CREATE TABLE mart.usage AS
  SELECT who AS customer_id, TIMESTAMP '2024-01-01 12:00' + to_days(CAST(day AS INTEGER)) AS ts,
    CASE who WHEN 'c1' THEN 1 WHEN 'c2' THEN CASE WHEN day < 7 THEN 4 ELSE 2 END ELSE 5 END::DOUBLE AS kwh,
    who = 'c2' AS night, 'flat' AS tariff
  FROM range(14) d(day), (VALUES ('c1'), ('c2'), ('c3')) v(who)
  WHERE who <> 'c3' OR day = 3\`)
`

interface Variant {
  readonly window: '7d' | '14d'
  readonly least: number
  readonly ttl: '7d' | '3d'
  readonly ahead: '1d' | '2d'
  /** Further features, views and parts of services. */
  readonly features: string
  readonly word: string
  readonly more: string
}

export const definitions = ({ window, least, ttl, ahead, features, word, more }: Variant): string => `
import { entity, fact, featureService, featureView, label } from '@martlet/feature-store'
import { z } from 'zod'
import { hours } from '../shared/hours.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), night: z.boolean(), tariff: z.string() },
  entities: [customer],
  eventTime: 'ts',
})
export const customerUsage = featureView('usage', {
  of: customer, from: usage, every: '1d', ttl: '${ttl}',
  features: (f) => ({
    kwh: f.sum('kwh').over('${window}'),
    calls: f.count().over('7d'),
    flag: f.last('night'),
    word: f.last('tariff')${word},
    top: f.max('kwh').where((r) => r.kwh.gt(${least})).over('14d'),
    ${features}
  }),
})
export const still = featureView('still', {
  of: customer, from: usage, every: '1d', ttl: '7d', features: (f) => ({ n: f.count().over(hours(24)) }),
})
export const card = featureService('card', [customerUsage.pick('calls_7d', 'flag', 'word', 'kwh_${window}')])
export const quiet = featureService('quiet', [still])
export const next = label('next', { of: customer, from: usage, value: (f) => f.sum('kwh').ahead('${ahead}') })
${more}
`

export const before: Variant = {
  window: '7d',
  least: 3,
  ttl: '7d',
  ahead: '1d',
  features: '',
  word: '',
  more: `export const old = featureView('old', {
  of: customer, from: usage, every: '1d', ttl: '7d', features: (f) => ({ n: f.count().over('7d') }),
})`,
}

export const after: Variant = {
  window: '14d',
  least: 0,
  ttl: '3d',
  ahead: '2d',
  features: `nights: f.count().where((r) => r.night.eq(true)).over('7d'),`,
  word: `.default('none')`,
  more: `export const young = featureView('young', {
  of: customer, from: usage, every: '1d', ttl: '7d', features: (f) => ({ n: f.count().over('7d') }),
})`,
}
