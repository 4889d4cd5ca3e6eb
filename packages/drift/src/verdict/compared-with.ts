import type { WindowReference } from './evidence.ts'
import type { ComparedWith } from './result.ts'
import { grouped } from './wording.ts'

/** A season or a cold week may look like a fault. */
const ONE_WINDOW = ' It is one window, so how much such windows usually differ is not known.'

/** A window's reference in words and figures. */
export function comparedWith({ words, profile, single = false }: WindowReference): ComparedWith {
  const { rows, time, columns } = profile
  const learntFrom = Math.max(
    0,
    ...columns.flatMap(({ spread = {} }) => Object.values(spread).map(({ length }) => length)),
  )
  const learnt = learntFrom === 0 ? '' : `; floors learnt from ${grouped(learntFrom)} reference windows`
  const count = `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`
  return {
    sentence: `Compared with ${words}: ${count}${learnt}.${single ? ONE_WINDOW : ''}`,
    rows,
    from: time?.from ?? null,
    to: time?.to ?? null,
    learntFrom,
  }
}
