// Runs what is due of a schedule of small steps, as `martlet run-due` does, until it is done or killed.
import { join } from 'node:path'
import process from 'node:process'
import { openCatalog } from '@martlet/feature-store'
import { runSchedule } from '../../src/schedule/run-schedule.ts'
import { scheduleOf } from '../../src/schedule/schedule.ts'
import { runStepProcess } from '../../src/schedule/step-process.ts'

await using catalog = await openCatalog({ path: 'catalog.sqlite' })
process.stdout.write('open\n')
try {
  const results = await runSchedule({
    catalog,
    schedule: scheduleOf({
      name: 'nightly',
      every: '1d',
      since: '2026-06-01',
      missed: 'each',
      run: ['load {date}', 'snapshot {date}', 'drift {date}'],
    }),
    now: Date.parse('2026-06-02T12:00:00Z'),
    actor: 'worker',
    config: 'none',
    folder: process.cwd(),
    failed: false,
    runStep: (start) => runStepProcess({ ...start, bin: join(import.meta.dirname, 'kill-step.ts') }),
    redact: (text) => text,
    alert: undefined,
    waiting: undefined,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
  process.stdout.write(`ran ${results.length}\n`)
} catch (error) {
  process.stdout.write(`${error instanceof Error && 'code' in error ? String(error.code) : String(error)}\n`)
}
