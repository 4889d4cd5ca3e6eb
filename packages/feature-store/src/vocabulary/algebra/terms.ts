import { sql, type Sql } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'
import type { ComputedColumn } from '../../plan/source-plan.ts'
import type { ColumnType } from '@martlet/warehouse'
import { inputName, type Input } from './input.ts'
import { isDerived, momentId, tileKinds, type Moment, type MomentKind } from './moments.ts'

/** A moment merged over all tiles up to a boundary `offset` tiles before the feature time. */
export interface RunningTerm {
  readonly kind: 'running'
  readonly id: string
  readonly moment: Moment
  readonly offset: number
  /** As in `Span`. */
  readonly hop?: number
}

/** A moment merged over the `width` tiles that end `shift` tiles before the feature time. */
export interface FrameTerm {
  readonly kind: 'frame'
  readonly id: string
  readonly moment: Moment
  readonly width: number
  readonly shift: number
}

export type Term = RunningTerm | FrameTerm

/** A value that several features of a row are made of: of terms at step 0, of values of earlier steps at later ones. */
export interface NamedValue {
  readonly id: string
  readonly step: number
  readonly value: Sql
}

/** Collects what the features of one view need, so that each input, moment and term is computed once. */
export class TermSet {
  /** Whether a window can be merged from its tiles; with arrival times it is only ever a difference of two logs. */
  readonly frames: boolean
  readonly #inputs = new Map<string, Input>()
  readonly #moments = new Map<string, Moment>()
  readonly #terms = new Map<string, Term>()
  readonly #values = new Map<string, NamedValue>()

  constructor(options: { readonly frames: boolean } = { frames: true }) {
    this.frames = options.frames
  }

  input(
    column: string | null,
    where: Expression | null,
    type: ColumnType,
    computed?: readonly ComputedColumn[],
  ): Input {
    const of = { column, where, type, ...(computed === undefined ? {} : { computed }) }
    const name = JSON.stringify(inputName(of))
    const known = this.#inputs.get(name)
    if (known !== undefined) return known
    const input: Input = { id: `x${this.#inputs.size}`, ...of }
    this.#inputs.set(name, input)
    return input
  }

  moment(kind: MomentKind, input: Input): Moment {
    const id = momentId(kind, input)
    const known = this.#moments.get(id)
    if (known !== undefined) return known
    const moment: Moment = { id, kind, input }
    this.#moments.set(id, moment)
    return moment
  }

  running(kind: MomentKind, input: Input, offset: number, hop?: number): Sql {
    const moment = this.moment(kind, input)
    const stepped = hop === undefined ? {} : { hop }
    return this.#term({ kind: 'running', id: `${moment.id}_at${offset}`, moment, offset, ...stepped })
  }

  frame(kind: MomentKind, input: Input, width: number, shift: number): Sql {
    if (!this.frames) throw new Error(`${kind} of a window cannot be had without frames`)
    const moment = this.moment(kind, input)
    return this.#term({ kind: 'frame', id: `${moment.id}_w${width}_s${shift}`, moment, width, shift })
  }

  #term(term: Term): Sql {
    this.#terms.set(term.id, term)
    return sql.id(term.id)
  }

  /** Names a value, so that it is computed once however many features use it. */
  named(id: string, step: number, value: () => Sql): Sql {
    if (!this.#values.has(id)) this.#values.set(id, { id, step, value: value() })
    return sql.id(id)
  }

  /** `rows` that have the terms, with all named values. */
  withValues(rows: Sql): Sql {
    const steps = [...new Set([...this.#values.values()].map(({ step }) => step))].toSorted((a, b) => a - b)
    return steps.reduce((before, step) => {
      const own = [...this.#values.values()].filter((one) => one.step === step)
      const columns = own.map(({ id, value }) => sql`${value} AS ${sql.id(id)}`)
      return sql`SELECT a.*, ${sql.join(columns)} FROM (${before}) a`
    }, rows)
  }

  get inputs(): readonly Input[] {
    return [...this.#inputs.values()]
  }

  get terms(): readonly Term[] {
    return [...this.#terms.values()]
  }

  /** Moments aggregated from events, including those that derived moments are made of. */
  get tileMoments(): readonly Moment[] {
    const moments = new Map<string, Moment>()
    for (const moment of this.#moments.values()) {
      for (const kind of tileKinds(moment.kind, moment.input.type))
        moments.set(momentId(kind, moment.input), { id: momentId(kind, moment.input), kind, input: moment.input })
    }
    return [...moments.values()]
  }

  get derivedMoments(): readonly Moment[] {
    return [...this.#moments.values()].filter((moment) => isDerived(moment.kind))
  }

  /** The greatest number of tiles that any term looks back. */
  get reach(): number {
    return Math.max(0, ...this.terms.map((term) => (term.kind === 'running' ? term.offset : term.shift + term.width)))
  }
}
