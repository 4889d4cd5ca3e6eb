import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import type { Micros } from '../../plan/feature-plan.ts'
import type { Input } from './input.ts'
import { centreId } from './centre-id.ts'
import { countOf } from './fixed-point.ts'
import type { MomentKind } from './moments.ts'
import type { TermSet } from './terms.ts'

/**
 * Where a window lies in tiles: between the boundaries `shift + width` and `shift` tiles before T; width null: since
 * ever.
 */
export interface Span {
  readonly width: number | null
  readonly shift: number
  /** How many tiles its begin moves at a time: it is then at or before `shift + width`; absent: it is exactly there. */
  readonly hop?: number
}

/** What decides which moments an aggregate needs. */
export interface MomentUse {
  readonly type: ColumnType
  readonly span: Span
}

/** The moments of one input over one window, as expressions over the terms that a plan looks up. */
export class WindowMoments implements MomentUse {
  readonly leaves: Leaves
  readonly span: Span
  readonly #terms: TermSet
  readonly #input: Input
  readonly #grain: Micros

  constructor(leaves: Leaves, terms: TermSet, input: Input, span: Span, grain: Micros) {
    this.leaves = leaves
    this.span = span
    this.#terms = terms
    this.#input = input
    this.#grain = grain
  }

  get type(): ColumnType {
    return this.#input.type
  }

  /**
   * A summed moment over the window: the difference of its running sums at both edges, whatever the window's length.
   */
  total(kind: MomentKind): Sql {
    return this.named(kind, 0, () => {
      const { width, shift, hop } = this.span
      const near = sql`COALESCE(${this.#terms.running(kind, this.#input, shift)}, 0)`
      if (width === null) return near
      return sql`(${near} - COALESCE(${this.#terms.running(kind, this.#input, shift + width, hop)}, 0))`
    })
  }

  /** The number of values in the window. */
  get count(): Sql {
    return this.type === 'double' ? this.named('n', 1, () => countOf(this.total('counted'))) : this.total('count')
  }

  /** A value of this window that more than one aggregate uses; its step is later than those of what it is made of. */
  named(name: string, step: number, value: () => Sql): Sql {
    const { width, shift } = this.span
    return this.#terms.named(`${this.#input.id}_${name}_over${width ?? 'all'}_${shift}`, step, value)
  }

  /** A moment merged over everything up to the window's end. */
  running(kind: MomentKind): Sql {
    return this.#terms.running(kind, this.#input, this.span.shift)
  }

  /** A moment merged over the window's tiles, where it cannot be a difference. */
  merged(kind: MomentKind): Sql {
    const { width, shift } = this.span
    return width === null ? this.running(kind) : this.#terms.frame(kind, this.#input, width, shift)
  }

  /** Whether all values of the window are equal: none has changed since it began. */
  get isConstant(): Sql {
    return this.named('constant', 0, () => {
      const { width, shift } = this.span
      const changed = this.running('changed')
      return width === null
        ? sql`(${changed} IS NULL)`
        : sql`COALESCE(${changed} <= a.j - ${sql.lit(shift + width)}, TRUE)`
    })
  }

  /** A value amid those of the entity, from which deviations are measured. */
  get centre(): Sql {
    return sql.id(centreId('centre', this.#input))
  }

  /** The size of a unit of `squares`. */
  get squareUnit(): Sql {
    return sql.id(centreId('square_unit', this.#input))
  }

  /** The size of a unit of `products`. */
  get productUnit(): Sql {
    return sql.id(centreId('product_unit', this.#input))
  }

  /** How many values the largest tile of the entity has. */
  get largestTile(): Sql {
    return sql.id(centreId('largest', this.#input))
  }

  /** The instant (µs) at which the window begins; undefined for one without a beginning. */
  get begin(): Sql | undefined {
    const { width, shift, hop } = this.span
    if (width === null) return undefined
    const begin = sql`t - ${sql.lit((shift + width) * this.#grain)}`
    if (hop === undefined) return sql`(${begin})`
    const step = hop * this.#grain
    return sql`(${this.leaves.floorDivide(begin, step)} * ${sql.lit(step)})`
  }
}
