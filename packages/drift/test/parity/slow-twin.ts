import type { ParityReason } from '../../src/index.ts'
import { DAY, DELAY, FEATURES, NO_ROW, START, TTL, type Fact, type Mart, type Row, type Served } from './mart.ts'

/** The feature time that is due at an instant. */
export function dueAt(at: number): number {
  return Math.floor((at - DELAY) / DAY) * DAY
}

/** The row of a customer for a feature time, from some facts. */
export function rowOf(facts: readonly Fact[], customer: string, time: number): Row {
  const before = facts.filter((one) => one.customer === customer && one.at < time).toSorted((a, b) => a.at - b.at)
  const last = before.at(-1)
  if (last === undefined) return NO_ROW
  return {
    kwh: before.filter(({ at }) => at >= time - DAY).reduce((sum, { kwh }) => sum + kwh, 0),
    readings: before.filter(({ at }) => at >= time - 2 * DAY).length,
    kind: last.kind,
  }
}

/** Why a value differs, as the page says it, one value at a time. */
export function reasonOf(mart: Mart, one: Served, feature: keyof Row, definition: string): ParityReason | 'equal' {
  const due = dueAt(one.at)
  const tooOld = mart.ttl && one.at - due > TTL
  const now = tooOld ? null : rowOf(mart.facts, one.customer, due)[feature]
  if (same(one[feature], now)) return 'equal'
  if (one.definition !== definition) return 'definition'
  if ((one.withheld && now !== null) || (tooOld && one[feature] !== null)) return 'ttl'
  const stored = mart.stored.find(({ customer, time }) => customer === one.customer && time === (one.time ?? due))
  const writtenLater = mart.runs.some(({ id, ended }) => id === stored?.run && ended > one.at)
  if (one.time === null) {
    const first = Math.min(...mart.runs.filter(({ from, to }) => from <= due && due < to).map(({ ended }) => ended))
    return first <= one.at && (stored === undefined || writtenLater) ? 'late facts' : 'store behind'
  }
  if (one.time < due) return 'store behind'
  if (one.time > due) return 'unknown'
  return writtenLater || (stored !== undefined && same(one[feature], stored[feature])) ? 'late facts' : 'unknown'
}

function same(a: number | string | null, b: number | string | null): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return Math.abs(a - b) <= 1e-9 * Math.abs(b)
}

/** A random mart whose store, definitions, facts and clocks are often not as they should be. */
export function randomMart(next: () => number, definition: string, predictions: number): Mart {
  const one = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(next() * of.length)] ?? of[0]
  const customers = ['a', 'b', 'c', 'd']
  const days = 6
  const facts = Array.from({ length: 60 }, (): Fact => ({
    customer: one('a', 'b', 'c'),
    at: START - DAY + Math.floor(next() * days * 24) * (DAY / 24),
    kwh: Math.round(next() * 1000) / 100,
    kind: '',
    early: next() < 0.85,
  }))
    // The kind of the last reading is one, whatever comes at the same time.
    .map((fact) => ({ ...fact, kind: `k${(fact.at / (DAY / 24)) % 3}` }))
  const early = facts.filter((fact) => fact.early)
  const times = Array.from({ length: days }, (_, i) => START + i * DAY)
  const runs = times.map((from) => ({
    id: `run-${from}`,
    from,
    to: from + DAY,
    ended: from + DELAY + Math.floor(next() * 12) * (DAY / 24),
  }))
  const again = { id: 'again', from: START + DAY, to: START + 3 * DAY, ended: START + 4 * DAY }
  const stored = customers.flatMap((customer) =>
    times.flatMap((time) => {
      const isAgain = again.from <= time && time < again.to
      const row = rowOf(isAgain ? facts : early, customer, time)
      return row === NO_ROW ? [] : [{ ...row, customer, time, run: isAgain ? again.id : `run-${time}` }]
    }),
  )
  const ttl = next() < 0.5
  const served = Array.from({ length: predictions }, (): Served => {
    const customer = one('a', 'b', 'c', 'd')
    const at = START + DELAY + Math.floor(next() * (days * 24 - 7)) * (DAY / 24) + 1234
    const due = dueAt(at)
    const time = next() < 0.75 ? due : due - DAY
    const from = next() < 0.6 ? early : facts
    const row = rowOf(from, customer, time)
    const found = row !== NO_ROW && next() < 0.9
    const isOld = found && (ttl ? at - time > TTL !== next() < 0.05 : next() < 0.05)
    const logged = !found || isOld ? NO_ROW : next() < 0.1 ? { ...row, kwh: (row.kwh ?? 0) + 1 } : row
    return {
      ...logged,
      customer,
      at,
      time: found ? time : null,
      withheld: isOld,
      definition: next() < 0.9 ? definition : 'ffffffffffffffff',
    }
  })
  return { facts, stored, runs: [...runs, again], served, ttl }
}

/** What is counted of each feature in a window. */
export function countsOf(mart: Mart, definition: string, from: number, to: number) {
  const rows = mart.served.filter(({ at }) => at >= from && at < to)
  return FEATURES.map((feature) => {
    const reasons = new Map<string, number>()
    for (const row of rows) {
      const reason = reasonOf(mart, row, feature, definition)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    const equal = reasons.get('equal') ?? 0
    reasons.delete('equal')
    return { feature, compared: rows.length, equal, reasons: Object.fromEntries(reasons) }
  })
}
