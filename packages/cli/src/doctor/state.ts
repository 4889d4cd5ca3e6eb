import { listLeases, planDefinitions } from '@martlet/feature-store'
import type { Project } from '../project/project.ts'
import { viewStatuses } from '../project/view-status.ts'
import { ageWords, counted, instantWords } from '../terminal/words.ts'
import type { Check } from '../place/check.ts'

/** Whether definitions load, and the catalog has them. */
export async function checkDefinitions(project: Project): Promise<readonly Check[]> {
  const definitions = await project.definitions()
  const { changes } = await planDefinitions(await project.catalog(), definitions.all)
  const found = [
    counted(definitions.views.size, 'view'),
    counted(definitions.services.size, 'service'),
    counted(definitions.labels.size, 'label'),
  ].join(', ')
  if (changes.length === 0) return [{ name: 'definitions', state: 'ok', found: `${found}, all applied` }]
  return [
    {
      name: 'definitions',
      state: 'warn',
      found: `${found}; ${counted(changes.length, 'change')} not applied`,
      fix: 'Look with martlet plan, then run martlet apply.',
    },
  ]
}

/** Whether every applied view is up to date, its last run succeeded, and no dead process holds its lease. */
export async function checkFreshness(project: Project): Promise<readonly Check[]> {
  const now = Date.now()
  const checks = (await viewStatuses(project, now)).map(
    ({ view, newest, watermark, late, continuous, lastRun }): Check => {
      const name = `view ${view}`
      if (lastRun?.outcome === 'failed')
        return {
          name,
          state: 'fail',
          found: `the last run failed: ${lastRun.error ?? ''}`,
          fix: `Correct that, then martlet materialize ${view}.`,
        }
      if (continuous) return { name, state: 'ok', found: 'continuous: computed for the instant that is asked for' }
      if (watermark === null)
        return { name, state: 'warn', found: 'has never been computed', fix: `martlet materialize ${view}` }
      const found = `${newest === null ? '' : `newest row ${instantWords(newest)}, `}complete before ${instantWords(watermark)}`
      return late
        ? {
            name,
            state: 'warn',
            found: `${found}; later instants are closed`,
            fix: `martlet materialize ${view}, and let a scheduler run it regularly`,
          }
        : { name, state: 'ok', found }
    },
  )
  const held = (await listLeases((await project.catalog()).db)).map(
    ({ view, host, pid, actor, heartbeat, gone }): Check => {
      const who = `${actor} (process ${pid} on ${host})`
      const schedule = /^\.schedule (.*)$/s.exec(view)?.[1]
      const scores = /^\.score (.*)$/s.exec(view)?.[1]
      const [name, again, doing] =
        schedule !== undefined
          ? [`lock of schedule ${schedule}`, `martlet run-due --schedule ${schedule}`, 'is running it now']
          : scores === undefined
            ? [`lock ${view}`, `martlet materialize ${view}`, 'is materializing it now']
            : [`lock of scores ${scores}`, `martlet score … --into ${scores}`, 'is scoring into it now']
      return gone
        ? {
            name,
            state: 'warn',
            found: `left behind by ${who}, silent for ${ageWords(now - Date.parse(heartbeat))}`,
            fix: `The next ${again} takes it over and continues where that run stopped.`,
          }
        : { name, state: 'ok', found: `${who} ${doing}` }
    },
  )
  return [...checks, ...held]
}
