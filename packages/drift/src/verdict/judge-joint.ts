import type { Separation } from '../joint/domain-classifier.ts'
import type { Floor } from '../compare/floor.ts'
import { predictionLimit } from './floor-of.ts'
import type { DriftPolicy } from './policy.ts'
import type { Cause, Finding, JointResult } from './result.ts'
import { bySize } from './severity.ts'
import { significant } from './stable-number.ts'
import { chance } from './wording.ts'

/** Of the trees' gain, the part that decides whether causes explain what the columns show together. */
const DECIDING_SHARE = 0.5

/**
 * The verdict on all columns together: they changed when the AUC reaches its floor and is beyond chance. It is a finding of its
 * own unless most of what told the rows apart are columns that have a cause already, or are muted.
 */
export function judgeJoint(
  separation: Separation,
  told: { readonly causes: readonly Cause[]; readonly muted: readonly string[] },
  policy: DriftPolicy,
): { readonly result: JointResult; readonly findings: readonly Finding[] } {
  const { auc, p } = separation
  const reached = p < policy.alpha ? bySize(auc, floorOfAuc(separation, policy)) : 'none'
  const known = new Set([...told.causes.flatMap(({ columns }) => columns), ...told.muted])
  const explained = separation.used
    .filter(({ columns }) => columns.some((column) => known.has(column)))
    .reduce((sum, { share }) => sum + share, 0)
  const all = separation.used.reduce((sum, { share }) => sum + share, 0)
  const own = reached !== 'none' && explained < DECIDING_SHARE * all
  const severity = own ? reached : reached === 'none' ? 'none' : 'info'
  const sentence = `${words(separation, own)} (AUC ${auc.toFixed(2)}, 0.5 is chance; p ${chance(p)}${usual(separation)}).`
  const rounded = {
    auc: significant(auc, 9),
    interval: [significant(separation.interval[0], 9), significant(separation.interval[1], 9)] as const,
    p: significant(p, 9),
    used: separation.used.map(({ columns, share }) => ({ columns, share: significant(share, 6) })),
    ...(separation.unchanged === undefined
      ? {}
      : { unchanged: separation.unchanged.map((one) => significant(one, 9)) }),
  }
  const finding: Finding = {
    kind: 'joint',
    column: null,
    severity,
    sentence,
    reference: 0.5,
    current: rounded.auc,
    q: rounded.p,
  }
  return { result: { ...separation, ...rounded, severity, sentence }, findings: own ? [finding] : [] }
}

/** What earlier windows show among themselves. */
function usual({ unchanged = [] }: Separation): string {
  return unchanged.length === 0 ? '' : `; earlier windows reach ${Math.max(...unchanged).toFixed(2)}`
}

/** The policy's floor, or what the next unchanged window stays below by what the reference's windows showed. */
function floorOfAuc({ unchanged = [] }: Separation, { auc, alpha, learnt }: DriftPolicy): Floor {
  if (unchanged.length < 2 || learnt === 'never') return auc
  const limit =
    0.5 +
    predictionLimit(
      unchanged.map((one) => one - 0.5),
      alpha,
      2,
    )
  if (learnt === 'atLeast' && limit <= auc.warn) return auc
  return { warn: limit, crit: Math.max(auc.crit, limit) }
}

function words({ used: [first], auc }: Separation, own: boolean): string {
  if (first === undefined || auc <= 0.5) return 'All columns together do not tell these rows from reference rows'
  const [one, other] = first.columns
  if (!own) return `All columns together tell these rows from reference rows, mostly by ${first.columns.join(' with ')}`
  return other === undefined
    ? `The columns together changed, mostly ${one}`
    : `${one} and ${other} no longer go together as they did`
}
