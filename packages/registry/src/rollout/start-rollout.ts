import { MartletError } from '@martlet/warehouse'
import { checkMove, type MoveReason } from '../promote/move-alias.ts'
import type { Move } from '../promote/move.ts'
import { currentVersion, writeMove } from '../promote/write-move.ts'
import type { RegistryContext } from '../registry-context.ts'
import { toJson } from '../store/json.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import { checkAliasName } from '../version/names.ts'
import { requireModel } from '../version/read-versions.ts'
import { checkedGuards, checkedSteps, invalid } from './check-plan.ts'
import { logChange } from './log-change.ts'
import { listRollouts, requireRunning } from './read-rollouts.ts'
import type { GivenStep, PinnedVersion, Rollout, RolloutGuards } from './rollout.ts'
import { stepWords } from './words.ts'

export interface StartRollout extends MoveReason {
  /** The version that takes over; its alias is set when it does not name it yet. @default what the alias names */
  readonly version?: number
  /** The alias of the version that takes over. @default 'challenger' */
  readonly candidate?: string
  /** The alias whose requests it takes over. @default 'champion' */
  readonly stable?: string
  /** Steps in order; after the last one the version is promoted. */
  readonly steps: readonly GivenStep[]
  readonly guards?: Partial<RolloutGuards>
}

/**
 * Starts a roll-out with its first step. The registry's policy is asked as for a promotion, with the kind `rollout`.
 *
 * @throws MartletError ROLLOUT_INVALID when its steps or guards make no sense, or an alias names nothing
 * @throws MartletError ROLLOUT_RUNNING when the model has one already
 * @throws MartletError VERSION_NOT_PROMOTABLE when the version is failed, archived or deleted
 * @throws MartletError PROMOTION_REFUSED when the policy refuses
 */
export async function startRollout(context: RegistryContext, model: string, options: StartRollout): Promise<Rollout> {
  const { stable = 'champion', candidate = 'challenger', actor, approver = null, reason } = options
  const steps = checkedSteps(model, options.steps)
  const guards = checkedGuards(model, options.guards ?? {})
  for (const alias of [stable, candidate]) checkAliasName(alias)
  if (stable === candidate) throw invalid(model, 'candidate', `${candidate} is the alias whose requests are taken over`)
  await requireModel(context.db, model)
  const pinned = await pinnedVersions(context.db, model, { stable, candidate, version: options.version })
  const { from, to } = pinned
  const by = { actor, approver, reason }
  await checkMove(context, { model, alias: stable, kind: 'rollout', expect: from.version, to: to.version, ...by })
  const set: Move = { model, alias: candidate, kind: 'set', expect: pinned.named, to: to.version, ...by }
  if (pinned.named !== to.version) await checkMove(context, set)
  return context.dialect.exclusive(context.db, async (db) => {
    const [last] = await listRollouts(db, { model })
    if (last?.state === 'running') throw alreadyRunning(last)
    if ((await currentVersion(db, model, stable)) !== from.version) throw movedMeanwhile(from, model)
    await writeMove({ db, now: context.now }, set)
    const rollout = (last?.rollout ?? 0) + 1
    const at = context.now()
    await db
      .insertInto('rollouts')
      .values({
        model,
        rollout,
        state: 'running',
        stable_alias: stable,
        candidate_alias: candidate,
        stable_version: from.version,
        candidate_version: to.version,
        steps: toJson(steps),
        guards: toJson(guards),
        step: 0,
        step_ms: at,
        revision: 1,
        actor,
        approver,
        reason,
        started_ms: at,
        changed_ms: at,
      })
      .execute()
    // What earlier roll-outs measured is not needed any more.
    await db.deleteFrom('rollout_evidence').where('model', '=', model).where('rollout', '<', rollout).execute()
    const started = await requireRunning(db, model)
    await logChange({ db, now: context.now }, started, { ...by, change: `0 % → ${stepWords(started, 0)}` })
    return started
  })
}

interface Pinned {
  readonly from: PinnedVersion
  readonly to: PinnedVersion
  /** What the candidate's alias names now. */
  readonly named: number | null
}

async function pinnedVersions(
  db: RegistryDb,
  model: string,
  aliases: { readonly stable: string; readonly candidate: string; readonly version: number | undefined },
): Promise<Pinned> {
  const { stable, candidate } = aliases
  const from = await currentVersion(db, model, stable)
  if (from === null) throw invalid(model, 'stable', `${stable} names no version. Promote one first`)
  const named = await currentVersion(db, model, candidate)
  const to = aliases.version ?? named
  if (to === null) throw invalid(model, 'candidate', `${candidate} names no version. Give one`)
  if (to === from) throw invalid(model, 'version', `version ${to} answers for ${stable} already`)
  return { from: { alias: stable, version: from }, to: { alias: candidate, version: to }, named }
}

function alreadyRunning({ model, rollout, candidate }: Rollout): MartletError {
  return new MartletError(
    'ROLLOUT_RUNNING',
    `Roll-out ${rollout} of ${model} to version ${candidate.version} is running. Stop it, or wait until it ends.`,
    { data: { model, rollout } },
  )
}

function movedMeanwhile({ alias, version }: PinnedVersion, model: string): MartletError {
  return new MartletError('ALIAS_MOVED', `${model}@${alias} no longer points to ${version}. Decide again.`, {
    data: { model, alias, expected: version },
  })
}
