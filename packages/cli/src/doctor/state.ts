import { listLeases, planDefinitions } from '@martlet/feature-store'
import type { Project } from '../project/project.ts'
import { viewStatuses } from '../project/view-status.ts'
import { ageWords, counted, instantWords } from '../terminal/words.ts'
import type { Check } from '../place/check.ts'

/** Definitions load, and the catalog has them. */
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

/** Every applied view is up to date, its last run ended well, and nobody has held its lease for long. */
export async function checkFreshness(project: Project): Promise<readonly Check[]> {
  const now = Date.now()
  const checks = (await viewStatuses(project, now)).map(({ view, newest, watermark, late, lastRun }): Check => {
    const name = `view ${view}`
    if (lastRun?.outcome === 'failed')
      return {
        name,
        state: 'fail',
        found: `the last run failed: ${lastRun.error ?? ''}`,
        fix: `Correct that, then martlet materialize ${view}.`,
      }
    if (watermark === null)
      return { name, state: 'warn', found: 'has never been computed', fix: `martlet materialize ${view}` }
    const found = `${newest === null ? '' : `newest row ${instantWords(newest)}, `}complete before ${instantWords(watermark)}`
    return late
      ? {
          name,
          state: 'warn',
          found: `${found}, later instants are closed`,
          fix: `martlet materialize ${view}, and let a scheduler do it from then on`,
        }
      : { name, state: 'ok', found }
  })
  const held = (await listLeases((await project.catalog()).db)).map(
    ({ view, host, pid, actor, heartbeat, gone }): Check => {
      const who = `${actor} (process ${pid} on ${host})`
      return gone
        ? {
            name: `lock ${view}`,
            state: 'warn',
            found: `left behind by ${who}, silent for ${ageWords(now - Date.parse(heartbeat))}`,
            fix: `The next martlet materialize ${view} takes it over and goes on where that run stopped.`,
          }
        : { name: `lock ${view}`, state: 'ok', found: `${who} is materializing it now` }
    },
  )
  return [...checks, ...held]
}
