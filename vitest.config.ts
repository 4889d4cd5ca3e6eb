import { availableParallelism } from 'node:os'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { CountsReporter } from './scripts/vitest-counts.ts'

const source = { conditions: ['@martlet/source'], externalConditions: ['@martlet/source'] }
/**
 * Test files of a project share processes, because loading the packages anew for each was up to two thirds of their time.
 * These change what belongs to the whole process, or measure its memory, and get one each.
 */
const APART: Readonly<Record<string, readonly string[]>> = {
  warehouse: ['duckdb/files.test.ts'],
  registry: ['load/isolation.test.ts', 'load/release.test.ts', 'runtime/isolated-runtime.test.ts'],
  serving: ['http/telemetry.test.ts'],
  cli: ['file-modes.test.ts', 'open-telemetry.test.ts'],
}
const setup = (name: string): string => `${import.meta.dirname}/scripts/vitest-${name}.ts`
const common = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  isolate: false,
}
/** None has a root of its own: it would get a Vite server of its own, too, which transforms the sources once more. */
const project = (folder: string, name: string) => {
  const apart = (APART[name] ?? []).map((file) => `${folder}/test/${file}`)
  const shared = { ...common, name, include: [`${folder}/test/**/*.test.ts`], exclude: apart }
  const alone = { ...common, name: `${name}-apart`, include: apart, isolate: true }
  return [shared, ...(apart.length > 0 ? [alone] : [])].map((test) => ({ extends: true as const, test }))
}

/** Suites that say what every engine must do, once more on the double of Snowflake, or with MARTLET_LIVE=1 on an account. */
const onSnowflake = (folder: string, name: string, include: readonly string[]) => ({
  extends: true as const,
  test: {
    ...common,
    name: `${name}-on-snowflake`,
    include: include.map((files) => `${folder}/${files}`),
    env: { MARTLET_TEST_ENGINE: process.env['MARTLET_LIVE'] === '1' ? 'snowflake-live' : 'snowflake-double' },
  },
})

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    execArgv: ['--conditions=@martlet/source'],
    pool: 'forks',
    // Many tests wait: for processes that they start, time-outs, and servers that turn them away.
    maxWorkers: process.env['CI'] ? availableParallelism() + 1 : Math.max(2, availableParallelism() - 1),
    globalSetup: ['seed', 'bundle', 'seeded'].map(setup),
    setupFiles: ['fast-check', 'children', 'left-behind'].map(setup),
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: '.tmp/vitest.json' }], new CountsReporter()]
      : ['default'],
    projects: [
      ...['warehouse', 'feature-store', 'registry', 'drift', 'serving', 'cli'].flatMap((name) =>
        project(`packages/${name}`, name),
      ),
      ...project('examples/energy', 'energy'),
      ...project('examples/logistics', 'logistics'),
      ...project('examples/banking', 'banking'),
      ...project('examples/operations', 'operations'),
      ...project('examples/smart-meter', 'smart-meter'),
      ...project('scripts', 'scripts'),
      onSnowflake('packages/warehouse', 'warehouse', [
        'test/snowflake/live/*.test.ts',
        'test/leaves/on-every-engine.test.ts',
        'test/steps/*.test.ts',
      ]),
      onSnowflake('packages/feature-store', 'feature-store', [
        'test/{on-demand,oracle,strange,words}/*.test.ts',
        'test/quality/{quality,time-series,declared-checks,declared-checks-random}.test.ts',
        'test/{diff,parity}/*.test.ts',
        'test/materialize/*.test.ts',
        'test/erase/erase*.test.ts',
        'test/ingest/drain.test.ts',
        'test/ingest/{change,files}/*.test.ts',
        'test/read/training-set*.test.ts',
        'test/catalog/{apply,catalog,jobs,lease}.test.ts',
      ]),
      onSnowflake('packages/registry', 'registry', [
        'test/{erase,promote,version}/*.test.ts',
        'test/register/{refused,register}.test.ts',
        'test/store/{processes,race}.test.ts',
      ]),
      onSnowflake('packages/cli', 'cli', [
        'test/jobs/job-table.test.ts',
        'test/score/every-engine.test.ts',
        'test/schedule/run-schedule.test.ts',
        'test/alert/every-engine.test.ts',
      ]),
      onSnowflake('examples/energy', 'energy', ['test/mart/{pjm,swiss}.test.ts', 'test/kpi/kpi.test.ts']),
      onSnowflake('examples/logistics', 'logistics', ['test/mart/loads.test.ts']),
      onSnowflake('packages/drift', 'drift', [
        'test/cases/{causes,data,edges,joint,windows}.test.ts',
        'test/dates/{derived-columns,gaps,silence}.test.ts',
        'test/monitor/*.test.ts',
        'test/reference/{match,history,calendar}.test.ts',
        'test/predictions/{load,erase}-predictions.test.ts',
        'test/truth/{metrics,against-sklearn}.test.ts',
        'test/parity/*.test.ts',
        'test/weights/*.test.ts',
        'test/{erasure,row-kinds,three-routes,writers}.test.ts',
      ]),
    ],
  },
})
