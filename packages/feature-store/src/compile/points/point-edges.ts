import { sql, type Sql } from '@martlet/warehouse'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { UnitStart, WindowPoint } from '../../vocabulary/windows/window-kind.ts'
import type { Scope } from '../scope.ts'
import { calendarSteps, calendarTable } from './calendar-steps.ts'

/** Collects what windows have to know of points `p`, each once, and adds it to them. */
export class PointEdges {
  /** T, µs: a constant where only one feature time is wanted and points are not joined. */
  readonly us: Sql
  readonly #scope: Scope
  readonly #starts = new Map<string, UnitStart>()

  constructor(scope: Scope, us: Sql = sql`p.t`) {
    this.#scope = scope
    this.us = us
  }

  /** The point as a window sees it. */
  of(window: WindowPlan): WindowPoint {
    const starts = windowKind(window).starts?.(window) ?? []
    return { us: this.us, edges: starts.map((start) => this.#edge(start)) }
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

  /** The columns that {@link located} adds, of `p`. */
  get columns(): readonly Sql[] {
    return [...this.#starts.keys()].map((name) => sql.id('p', name))
  }

  /** An item of FROM: points `(t, …)` with what has been asked for of them. */
  located(points: Sql): Sql {
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
