import type { JobContext } from 'martlet'
import { markdownPage } from '../report/markdown.ts'
import type { Page } from '../report/page.ts'
import { age, count, decimal, moment, share } from '../report/words.ts'
import { STATUS_TONE } from './executive-report.ts'
import { rowsFrom } from './rows.ts'

/** How the platform is: Markdown for a chat, JSON for a machine. */
export async function statusReport({ project, artifact, measure }: JobContext<object>): Promise<object> {
  const warehouse = await project.warehouse()
  const [clock] = await rowsFrom(warehouse, 'SELECT now FROM ops.clock')
  const status = await rowsFrom(warehouse, 'SELECT * FROM ops.operational_status ORDER BY place')
  const pipelines = await rowsFrom(warehouse, 'SELECT * FROM ops.pipeline_sla ORDER BY fresh, quality_ok, pipeline')
  const jobs = await rowsFrom(warehouse, 'SELECT * FROM ops.job_monitoring ORDER BY type')
  const worst = status.some((row) => row['status'] === 'down')
    ? 'down'
    : status.some((row) => row['status'] === 'warn')
      ? 'warn'
      : 'ok'
  const page: Page = {
    title: `Platform: ${worst}`,
    subtitle: `As of ${moment(clock?.['now'])}`,
    tiles: status.map((row) => ({
      label: String(row['part']),
      value: String(row['status']),
      note: `${count(row['well'])} of ${count(row['total'])}`,
      tone: STATUS_TONE[String(row['status'])] ?? 'warn',
    })),
    sections: [
      {
        title: 'Pipelines',
        table: {
          columns: [
            { title: 'pipeline' },
            { title: 'age' },
            { title: 'promised' },
            { title: 'runs of 7 days without failure', number: true },
          ],
          rows: pipelines.map((row) => [
            String(row['pipeline']),
            age(row['age_minutes']),
            age(row['fresh_minutes']),
            share(row['success_share_7d']),
          ]),
        },
      },
      {
        title: 'Jobs',
        table: {
          columns: [
            { title: 'type' },
            ...['waiting', 'running', 'succeeded', 'failed', 'attempts lost', 'mean seconds'].map(
              (title) => ({ title, number: true }) as const,
            ),
          ],
          rows: jobs.map((row) => [
            String(row['type']),
            count(row['waiting']),
            count(row['running']),
            count(row['succeeded_24h']),
            count(row['failed_24h']),
            count(row['attempts_lost']),
            decimal(row['mean_work_seconds']),
          ]),
        },
      },
    ],
  }
  await artifact('status.md', 'text/markdown', markdownPage(page))
  await artifact('status.json', 'application/json', `${JSON.stringify({ status, pipelines, jobs }, null, 2)}\n`)
  measure('rows', status.length + pipelines.length + jobs.length)
  return { status: worst }
}
