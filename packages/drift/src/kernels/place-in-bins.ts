import { f64, f64x2, func, i32, i32x4, repeatWhile, v128, when, type Func, type Local, type Step } from './assembly.ts'
import { cellsOfPair, GRID_LOCALS, spreadGrid } from './grid-place.ts'

/** What is known of a cell: an edge, how many edges are before the cell, and how many are in it if they are more than one. */
export const CELL_BYTES = 16
export const EDGE = 0
export const START = 8
export const MORE = 12

/**
 * Writes the bin of each double from one address to another: the count of edges below it. The edge of a cell is compared without a
 * branch, which would be guessed wrongly; of cells with more edges, it is infinite, and they are searched. The doubles are taken in
 * pairs, so that one more is read and one more bin is written when they are odd.
 */
export const placeInBins: Func = func(
  { from: 'i32', end: 'i32', bins: 'i32', cells: 'i32', edges: 'i32', low: 'f64', scale: 'f64', last: 'f64' },
  { ...GRID_LOCALS, pair: 'v128', found: 'v128', first: 'i32', second: 'i32', bin: 'i32', high: 'i32', middle: 'i32' },
  (use) => {
    const { from, end, bins, cells, edges, pair, found, first, second, bin, high, middle } = use
    const findCell = (cell: Local<'i32'>, lane: 0 | 2): Step =>
      cell.set(i32.add(cells, i32.mul(i32x4.extract_lane(lane, found), i32.const(CELL_BYTES))))
    const writeBin = (cell: Local<'i32'>, lane: 0 | 1): Step => {
      const isAbove = f64.lt(f64.load(cell, EDGE), f64x2.extract_lane(lane, pair))
      return i32.store(bins, i32.add(i32.load(cell, START), isAbove), 4 * lane)
    }
    const search = (cell: Local<'i32'>, lane: 0 | 1): readonly Step[] => [
      bin.set(i32.load(bins, 4 * lane)),
      high.set(i32.add(bin, i32.load(cell, MORE))),
      repeatWhile(
        i32.lt_u(bin, high),
        middle.set(i32.shr_u(i32.add(bin, high), i32.const(1))),
        when(
          f64.lt(f64.load(i32.add(edges, i32.shl(middle, i32.const(3)))), f64x2.extract_lane(lane, pair)),
          [bin.set(i32.add(middle, i32.const(1)))],
          [high.set(middle)],
        ),
      ),
      i32.store(bins, bin, 4 * lane),
    ]
    return [
      ...spreadGrid(use),
      repeatWhile(
        i32.lt_u(from, end),
        pair.set(v128.load(from)),
        found.set(cellsOfPair(use, pair)),
        findCell(first, 0),
        findCell(second, 2),
        writeBin(first, 0),
        writeBin(second, 1),
        when(i32.or(i32.load(first, MORE), i32.load(second, MORE)), [...search(first, 0), ...search(second, 1)]),
        from.set(i32.add(from, i32.const(16))),
        bins.set(i32.add(bins, i32.const(8))),
      ),
    ]
  },
)

/** Makes bins of one window, up to an address, those of all windows. */
export const moveToWindows: Func = func(
  { bins: 'i32', end: 'i32', windows: 'i32', binsOfWindow: 'i32' },
  {},
  ({ bins, end, windows, binsOfWindow }) => [
    repeatWhile(
      i32.lt_u(bins, end),
      i32.store(bins, i32.add(i32.load(bins), i32.mul(i32.load(windows), binsOfWindow))),
      bins.set(i32.add(bins, i32.const(4))),
      windows.set(i32.add(windows, i32.const(4))),
    ),
  ],
)
