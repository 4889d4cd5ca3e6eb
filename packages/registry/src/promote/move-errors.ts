import { MartletError } from '@martlet/warehouse'
import type { ModelVersion } from '../version/model-version.ts'
import type { AliasMove } from './alias-log.ts'
import type { Move } from './write-move.ts'

/** Refuses versions that must not go live. */
export function checkPromotable({ model, version, status, lifecycle, statusMessage }: ModelVersion): void {
  if (status === 'READY' && lifecycle === 'active') return
  const why = lifecycle === 'active' ? `failed its last check: ${statusMessage}` : `is ${lifecycle}`
  throw new MartletError(
    'VERSION_NOT_PROMOTABLE',
    `Version ${version} of model ${model} ${why}. Choose another version.`,
    { data: { model, version, status, lifecycle } },
  )
}

export function aliasMoved({ model, alias, expect }: Move, actual: number | null): MartletError {
  return new MartletError(
    'ALIAS_MOVED',
    `${model}@${alias} points to ${actual ?? 'nothing'}, not to ${expect ?? 'nothing'} as expected. ` +
      'Read its history, then decide again.',
    { data: { model, alias, expected: expect, actual } },
  )
}

export function promotionRefused({ model, alias, kind, to }: Move, from: number | null, verdict: string): MartletError {
  return new MartletError(
    'PROMOTION_REFUSED',
    `The policy refuses to ${kind} ${model}@${alias} from ${from ?? 'nothing'} to ${to ?? 'nothing'}: ${verdict}`,
    { data: { model, alias, from, to, verdict } },
  )
}

export function noEarlierVersion(model: string, alias: string, moves: readonly AliasMove[]): MartletError {
  const live = moves.at(-1)?.to ?? null
  const past = new Set(moves.flatMap(({ to }) => (to === null || to === live ? [] : to)))
  const rolledBack = [...past].toSorted((left, right) => left - right)
  const name = `${model}@${alias}`
  const message =
    rolledBack.length > 0
      ? `${name} points to version ${live}, and no earlier version is left. A rollback does not return to a version that ` +
        `was rolled back (${rolledBack.join(', ')}): set the alias if that is what you mean.`
      : `${name} never pointed to a version${live === null ? '' : ` other than ${live}`}, so there is nothing to roll back to.`
  return new MartletError('NO_EARLIER_VERSION', message, { data: { model, alias, live, rolledBack } })
}
