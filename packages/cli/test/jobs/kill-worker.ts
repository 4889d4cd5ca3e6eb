// Works as `martlet worker --once` does, with jobs that are small.
import { join } from 'node:path'
import process from 'node:process'
import { openCatalog } from '@martlet/feature-store'
import { runJob } from '../../src/jobs/run-job.ts'
import { work } from '../../src/jobs/work.ts'
import { runStepProcess } from '../../src/schedule/step-process.ts'

await using catalog = await openCatalog({ path: 'catalog.sqlite' })
process.stdout.write('open\n')
const signal = new AbortController().signal
const done = await work({
  catalog,
  kinds: ['materialize'],
  concurrency: 2,
  once: true,
  pollMs: 20,
  retention: { days: 1, rows: 1000 },
  signal,
  now: Date.now,
  run: (held) =>
    runJob(held, {
      config: 'none',
      folder: process.cwd(),
      runStep: (start) => runStepProcess({ ...start, bin: join(import.meta.dirname, 'kill-job.ts') }),
      redact: (text) => text,
      wait: '1m',
      pollMs: 20,
      signal,
      now: Date.now,
      random: () => 0,
      onLine: () => undefined,
    }),
  onEvent: () => undefined,
})
process.stdout.write(`done ${JSON.stringify(done)}\n`)
