import { f64, func, i32, i32x4, repeatWhile, v128, when, type Func, type Local, type Step } from './assembly.ts'
import { cellsOfPair, GRID_LOCALS, spreadGrid } from './grid-place.ts'

/**
 * Writes the cell of each double from one address to another, in 16 bits, and counts the doubles of each cell, in 32. They are taken in
 * pairs: when they are odd, one more is read and its cell written, but not counted.
 */
export const countCells: Func = func(
  { from: 'i32', end: 'i32', places: 'i32', counts: 'i32', low: 'f64', scale: 'f64', last: 'f64' },
  { ...GRID_LOCALS, found: 'v128', cell: 'i32', at: 'i32' },
  (use) => {
    const { from, end, places, counts, found, cell, at } = use
    const change = (one: Local<'i32'>, by: 1 | -1): readonly Step[] => [
      at.set(i32.add(counts, i32.shl(one, i32.const(2)))),
      i32.store(at, i32.add(i32.load(at), i32.const(by))),
    ]
    return [
      ...spreadGrid(use),
      repeatWhile(
        i32.lt_u(from, end),
        found.set(cellsOfPair(use, v128.load(from))),
        cell.set(i32x4.extract_lane(0, found)),
        i32.store16(places, cell),
        ...change(cell, 1),
        cell.set(i32x4.extract_lane(2, found)),
        i32.store16(places, cell, 2),
        ...change(cell, 1),
        places.set(i32.add(places, i32.const(4))),
        from.set(i32.add(from, i32.const(16))),
      ),
      when(i32.lt_u(end, from), change(cell, -1)),
    ]
  },
)

/**
 * Writes the doubles from one address to another to where the next one of their cell goes, which `next` says of each cell and which
 * then moves on. A cell whose doubles are not wanted has 0 there.
 */
export const gatherCells: Func = func(
  { from: 'i32', end: 'i32', places: 'i32', next: 'i32' },
  { at: 'i32', to: 'i32' },
  ({ from, end, places, next, at, to }) => [
    repeatWhile(
      i32.lt_u(from, end),
      at.set(i32.add(next, i32.shl(i32.load16_u(places), i32.const(2)))),
      to.set(i32.load(at)),
      when(to, [f64.store(to, f64.load(from)), i32.store(at, i32.add(to, i32.const(8)))]),
      places.set(i32.add(places, i32.const(2))),
      from.set(i32.add(from, i32.const(8))),
    ),
  ],
)
