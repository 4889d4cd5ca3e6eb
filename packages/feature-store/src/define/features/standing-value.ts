import type { DefaultValueWord } from './default-value.ts'
import type { StandingFeature } from '../../vocabulary/features/standing.ts'

/** A standing under construction; `V` is the type of its values. */
export interface Standing<V> extends DefaultValueWord {
  readonly '~value'?: V
  readonly standing: Omit<StandingFeature, 'kind' | 'name'>
}

export function isStanding(given: unknown): given is Standing<unknown> {
  return typeof given === 'object' && given !== null && 'standing' in given
}
