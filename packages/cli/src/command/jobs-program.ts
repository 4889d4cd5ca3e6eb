import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { neverScheduled, run, several, withExamples } from './define-command.ts'
import type { JobsDoOptions } from './jobs-do.ts'
import type { JobsListOptions, JobsRunOptions, JobsShowOptions } from './jobs.ts'
import type { GlobalOptions } from './run-command.ts'
import type { WorkerOptions } from './worker.ts'

/** `martlet worker` and `martlet jobs …` */
export function jobsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  neverScheduled(
    withExamples(root.command('worker').description('run jobs that were asked for, each in a process of its own'), [
      'worker',
      'worker --once --json',
      'worker --kinds materialize,drift --concurrency 2',
    ]),
  )
    .option('--once', 'end when there is no job to be run now')
    .option(
      '--kinds <kinds>',
      'only these, with commas: materialize, training-set, score, drift, or those of the project (default: all)',
    )
    .option('--concurrency <number>', 'how many jobs run at once (default: 1)')
    .option('--poll <length>', 'how often the queue is looked at (default: 1s)')
    .option('--table <length>', 'how often the table of jobs in the warehouse is looked at (default: 30s)')
    .option('--wait <length>', 'how long a job waits for a warehouse that another process has open (default: 10m)')
    .action(async (options: WorkerOptions) =>
      ended(await run('worker', options, async (context) => (await import('./worker.ts')).worker(context, options))),
    )

  const jobs = root
    .command('jobs')
    .description('ask for jobs, show and cancel them')
    .addHelpText('after', '\nExamples:\n  $ martlet jobs run materialize\n  $ martlet jobs list --state failed')
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withExamples(
      jobs.command(name).description(description),
      examples.map((example) => `jobs ${example}`),
    )

  add('list', 'the newest jobs', ['list', 'list --state queued --state running', 'list --kind score --json'])
    .option('--state <state>', 'only in this state; may be given several times', several)
    .option('--kind <kind>', 'only of this kind; may be given several times', several)
    .option('--limit <number>', 'at most this many (default: 20)')
    .action(async (options: JobsListOptions) =>
      ended(
        await run('jobs list', options, async (context) =>
          (await import('./jobs.ts')).listJobsCommand(context, options),
        ),
      ),
    )

  add('show <id>', 'one job: state, arguments, error, the end of its log', [
    'show 0197250d-6f00-7aaa-8aaa-aaaaaaaaaaaa --json',
    'show 0197250d-6f00-7aaa-8aaa-aaaaaaaaaaaa --artifacts reports',
  ])
    .option('--artifacts <folder>', 'also write the files of the job into this folder')
    .action(async (id: string, options: JobsShowOptions) =>
      ended(
        await run('jobs show', options, async (context) => (await import('./jobs.ts')).showJob(context, id, options)),
      ),
    )

  add('run <kind>', 'ask for a job, which a worker runs', [
    'run materialize --arguments \'{"views": ["customer_usage"]}\'',
    "run drift --key drift-2026-06-01 --arguments '{}'",
  ])
    .option('--arguments <json>', 'what it is about (default: {})')
    .option('--key <text>', 'a repeated request with the same key is the same job')
    .option('--priority <number>', 'from -100 to 100; the higher, the sooner (default: that of the kind, mostly 0)')
    .action(async (kind: string, options: JobsRunOptions) =>
      ended(
        await run('jobs run', options, async (context) =>
          (await import('./jobs.ts')).askForJob(context, kind, options),
        ),
      ),
    )

  add('do <kind>', 'do the work of a kind of the project here and now, without the queue', [
    'do customer-report --arguments \'{"customer_id": "C1"}\'',
  ])
    .option('--arguments <json>', 'what it is about (default: {})')
    .option('--asked-at <instant>', 'when it was asked for (default: now)')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (kind: string, options: JobsDoOptions) =>
      ended(
        await run('jobs do', options, async (context) => (await import('./jobs-do.ts')).doJob(context, kind, options)),
      ),
    )

  add('sync', 'take the jobs that rows of the warehouse ask for, and write there how all jobs are', [
    'sync',
    'sync --wait 1m',
  ])
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (options: GlobalOptions) =>
      ended(
        await run('jobs sync', options, async (context) => (await import('./jobs-do.ts')).syncJobsCommand(context)),
      ),
    )

  add('cancel <id>', 'end a job that waits, stop one that runs', [
    'cancel 0197250d-6f00-7aaa-8aaa-aaaaaaaaaaaa',
  ]).action(async (id: string, options: GlobalOptions) =>
    ended(
      await run('jobs cancel', options, async (context) => (await import('./jobs.ts')).cancelJobCommand(context, id)),
    ),
  )
}
