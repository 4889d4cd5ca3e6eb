import type { WindowKind } from './window-kind.ts'

/** Everything before T. */
export interface LifetimeWindow {
  readonly kind: 'lifetime'
}

export const lifetime: WindowKind<LifetimeWindow> = {
  kind: 'lifetime',
  fields: {},
  words: () => 'over its lifetime',
  reach: () => null,
  inside: () => undefined,
  bounds: (_, { us }) => ({ from: undefined, to: us }),
  span: () => ({ width: null, shift: 0 }),
}
