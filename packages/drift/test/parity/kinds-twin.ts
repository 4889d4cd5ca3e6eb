import type { ParityReason } from '../../src/index.ts'
import { busy, known, spent, type KindsMart, type Payment, type ServedRow, type StoredRow } from './kinds-mart.ts'
import { DAY, DELAY, HOUR, START, type RecordedRun } from './mart.ts'
import { dueAt } from './slow-twin.ts'

export type Kind = 'spent' | 'known' | 'busy'
export const KINDS = ['spent', 'known', 'busy'] as const
/** The definitions by which rows are served, as the log has them. */
const DEFINITIONS = { spent, known, busy } as const

type Why = ParityReason | 'equal'

function newestOf(payments: readonly Payment[]): number | null {
  return payments.length === 0 ? null : Math.max(...payments.map(({ at }) => at))
}

function sumOf(payments: readonly Payment[]): number | null {
  return payments.length === 0 ? null : payments.reduce((sum, { amount }) => sum + amount, 0)
}

/** The payments of an account that count at an instant. */
function counted({ payments }: Pick<KindsMart, 'payments'>, account: string, at: number, arrived: boolean) {
  return payments.filter((one) => one.account === account && one.at < at && (!arrived || one.arrived <= at))
}

function siteOf(mart: Pick<KindsMart, 'payments'>, account: string, time: number): string | null {
  const before = counted(mart, account, time, false).toSorted((a, b) => a.at - b.at)
  return before.at(-1)?.site ?? null
}

function peopleOf({ visits }: Pick<KindsMart, 'visits'>, site: string, time: number): number | null {
  const before = visits.filter((one) => one.site === site && one.at < time)
  if (before.length === 0) return null
  return before.filter(({ at }) => at >= time - DAY).reduce((sum, { people }) => sum + people, 0)
}

function same(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.abs(b)
}

/** Why a value differs, as the page says it, one value at a time. */
function reasonOf(mart: KindsMart, kind: Kind, account: string, at: number, one: ServedRow): Why {
  return kind === 'busy' ? lookedUp(mart, account, at, one) : continuous(mart, kind, account, at, one)
}

function continuous(mart: KindsMart, kind: 'spent' | 'known', account: string, at: number, one: ServedRow): Why {
  const facts = counted(mart, account, at, kind === 'known')
  if (same(one.value, sumOf(facts))) return 'equal'
  if (one.definition !== hashOf(kind)) return 'definition'
  const newest = newestOf(facts)
  if (newest !== null && (one.time === null ? one.value === null : one.time < newest)) {
    const runs = mart.runs.filter(({ view, ended }) => view === kind && ended <= at)
    return kind === 'spent' && runs.some(({ began }) => began > newest) ? 'late facts' : 'store behind'
  }
  const isGone = one.time !== null && one.time < at && (newest === null || one.time > newest)
  return isGone ? 'late facts' : 'unknown'
}

function lookedUp(mart: KindsMart, account: string, at: number, one: ServedRow): Why {
  const due = dueAt(at)
  const now = siteOf(mart, account, due)
  if (same(one.value, now === null ? null : peopleOf(mart, now, due))) return 'equal'
  if (one.definition !== hashOf('busy')) return 'definition'
  const row = mart.homes.find(({ key, time }) => key === account && time === due)
  const before = mart.homes.filter(({ key, time }) => key === account && time < due).toSorted((a, b) => a.time - b.time)
  const isHome = isWritten(mart.runs, 'home', due, at)
  const isHomeNew = row === undefined ? now !== null : isRewritten(mart.runs, row, at) || row.value !== now
  const isChanged = isHome && isHomeNew
  const site = row?.value ?? now
  const time = one.time ?? (now === null ? null : due)
  const stored = mart.busy.find((other) => other.key === site && other.time === time)
  const isNew = stored === undefined || isRewritten(mart.runs, stored, at)
  const isLacking = one.time === null && now !== null && one.value === null && !isChanged
  if (isLacking && isWritten(mart.runs, 'busy', due, at) && isNew) return 'late facts'
  if (isLacking || (one.time !== null && now !== null && one.time < due)) return 'store behind'
  if (!isHome && now !== (before.at(-1)?.value ?? null)) return 'store behind'
  const isDue = now !== null && one.time === due
  if (isDue && stored !== undefined && (same(one.value, stored.value) || isNew)) return 'late facts'
  return isChanged ? 'late facts' : 'unknown'
}

function isWritten(runs: readonly RecordedRun[], name: string, time: number, by: number): boolean {
  return runs.some(
    ({ view, from, to, ended }) => view === name && (from ?? 0) <= time && time < (to ?? 0) && ended <= by,
  )
}

function isRewritten(runs: readonly RecordedRun[], row: StoredRow<unknown>, at: number): boolean {
  return runs.some(({ id, ended }) => id === row.run && ended > at)
}

function hashOf(kind: Kind): string {
  return DEFINITIONS[kind].plan.hash.slice(0, 16)
}

/** What is counted of each feature. */
export function kindCounts(mart: KindsMart) {
  return KINDS.map((kind) => {
    const reasons = new Map<string, number>()
    for (const vector of mart.served) {
      const reason = reasonOf(mart, kind, vector.account, vector.at, vector[kind])
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    const equal = reasons.get('equal') ?? 0
    reasons.delete('equal')
    return { kind, compared: mart.served.length, equal, reasons: Object.fromEntries(reasons) }
  })
}

const DAYS = 6

/** A random mart whose facts come late or are taken back, whose runs are late, and whose store is behind. */
export function randomKinds(next: () => number, predictions: number): KindsMart {
  const one = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(next() * of.length)] ?? of[0]
  const hour = (days: number): number => START - DAY + Math.floor(next() * days * 24) * HOUR
  // One payment of an account at an instant, so that the last one is one.
  const all = ['a', 'b', 'c', 'd'].flatMap((account, number) =>
    Array.from({ length: account === 'd' ? 2 : 25 }, (_, i): Payment => {
      const at = hour(DAYS) + number + 10 * i
      const arrived = at + (next() < 0.8 ? 0 : Math.floor(next() * 48) * HOUR)
      return { account, at, arrived, amount: Math.round(next() * 1000) / 100, site: one('x', 'y') }
    }),
  )
  const early = all.filter(() => next() < 0.9)
  const visits = Array.from({ length: 60 }, () => ({
    site: one('x', 'y'),
    at: hour(DAYS + 1),
    people: Math.floor(next() * 50),
    early: next() < 0.85,
  }))
  const mart = { payments: all.filter(() => next() < 0.92), visits }
  const then = { payments: early, visits: visits.filter((visit) => visit.early) }
  const times = Array.from({ length: DAYS }, (_, i) => START + i * DAY)
  const runs: RecordedRun[] = []
  const stored = <V>(
    view: string,
    keys: readonly string[],
    value: (key: string, time: number, isNew: boolean) => V | null,
  ) =>
    times.flatMap((from): readonly StoredRow<V>[] => {
      const isNew = next() < 0.2
      const ended = isNew ? START + DAYS * DAY : from + DELAY + Math.floor(next() * 12) * HOUR
      const run = {
        id: `${view}-${from}`,
        view,
        hash: '',
        from,
        to: from + DAY,
        began: ended - HOUR,
        ended,
        published: 1,
      }
      if (next() < 0.9) runs.push(run)
      return keys.flatMap((key) => {
        const found = value(key, from, isNew)
        return found === null || next() < 0.05 ? [] : [{ key, time: from, value: found, run: run.id }]
      })
    })
  const homes = stored('home', ['a', 'b', 'c', 'd'], (key, time, isNew) => siteOf(isNew ? mart : then, key, time))
  const people = stored('busy', ['x', 'y'], (key, time, isNew) => peopleOf(isNew ? mart : then, key, time))
  for (const view of ['spent', 'known'])
    for (let began = START; began < START + DAYS * DAY; began += Math.floor(1 + next() * 30) * HOUR) {
      const ended = began + Math.floor(next() * 3) * HOUR
      runs.push({ id: `${view}-${began}`, view, hash: '', from: null, to: null, began, ended, published: 1 })
    }
  const row = (kind: Kind, time: number | null, value: number | null): ServedRow => ({
    time,
    value: value !== null && next() < 0.05 ? value + 1 : value,
    definition: next() < 0.95 ? hashOf(kind) : 'ffffffffffffffff',
  })
  const served = Array.from({ length: predictions }, () => {
    const account = one('a', 'b', 'c', 'd', 'nobody')
    const at = START + DELAY + Math.floor(next() * (DAYS * 24 - 7)) * HOUR + 1234
    const behind = (): number => (next() < 0.7 ? at : at - Math.floor(next() * 24) * HOUR)
    const payments = (arrived: boolean) => counted(next() < 0.5 ? then : mart, account, behind(), arrived)
    const [own, other] = [payments(false), payments(true)]
    const due = next() < 0.8 ? dueAt(at) : dueAt(at) - DAY
    const of = next() < 0.5 ? then : mart
    const site = next() < 0.9 ? siteOf(of, account, next() < 0.8 ? due : due - DAY) : null
    const value = site === null ? null : peopleOf(of, site, due)
    return {
      account,
      at,
      spent: row('spent', newestOf(own), sumOf(own)),
      known: row('known', newestOf(other), sumOf(other)),
      busy: row('busy', value === null ? null : due, value),
    }
  })
  return { ...mart, homes, busy: people, runs, served }
}
