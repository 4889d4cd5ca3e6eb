import { decidingMetrics } from '../../../compare/metrics/lookup.ts'
import type { DriftPolicy } from '../../../verdict/policy.ts'
import type { WindowResult } from '../../../verdict/result.ts'
import { atLeast } from '../../../verdict/severity.ts'
import { markup, type Markup } from '../../markup.ts'
import { instant } from '../../words.ts'
import type { Page } from '../page.ts'

/** How the verdict was reached: the rule, its floors, and against which profile. */
export function footer({ result }: Page): Markup {
  const { policy, evaluatedAt, profile, exitCode } = result
  const evaluated = `Evaluated ${instant(evaluatedAt)}`
  const sentences = result.windows.some(({ parity }) => parity !== undefined)
    ? [`Logged vectors were compared with what the definitions gave at the time of this report. ${evaluated}.`]
    : result.windows.some(({ performance }) => performance !== undefined)
      ? [
          `A metric became worse when it is beyond its floor and its false-discovery-controlled chance is below ${policy.alpha}.`,
          `Only predictions whose labels can be known are measured. ${evaluated}.`,
        ]
      : [
          `A column changed when an effect, with chance taken off, reaches its floor (warning / critical: ${floors(policy)})`,
          `and its false-discovery-controlled chance is below ${policy.alpha}.`,
          // A reference of earlier rows needs no stored profile.
          Date.parse(profile.createdAt) === 0
            ? `${evaluated}.`
            : `${evaluated} against profile ${profile.name} of ${instant(profile.createdAt)}.`,
          ...result.windows.slice(-1).flatMap(({ reference }) => (reference === undefined ? [] : [reference.sentence])),
          ...result.windows.slice(-1).flatMap(togetherSentence),
        ]
  return markup`<footer>${[...sentences, `Exit code ${exitCode}.`].join(' ')}</footer>`
}

/** What all columns together show, where that is no finding of its own. */
function togetherSentence({ joint }: WindowResult): readonly string[] {
  return joint === undefined || atLeast(joint.severity, 'warn') ? [] : [joint.sentence]
}

function floors(policy: DriftPolicy): string {
  return decidingMetrics
    .map(({ name, word, unit }) => {
      const { warn, crit } = policy.floors[name]
      return `${word} ${warn} / ${crit}${unit === 'σ' ? ' σ' : ''}`
    })
    .join(', ')
}
