import { availableParallelism } from 'node:os'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { CountsReporter } from './scripts/vitest-counts.ts'

const source = { conditions: ['@martlet/source'], externalConditions: ['@martlet/source'] }
/**
 * Files of these share a process, because loading the packages anew for each takes a fifth of their time. In the other
 * projects files change the environment, umask or memory of their process.
 */
const SHARED = new Set(['feature-store', 'drift'])
/** Tests of these start commands and servers, whose processes import the bundled sources. */
const COMMANDS = new Set(['serving', 'cli', 'banking', 'energy', 'logistics', 'operations', 'smart-meter'])
const setupOf = (name: string) =>
  COMMANDS.has(name) ? { setupFiles: [`${import.meta.dirname}/scripts/vitest-children.ts`] } : {}
/** None has a root of its own: it would get a Vite server of its own, too, which transforms the sources once more. */
const project = (folder: string, name: string) => ({
  extends: true as const,
  test: {
    name,
    include: [`${folder}/test/**/*.test.ts`],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    isolate: !SHARED.has(name),
    ...setupOf(name),
  },
})

/** Suites that say what every engine must do, once more on the double of Snowflake, or with MARTLET_LIVE=1 on an account. */
const onSnowflake = (folder: string, name: string, include: readonly string[]) => ({
  extends: true as const,
  test: {
    name: `${name}-on-snowflake`,
    include: include.map((files) => `${folder}/${files}`),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    isolate: !SHARED.has(name),
    ...setupOf(name),
    env: { MARTLET_TEST_ENGINE: process.env['MARTLET_LIVE'] === '1' ? 'snowflake-live' : 'snowflake-double' },
  },
})

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    execArgv: ['--conditions=@martlet/source'],
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['seed', 'bundle', 'seeded'].map((name) => `${import.meta.dirname}/scripts/vitest-${name}.ts`),
    setupFiles: [`${import.meta.dirname}/scripts/vitest-fast-check.ts`],
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: '.tmp/vitest.json' }], new CountsReporter()]
      : ['default'],
    projects: [
      ...['warehouse', 'feature-store', 'registry', 'drift', 'serving', 'cli'].map((name) =>
        project(`packages/${name}`, name),
      ),
      project('examples/energy', 'energy'),
      project('examples/logistics', 'logistics'),
      project('examples/banking', 'banking'),
      project('examples/operations', 'operations'),
      project('examples/smart-meter', 'smart-meter'),
      project('scripts', 'scripts'),
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
