import { uselessOf, type WindowPerformance } from '../truth/truth-result.ts'
import { grouped, percent } from '../verdict/wording.ts'

/** How many predictions have their labels. */
export function coverageWords({ coverage, task }: Pick<WindowPerformance, 'coverage' | 'task'>): string {
  const { predictions, matured, labelled, missing, completeAt } = coverage
  if (predictions === 0) return 'No predictions.'
  const waiting = predictions - matured
  const useless = uselessOf(coverage)
  const known = labelled + useless
  return [
    `${grouped(known)} of ${grouped(predictions)} predictions (${percent(known / predictions)}) have labels`,
    ...(waiting > 0
      ? [`${grouped(waiting)} wait for theirs until ${(completeAt ?? '').slice(0, 16).replace('T', ' ')} UTC`]
      : []),
    ...(useless > 0
      ? [`${grouped(useless)} have a label but no ${task === 'binary' ? 'chance from 0 to 1' : 'finite value'}`]
      : []),
    ...(missing > 0 ? [`${grouped(missing)} have none although its time is over`] : []),
  ]
    .join('; ')
    .concat('.')
}

const OBSERVATIONS = { entities: 'entity', days: 'day', rows: 'row' } as const

/** What intervals rest on. */
export function clusterWords({ clusteredBy, groups }: WindowPerformance): string {
  const [all] = groups
  if (all === undefined) return ''
  return `Intervals count each ${OBSERVATIONS[clusteredBy]} as one observation, ${grouped(all.clusters)} of them.`
}
