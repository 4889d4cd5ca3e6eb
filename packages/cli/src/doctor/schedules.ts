import { listLeases } from '@martlet/feature-store'
import type { Check } from '../place/check.ts'
import { attempt } from '../place/check.ts'
import { shownVariable } from '../place/environment.ts'
import type { Project } from '../project/project.ts'
import { webhookUrl } from '../schedule/alerts.ts'
import { scheduleOf } from '../schedule/schedule.ts'
import { scheduleStatuses } from '../schedule/schedule-status.ts'
import { ageWords, instantWords } from '../terminal/words.ts'

/** Whether schedules run at all, and how their last slots ended; and whether alerts have somebody to go to. */
export async function checkSchedules(project: Project): Promise<readonly Check[]> {
  const { schedules = [], alerts } = project.config
  const now = Date.now()
  const { db } = await project.catalog()
  const statuses =
    schedules.length === 0 ? [] : await scheduleStatuses(db, schedules.map(scheduleOf), await listLeases(db), now)
  const checks = statuses.map(({ schedule, last, next, overdue }): Check => {
    const name = `schedule ${schedule}`
    const caller = 'Let cron call martlet run-due (martlet schedules --cron), or keep martlet run-due --watch running.'
    if (last === null) return { name, state: 'warn', found: `never ran; next ${instantWords(next)}`, fix: caller }
    const ran = `last slot ${instantWords(last.slot)} ${last.outcome}`
    if (overdue)
      return {
        name,
        state: 'fail',
        found: `has not run for ${ageWords(now - Date.parse(last.slot))}, more than twice its interval; ${ran}`,
        fix: caller,
      }
    if (last.outcome === 'failed')
      return {
        name,
        state: 'fail',
        found: `${ran}: ${last.error}`,
        fix: `Correct that, then martlet run-due --schedule ${schedule} --failed.`,
      }
    if (last.outcome === 'stopped')
      return { name, state: 'warn', found: `${ran}`, fix: 'The next martlet run-due goes on where it stopped.' }
    return { name, state: 'ok', found: `${ran}, next ${instantWords(next)}` }
  })
  if (alerts?.webhook === undefined) return checks
  const { urlFrom } = alerts.webhook
  const variable = shownVariable(urlFrom) ?? 'the variable that alerts.webhook.urlFrom names'
  const webhook = await attempt('alerts', `Set ${variable} to the URL of the webhook.`, async () => {
    webhookUrl(urlFrom)
    return `a webhook, from ${variable}`
  })
  return [...checks, webhook]
}
