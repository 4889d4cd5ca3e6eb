import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Narrator } from '@martlet/example-logistics/demo/narrator'
import { STATE } from '../state-folder.ts'
import { daysBack, END } from '../world-range.ts'
import { askForReports, askForRisks } from './ask-over-http.ts'
import { withChangedView } from './changed-view.ts'
import { EXAMPLE, OperationsCommands } from './operations-commands.ts'
import { readRows, tableLines } from './read-tables.ts'

/** Runs every step and prints what happens. Returns the exit code: 1 when a job is not as it should be. */
export async function walkThrough(): Promise<number> {
  const say = new Narrator()
  // One end of the history for all processes, whatever hour begins meanwhile.
  const run = new OperationsCommands(say, { OPERATIONS_UNTIL: new Date(END).toISOString() })
  const show = async (text: string, names: readonly string[]): Promise<void> => {
    for (const line of tableLines(await readRows(text), names)) say.line(line)
  }
  await rm(STATE, { recursive: true, force: true })

  say.step('A warehouse: tables and views. The second time there is nothing to do')
  await run.martlet(['deploy', '--yes'], { last: 1 })
  await run.martlet(['deploy', '--yes'], { last: 1 })

  say.step('A company, and the platform on which it runs')
  await run.script('src/generate/run.ts', 'generate', [])

  say.step('A view is edited: only that is deployed')
  const changed = await withChangedView()
  await run.martlet(['deploy', '--folder', relative(EXAMPLE, changed), '--yes'], { last: 4 })

  say.step('Checks of the data, and the status of the platform')
  await run.martlet(['check'], { last: 3, codes: [0, 2] })
  await show('SELECT * FROM ops.operational_status ORDER BY place', ['part', 'well', 'total', 'status'])

  say.step('Features of pipelines and queues, and a model of which pipeline will fail')
  await run.martlet(['apply', '--yes'], { last: 1 })
  await run.martlet(['materialize', '--from', daysBack(8)], { upTo: /^queue_load/, codes: [0, 2] })
  await run.script('src/train/run.ts', 'train', [])

  say.step('Jobs that are asked for in SQL, over HTTP and by a schedule')
  await run.script('src/sql.ts', 'sql', [
    'INSERT INTO ops.jobs (id, type, input, created_by) VALUES ' +
      `('monday', 'executive-report', '{}', 'analyst'), ('typo', 'customer-report', '{"customer": "C0001"}', 'analyst')`,
  ])
  const server = await run.serve()
  const worst = await readRows(
    "SELECT customer_id FROM mart.customer_360 WHERE class = 'at risk' ORDER BY health, customer_id LIMIT 2",
  )
  const asked = await askForReports(
    server.url,
    worst.map((row) => String(row['customer_id'])),
  )
  say.line(`POST /v1/jobs: ${2 * worst.length} requests with ${worst.length} keys are ${asked.length} jobs`)
  await run.martlet(['run-due', '--schedule', 'morning'], { last: 1 })

  say.step('What the model says of the next day, over HTTP')
  const pipelines = (await readRows('SELECT pipeline FROM ops.dim_pipeline ORDER BY pipeline')).map((row) =>
    String(row['pipeline']),
  )
  const risks = await askForRisks(server.url, pipelines)
  for (const { pipeline, risk } of risks.slice(0, 3)) say.line(`${pipeline.padEnd(16)} ${(100 * risk).toFixed(1)} %`)
  await server.stop()
  await run.martlet(['drift', 'run_risk'], { last: 3, codes: [0, 1, 2] })

  say.step('Workers: the first is killed at its first job, two others do everything')
  const lost = await run.killedWorker()
  say.line(`killed while job ${lost} was under way`)
  await Promise.all([run.martlet(['worker', '--once'], { last: 1 }), run.martlet(['worker', '--once'], { last: 1 })])
  await show('SELECT id, type, state, attempts, created_by FROM ops.jobs ORDER BY created_at, id', [
    'id',
    'type',
    'state',
    'attempts',
    'created_by',
  ])
  await show('SELECT * FROM ops.job_monitoring ORDER BY type', [
    'type',
    'succeeded_24h',
    'failed_24h',
    'attempts_lost',
    'mean_work_seconds',
    'artifacts',
  ])

  say.step('The reports')
  const done = await readRows(
    "SELECT id, job_id FROM ops.jobs WHERE type LIKE '%-report' AND state = 'succeeded' ORDER BY type DESC, id",
  )
  for (const row of done.slice(1, 3))
    await run.martlet(['jobs', 'show', String(row['job_id']), '--artifacts', join(relative(EXAMPLE, STATE), 'out')], {
      last: 2,
    })

  const wrong = await readRows(`
    SELECT j.id FROM ops.jobs AS j
    LEFT JOIN (SELECT a.job_id, COUNT(*) AS files, COUNT(DISTINCT a.name) AS names FROM ops.job_artifacts AS a GROUP BY a.job_id) AS f
      ON f.job_id = j.job_id
    WHERE (j.state <> 'succeeded' AND j.id <> 'typo') OR f.files <> f.names`)
  say.line(`${done.length} reports, ${wrong.length} jobs that are not as they should be`)
  say.line(`${say.end().toFixed(0)} s`)
  return wrong.length === 0 && asked.length === worst.length ? 0 : 1
}
