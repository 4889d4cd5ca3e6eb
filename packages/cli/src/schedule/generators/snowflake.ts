import type { Schedule } from '../schedule.ts'
import type { Generator, GeneratorInput } from './generator.ts'

/** The longest that a task may take. */
const LONGEST_MS = 604_800_000

/** Tasks that run `martlet run-due` in a container, as sql/snowflake/0015-tasks.sql does. */
export const snowflake: Generator = {
  name: 'snowflake',
  about: 'print the tasks as SQL that martlet deploy takes',
  text(input) {
    const { schedules, prefix } = input
    const names = schedules.flatMap((schedule) => taskNames(schedule, input))
    return [
      '-- Written by `martlet schedules --snowflake`; deploy it with `martlet deploy --folder`, after the files of Martlet, which',
      '-- make the schema, the pool and the image repository. Tasks are created suspended: docs/deploy.md says how to resume them.',
      '-- Times are those of the zone. A task whose run is still going on is left out, and the next one catches up.',
      ...stateNotes(input),
      ...schedules.flatMap((schedule) => tasks(schedule, input)),
      ...names.map((name) => `GRANT MONITOR, OPERATE ON TASK jobs.${name} TO ROLE ${prefix}_ADMIN;`),
      '',
    ].join('\n')
  },
}

function stateNotes({ project: { paths } }: GeneratorInput): readonly string[] {
  if (paths.catalog === null) return []
  return [
    '-- The catalog of this project is a file, which a container loses when it ends, and with it what has run: keep it in',
    '-- Snowflake (catalog: { snowflake: {} }), or on a volume that you mount.',
  ]
}

function taskNames({ name, clock }: Schedule, { times: { zoned } }: GeneratorInput): readonly string[] {
  const times = zoned(clock)
  return times.map((_, index) => `run_due_${name.toLowerCase()}${times.length > 1 ? `_${index + 1}` : ''}`)
}

function tasks(schedule: Schedule, input: GeneratorInput): readonly string[] {
  const { name, clock, timeout, retries, steps } = schedule
  const { prefix, image } = input
  const longest = Math.min(LONGEST_MS, timeout * (retries + 1) * steps.length)
  const times = input.times.zoned(clock)
  return taskNames(schedule, input).map(
    (task, index) => `CREATE OR ALTER TASK jobs.${task}
  WAREHOUSE = ${prefix}_META
  SCHEDULE = 'USING CRON ${times[index]} ${clock.zone}'
  USER_TASK_TIMEOUT_MS = ${Math.round(longest)}
  SUSPEND_TASK_AFTER_NUM_FAILURES = 5
AS EXECUTE JOB SERVICE IN COMPUTE POOL ${prefix}_JOBS
  FROM SPECIFICATION_TEMPLATE $$
spec:
  containers:
  - name: martlet
    image: {{ image }}
    command: ["npx", "martlet", "run-due", "--schedule", "${name}", "--events"]
$$ USING (image => '${image}')
  QUERY_WAREHOUSE = ${prefix}_WORK;
`,
  )
}
