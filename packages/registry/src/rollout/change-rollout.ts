import { MartletError } from '@martlet/warehouse'
import { checkMove, type MoveReason } from '../promote/move-alias.ts'
import type { Move } from '../promote/move.ts'
import { writeMove } from '../promote/write-move.ts'
import type { RegistryContext } from '../registry-context.ts'

import { checkActor, checkReason } from '../version/names.ts'
import { logChange } from './log-change.ts'
import { readRollout, requireRunning } from './read-rollouts.ts'
import type { Rollout, RolloutState } from './rollout.ts'
import { shareWords, stepWords } from './words.ts'

export interface ChangeRollout extends MoveReason {
  /** The revision that the caller decided by; a change since then refuses this one. @default whatever it is now */
  readonly expect?: number
}

/**
 * Begins the next step; after the last one, promotes the candidate by an ordinary move, which the policy may refuse.
 *
 * @throws MartletError ROLLOUT_NOT_RUNNING when there is none, or it has ended
 * @throws MartletError ROLLOUT_CHANGED when somebody else was faster (`data.revision`)
 * @throws MartletError PROMOTION_REFUSED when the policy refuses the promotion; the last step goes on
 */
export async function advanceRollout(
  context: RegistryContext,
  model: string,
  options: ChangeRollout,
): Promise<Rollout> {
  const rollout = await decidedBy(context, model, options)
  const next = rollout.step + 1
  const approver = options.approver ?? rollout.approver
  const by = { actor: options.actor, approver, reason: options.reason }
  const isLast = next >= rollout.steps.length
  const move: Move = {
    model,
    alias: rollout.stable.alias,
    kind: 'set',
    expect: rollout.stable.version,
    to: rollout.candidate.version,
    ...by,
    reason: `roll-out ${rollout.rollout} is through: ${by.reason}`,
  }
  if (isLast) await checkMove(context, move)
  return context.dialect.exclusive(context.db, async (db) => {
    const inside = { db, now: context.now }
    const change = `${shareWords(rollout)} → ${isLast ? 'promoted' : stepWords(rollout, next)}`
    const step = isLast ? rollout.step : next
    await swap(inside, rollout, { state: isLast ? 'done' : 'running', step, reason: by.reason })
    await logChange(inside, rollout, { change, ...by })
    if (isLast) await writeMove(inside, move)
    return readRollout(db, rollout)
  })
}

/**
 * Ends a roll-out: all requests go to the stable version. The candidate keeps its alias.
 *
 * @throws MartletError ROLLOUT_NOT_RUNNING when there is none, or it has ended
 * @throws MartletError ROLLOUT_CHANGED when somebody else was faster (`data.revision`)
 */
export async function endRollout(
  context: RegistryContext,
  model: string,
  state: 'rolled back' | 'stopped',
  options: ChangeRollout,
): Promise<Rollout> {
  const rollout = await decidedBy(context, model, options)
  const { actor, approver = null, reason } = options
  return context.dialect.exclusive(context.db, async (db) => {
    const inside = { db, now: context.now }
    await swap(inside, rollout, { state, step: rollout.step, reason })
    await logChange(inside, rollout, { change: `${shareWords(rollout)} → 0 %, ${state}`, actor, approver, reason })
    return readRollout(db, rollout)
  })
}

async function decidedBy(context: RegistryContext, model: string, options: ChangeRollout): Promise<Rollout> {
  checkActor(options.actor)
  checkReason(options.reason)
  const rollout = await requireRunning(context.db, model)
  if (options.expect !== undefined && options.expect !== rollout.revision) throw changedMeanwhile(rollout)
  return rollout
}

/** Compares and swaps. */
async function swap(
  { db, now }: Pick<RegistryContext, 'db' | 'now'>,
  decided: Rollout,
  to: { readonly state: RolloutState; readonly step: number; readonly reason: string },
): Promise<void> {
  const { model, rollout, revision } = await requireRunning(db, decided.model)
  if (rollout !== decided.rollout || revision !== decided.revision) throw changedMeanwhile(decided)
  const at = now()
  await db
    .updateTable('rollouts')
    .set({
      ...to,
      revision: revision + 1,
      changed_ms: at,
      ...(to.step === decided.step ? {} : { step_ms: at }),
    })
    .where('model', '=', model)
    .where('rollout', '=', rollout)
    .execute()
}

function changedMeanwhile({ model, rollout, revision }: Rollout): MartletError {
  return new MartletError(
    'ROLLOUT_CHANGED',
    `Roll-out ${rollout} of ${model} has changed in the meantime. Look at it again, then decide.`,
    { data: { model, rollout, revision } },
  )
}
