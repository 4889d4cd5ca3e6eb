import { countOf, oneOf, randomOf, type Random } from '@martlet/example-logistics/random'

const DAY = 86_400_000
const HOUR = 3_600_000

export interface Customer {
  readonly customer_id: string
  readonly name: string
  readonly segment: string
  readonly region: string
  readonly signed_up_at: Date
}

export interface Contract {
  readonly contract_id: string
  readonly customer_id: string
  readonly plan: string
  /** Cents. */
  readonly monthly_fee: bigint
  readonly started_at: Date
  readonly ended_at: Date | null
}

export interface Usage {
  readonly customer_id: string
  readonly used_at: Date
  readonly calls: number
  readonly active_users: number
}

export interface Invoice {
  readonly invoice_id: string
  readonly customer_id: string
  readonly issued_at: Date
  readonly due_at: Date
  /** Cents. */
  readonly amount: bigint
  readonly paid_at: Date | null
}

export interface Ticket {
  readonly ticket_id: string
  readonly customer_id: string
  readonly opened_at: Date
  readonly severity: string
  readonly answered_at: Date | null
  readonly closed_at: Date | null
  readonly satisfaction: number | null
}

/** What the company knows, up to the end. */
export interface Company {
  readonly customers: readonly Customer[]
  readonly contracts: readonly Contract[]
  readonly usage: readonly Usage[]
  readonly invoices: readonly Invoice[]
  readonly tickets: readonly Ticket[]
}

export interface CompanyOptions {
  readonly seed: number
  readonly customers: number
  readonly days: number
  /** Milliseconds since the epoch. */
  readonly end: number
}

const PLANS = [
  { plan: 'team', fee: 9_900n, users: 6 },
  { plan: 'business', fee: 39_900n, users: 25 },
  { plan: 'enterprise', fee: 149_000n, users: 110 },
] as const
const SEGMENTS = ['retail', 'industry', 'health', 'public']
const REGIONS = ['north', 'east', 'south', 'west']
const FIRST = [
  'Alder',
  'Birch',
  'Cedar',
  'Dahlia',
  'Elm',
  'Fern',
  'Gorse',
  'Hazel',
  'Iris',
  'Juniper',
  'Larch',
  'Maple',
]
const SECOND = ['Foods', 'Works', 'Clinic', 'Labs', 'Tools', 'Logistics', 'Energy', 'Books', 'Optics', 'Textiles']

/** A company with subscriptions: unhappy customers use less, ask more, pay later, and then leave. */
export function makeCompany({ seed, customers, days, end }: CompanyOptions): Company {
  const start = Math.floor(end / DAY) * DAY - days * DAY
  const company = {
    customers: [] as Customer[],
    contracts: [] as Contract[],
    usage: [] as Usage[],
    invoices: [] as Invoice[],
    tickets: [] as Ticket[],
  }
  for (let number = 0; number < customers; number++) {
    const random = randomOf(seed, 1, number)
    const id = `C${String(number + 1).padStart(4, '0')}`
    // Two in three were there before; the others come in the course of the time.
    const joined = random.next() < 0.65 ? start - random.next() * 300 * DAY : start + random.next() * (days - 3) * DAY
    const signed = new Date(Math.floor(joined / 1000) * 1000)
    const unhappyFrom =
      random.next() < 0.3 ? start + (0.2 + 0.9 * random.next()) * days * DAY : Number.POSITIVE_INFINITY
    const leaves = random.next() < 0.55 ? unhappyFrom + (15 + 25 * random.next()) * DAY : Number.POSITIVE_INFINITY
    const left = leaves < end ? Math.max(leaves, joined + DAY) : Number.POSITIVE_INFINITY
    company.customers.push({
      customer_id: id,
      name: `${FIRST[number % FIRST.length]} ${SECOND[Math.floor(number / FIRST.length) % SECOND.length]}`,
      segment: oneOf(random, SEGMENTS),
      region: oneOf(random, REGIONS),
      signed_up_at: signed,
    })
    const life = { id, random, start, end, joined: signed.getTime(), left, unhappyFrom }
    const plans = addContracts(company.contracts, life)
    addUsage(company.usage, life, plans)
    addInvoices(company.invoices, life, plans)
    addTickets(company.tickets, life)
  }
  return company
}

interface Life {
  readonly id: string
  readonly random: Random
  readonly start: number
  readonly end: number
  readonly joined: number
  readonly left: number
  readonly unhappyFrom: number
}

interface Held {
  readonly from: number
  readonly plan: (typeof PLANS)[number]
}

function addContracts(into: Contract[], { id, random, joined, left, end }: Life): readonly Held[] {
  const first = random.next() < 0.5 ? 0 : random.next() < 0.7 ? 1 : 2
  const plan = PLANS[first] ?? PLANS[0]
  const ends = Number.isFinite(left) ? new Date(Math.floor(left / 1000) * 1000) : null
  const next = PLANS[first + 1]
  const changes = joined + (20 + 200 * random.next()) * DAY
  if (next === undefined || random.next() < 0.75 || changes >= Math.min(left, end)) {
    into.push(contract(id, 1, plan, joined, ends))
    return [{ from: joined, plan }]
  }
  const at = Math.floor(changes / DAY) * DAY
  into.push(contract(id, 1, plan, joined, new Date(at)), contract(id, 2, next, at, ends))
  return [
    { from: joined, plan },
    { from: at, plan: next },
  ]
}

function contract(id: string, number: number, { plan, fee }: Held['plan'], from: number, to: Date | null): Contract {
  return {
    contract_id: `${id}-${number}`,
    customer_id: id,
    plan,
    monthly_fee: fee,
    started_at: new Date(from),
    ended_at: to,
  }
}

function planAt(plans: readonly Held[], at: number): Held['plan'] {
  return (plans.findLast(({ from }) => from <= at) ?? plans[0])?.plan ?? PLANS[0]
}

/** A row a day at 23:00, about that day. */
function addUsage(
  into: Usage[],
  { id, random, start, end, joined, left, unhappyFrom }: Life,
  plans: readonly Held[],
): void {
  const level = 0.5 + random.next()
  for (let day = start; day + 23 * HOUR <= end; day += DAY) {
    const at = day + 23 * HOUR
    if (at < joined || at >= left) continue
    const weekday = new Date(day).getUTCDay()
    const mood = at < unhappyFrom ? 1 : Math.max(0.05, 1 - (at - unhappyFrom) / (30 * DAY))
    const users = countOf(random, planAt(plans, at).users * level * mood * (weekday % 6 === 0 ? 0.2 : 1))
    into.push({
      customer_id: id,
      used_at: new Date(at),
      active_users: users,
      calls: users === 0 ? 0 : Math.round(users * (20 + 15 * random.next())),
    })
  }
}

/** On the first of each month, due two weeks later. */
function addInvoices(
  into: Invoice[],
  { id, random, start, end, joined, left, unhappyFrom }: Life,
  plans: readonly Held[],
): void {
  const first = new Date(Math.max(start, joined))
  for (let month = 1; ; month++) {
    const issued = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1, 6)
    if (issued > end || issued >= left) return
    const due = issued + 14 * DAY
    const late = issued < unhappyFrom ? 4 * random.normal() - 3 : 15 + 10 * random.normal()
    const paid = Math.floor((due + late * DAY) / 1000) * 1000
    const never = issued >= unhappyFrom && random.next() < 0.3
    into.push({
      invoice_id: `${id}-${new Date(issued).toISOString().slice(0, 7)}`,
      customer_id: id,
      issued_at: new Date(issued),
      due_at: new Date(due),
      amount: planAt(plans, issued).fee,
      paid_at: never || paid > end ? null : new Date(Math.max(paid, issued + HOUR)),
    })
  }
}

function addTickets(into: Ticket[], { id, random, start, end, joined, left, unhappyFrom }: Life): void {
  let number = 0
  for (let day = start; day < end; day += DAY) {
    const unhappy = day >= unhappyFrom
    const count = countOf(random, unhappy ? 0.12 : 0.02)
    for (let i = 0; i < count; i++) {
      const opened = day + Math.floor(random.next() * 86_400) * 1000
      if (opened < joined || opened >= left || opened > end) continue
      const severity = random.next() < (unhappy ? 0.3 : 0.1) ? 'urgent' : random.next() < 0.5 ? 'normal' : 'low'
      const answered = opened + Math.ceil(3600 * (severity === 'urgent' ? 1 : 4) * (0.2 + 2 * random.next())) * 1000
      const closed = answered + Math.ceil(86_400 * (0.1 + (unhappy ? 9 : 3) * random.next())) * 1000
      const happy = Math.round((unhappy ? 2.2 : 4.2) + 0.8 * random.normal())
      number += 1
      into.push({
        ticket_id: `${id}-T${number}`,
        customer_id: id,
        opened_at: new Date(opened),
        severity,
        answered_at: answered > end ? null : new Date(answered),
        closed_at: closed > end ? null : new Date(closed),
        satisfaction: closed > end || random.next() < 0.4 ? null : Math.min(5, Math.max(1, happy)),
      })
    }
  }
}
