import { sql, type Sql } from '@martlet/warehouse'
import type { AnchorPlan } from '../../plan/anchor-plan.ts'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { anchorColumn, joinAnchor } from '../../vocabulary/sources/anchor.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { UnitStart, WindowPoint } from '../../vocabulary/windows/window-kind.ts'
import { closingColumns, closingOf } from '../closing.ts'
import type { Scope } from '../scope.ts'
import { calendarSteps, calendarTable } from './calendar-steps.ts'

/** Collects what windows have to know of points `p`, each once, and adds it to them. */
export class PointEdges {
  /** What closes the windows, µs: T, or what is before it. A constant where only one feature time is wanted and points are not joined. */
  readonly us: Sql
  readonly #scope: Scope
  readonly #starts = new Map<string, UnitStart>()
  readonly #anchors = new Map<string, AnchorPlan>()

  constructor(scope: Scope, us: Sql = closingOf(scope.view, 'p')) {
    this.#scope = scope
    this.us = us
  }

  /** The point as a window sees it. */
  of(window: WindowPlan): WindowPoint {
    const starts = windowKind(window).starts?.(window) ?? []
    const anchor = windowKind(window).anchor?.(window)
    const anchors = anchor === undefined ? [] : [this.#anchor(anchor)]
    return { leaves: this.#scope.leaves, us: this.us, edges: [...starts.map((start) => this.#edge(start)), ...anchors] }
  }

  /** The same in a group of events at one point. */
  ofGroup(window: WindowPlan): WindowPoint {
    const { edges, ...point } = this.of(window)
    return { ...point, edges: edges.map((edge) => sql`MAX(${edge})`) }
  }

  /** A value at a point, null where its window does not exist. */
  unlessMissing(window: WindowPlan, value: Sql): Sql {
    const missing = windowKind(window).missing?.(window, this.of(window))
    return missing === undefined ? value : sql`CASE WHEN NOT ${missing} THEN ${value} END`
  }

  /** Whether what has been asked for differs from entity to entity. */
  get isPerEntity(): boolean {
    return this.#anchors.size > 0
  }

  #anchor(anchor: AnchorPlan): Sql {
    const identity = JSON.stringify(anchor)
    const alias = [...this.#anchors.keys()].indexOf(identity)
    this.#anchors.set(identity, anchor)
    return sql.id('p', anchorColumn(`a${alias < 0 ? this.#anchors.size - 1 : alias}`))
  }

  #edge(start: UnitStart): Sql {
    const { first, last } = this.#scope
    if (first === last) return integer(this.#steps([start])[0]?.edges[0] ?? first)
    const name = `${start.unit}_${start.back}_back`
    this.#starts.set(name, start)
    return sql.id('p', name)
  }

  #steps(starts: readonly UnitStart[]): ReturnType<typeof calendarSteps> {
    return calendarSteps(this.#scope.view.grid.zone, starts, this.#scope)
  }

  /** The columns of `p` that windows need beside `(e, t)`. */
  get columns(): readonly Sql[] {
    const anchors = [...this.#anchors.keys()].map((_, i) => anchorColumn(`a${i}`))
    const named = [...this.#starts.keys(), ...anchors].map((name) => sql.id('p', name))
    return [...named, ...closingColumns(this.#scope.view, 'p')]
  }

  /** An item of FROM: points `(e, t, …)` with what has been asked for of them. */
  located(points: Sql): Sql {
    const local = this.#withStarts(points)
    const anchors = [...this.#anchors.values()]
    if (anchors.length === 0) return local
    const rows = anchors.reduce(
      (sofar, anchor, i) => joinAnchor(this.#scope, sofar, anchor, `a${i}`),
      sql`SELECT r.* FROM ${local} r`,
    )
    return sql`(${rows})`
  }

  #withStarts(points: Sql): Sql {
    if (this.#starts.size === 0) return points
    const { leaves } = this.#scope
    const names = [...this.#starts.keys()]
    const table = calendarTable(leaves, this.#steps([...this.#starts.values()]), names)
    const joined = leaves.asofJoin({
      left: sql`${points} r`,
      right: sql`(${table}) c`,
      on: [],
      match: { left: sql`r.t`, operator: '>=', right: sql`c.since` },
    })
    return sql`(SELECT ${sql.join([sql`r.*`, ...names.map((name) => sql.id('c', name))])} FROM ${joined})`
  }
}
