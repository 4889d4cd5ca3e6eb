import { dirname } from 'node:path'
import process from 'node:process'
import type { Generator } from './generator.ts'

/** Lines of a crontab. */
export const cron: Generator = {
  name: 'cron',
  about: 'print lines of a crontab',
  text({ schedules, project, times }) {
    const lines = schedules.flatMap(({ name, clock }) => [
      '',
      `# ${name}${clock.zone === 'UTC' ? '' : `, on the clock of ${clock.zone}`}`,
      ...times
        .utc(clock)
        .map((time) => `${time} cd ${quoted(project.folder)} && npx martlet run-due --schedule ${name}`),
    ])
    return [
      '# Written by `martlet schedules --cron`. Times are UTC: this machine must run on UTC, or its cron must know CRON_TZ',
      '# (cronie does, that of Debian does not). Where clocks change, there is a line for either offset: at the time that is',
      '# not a slot, run-due finds nothing due and ends with 0.',
      'CRON_TZ=UTC',
      // Cron has a short one.
      `PATH=${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      ...lines,
      '',
    ].join('\n')
  },
}

/** A word for the shell; cron itself takes % for a newline. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`).replaceAll('%', String.raw`'\%'`)}'`
}
