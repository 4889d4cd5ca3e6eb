import { readLastMove } from '../promote/alias-log.ts'
import { appendToLog } from '../promote/write-move.ts'
import type { RegistryContext } from '../registry-context.ts'
import type { Rollout } from './rollout.ts'

interface Change {
  /** From what to what, such as `10 % → 25 %`. */
  readonly change: string
  readonly actor: string
  readonly approver: string | null
  readonly reason: string
}

/** Appends a change of a roll-out to the log of the candidate's alias, which stays where it is. */
export async function logChange(
  { db, now }: Pick<RegistryContext, 'db' | 'now'>,
  { model, rollout, candidate }: Rollout,
  { change, actor, approver, reason }: Change,
): Promise<void> {
  const last = await readLastMove(db, model, candidate.alias)
  const named = last?.to ?? null
  await appendToLog(db, {
    model,
    alias: candidate.alias,
    sequence: (last?.sequence ?? 0) + 1,
    kind: 'rollout',
    from: named,
    to: named,
    actor,
    approver,
    reason: `roll-out ${rollout}: ${change}: ${reason}`,
    at: new Date(Math.max(now(), last?.at.getTime() ?? 0)),
  })
}
