import type { ModelVersion } from '../version/model-version.ts'

/** A move that is about to be made. */
export interface ProposedMove {
  readonly model: string
  readonly alias: string
  /** `rollout`: the alias is about to share its requests with the version, which may be promoted at the end. */
  readonly kind: 'set' | 'unset' | 'rollback' | 'rollout'
  readonly from: number | null
  /** The version that would go live, with its evidence; null when the alias is removed. */
  readonly to: ModelVersion | null
  readonly actor: string
  readonly approver: string | null
  readonly reason: string
}

/**
 * Decides whether an alias may move: true, or the reason why not.
 *
 * @example
 * ({ alias, actor, approver }) =>
 *   alias !== 'champion' || (approver !== null && approver !== actor) || 'a champion needs a second person'
 */
export type PromotionPolicy = (move: ProposedMove) => true | string | Promise<true | string>
