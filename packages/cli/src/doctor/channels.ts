import process from 'node:process'
import type { Check } from '../place/check.ts'
import { shownVariable } from '../place/environment.ts'
import type { Project } from '../project/project.ts'
import { namedVariables } from '../schedule/redact.ts'

/** Whether the channels of alerts have what they read from the environment; nothing is sent. */
export function checkChannels({ config }: Pick<Project, 'config'>): readonly Check[] {
  return Object.entries(config.alerts?.channels ?? {}).map(([channel, given]): Check => {
    const name = `channel ${channel}`
    const missing = namedVariables(given)
      .filter((variable) => (process.env[variable] ?? '') === '')
      .map((variable) => shownVariable(variable) ?? 'a variable that it names')
    if (missing.length === 0)
      return { name, state: 'ok', found: `${Object.keys(given).join()}; martlet alerts test ${channel} tries it` }
    const found = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set, so nobody is told through it`
    return { name, state: 'fail', found, fix: 'Set it where commands and schedules run.' }
  })
}
