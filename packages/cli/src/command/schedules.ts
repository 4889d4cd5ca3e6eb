import { listLeases } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { utcCronTimes, zonedCronTimes } from '../schedule/generators/cron-times.ts'
import { generators } from '../schedule/generators/list.ts'
import { scheduleStatuses, statusTable } from '../schedule/schedule-status.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { chosenSchedules } from './run-due.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface SchedulesOptions extends GlobalOptions {
  readonly schedule?: readonly string[]
  readonly prefix?: string
  readonly image?: string
}

/** `schedules`: when they ran and run next, or their text for a scheduler. */
export async function schedulesCommand(context: CommandContext, options: SchedulesOptions): Promise<Outcome> {
  const asked = generators.filter(({ name }) => Reflect.get(options, name) === true)
  if (asked.length > 1)
    throw new MartletError('USAGE', `${asked.map(({ name }) => `--${name}`).join(' and ')} exclude each other.`)
  const project = await context.project()
  const schedules = chosenSchedules(project, options.schedule)
  const [generator] = asked
  if (generator !== undefined) {
    const now = Date.now()
    const text = generator.text({
      schedules,
      all: options.schedule === undefined,
      project,
      times: { utc: (clock) => utcCronTimes(clock, now), zoned: zonedCronTimes },
      prefix: nameOption(options.prefix ?? 'MARTLET'),
      image: imageOption(options.image ?? '/martlet/jobs/images/martlet:latest'),
    })
    return { exitCode: 0, data: { format: generator.name, text }, text: text.trimEnd() }
  }
  const { db } = await project.catalog()
  const statuses = await scheduleStatuses(db, schedules, await listLeases(db), Date.now())
  return { exitCode: 0, data: { schedules: statuses }, text: statusTable(statuses, context.terminal) }
}

function nameOption(prefix: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(prefix)) return prefix.toUpperCase()
  throw new MartletError('USAGE', '--prefix must be a name of letters, digits and _.')
}

function imageOption(image: string): string {
  if (/^\/[A-Za-z0-9_./-]+:[A-Za-z0-9_.-]+$/.test(image)) return image
  throw new MartletError('USAGE', '--image must be a path such as /martlet/jobs/images/martlet:latest.')
}
