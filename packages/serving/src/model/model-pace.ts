import type { ServableModel } from './model-source.ts'

/** How many rows a model runs over before other requests get their turn, learnt from its own runs. */
export interface ModelPace {
  rows(model: ServableModel): number
  learn(model: ServableModel, rows: number, milliseconds: number): void
}

/** Milliseconds that one run should take at most. */
const runMs = 20
/** Rows of a run when nothing is known of the model yet. */
const firstRows = 64

export function modelPace(): ModelPace {
  const msPerRow = new WeakMap<ServableModel, number>()
  return {
    rows(model) {
      const known = msPerRow.get(model)
      return known === undefined ? firstRows : Math.max(1, Math.floor(runMs / known))
    },
    learn(model, rows, milliseconds) {
      const now = milliseconds / rows
      const before = msPerRow.get(model) ?? now
      // A single slow run, such as one that waited for a busy machine, says little.
      msPerRow.set(model, before * 0.8 + now * 0.2)
    },
  }
}
