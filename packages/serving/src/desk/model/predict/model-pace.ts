import { paceOf, type Pace } from '../../pace.ts'
import type { ServableModel } from '../model-source.ts'

/** The pace of each model: how many rows of tensors it runs before other requests get a turn. */
export function modelPaces(): (model: ServableModel) => Pace {
  const paces = new WeakMap<ServableModel, Pace>()
  return (model) => {
    const known = paces.get(model)
    if (known !== undefined) return known
    const pace = paceOf({ stepMs: 20, first: 64, least: 1, most: Number.MAX_SAFE_INTEGER })
    paces.set(model, pace)
    return pace
  }
}
