import { clock, groups, mean, most, sum } from './plain-platform.ts'
import type { SmallPlatform } from './small-platform.ts'

const DAY = 86_400_000
type Plain = Readonly<Record<string, unknown>>

export function customer360(platform: SmallPlatform): readonly Plain[] {
  const { customers, contracts, usage, tickets, invoices } = platform.world
  const now = clock(platform)
  return customers.map((customer) => {
    const of = <T extends { readonly customer_id: string }>(rows: readonly T[]): readonly T[] =>
      rows.filter((row) => row.customer_id === customer.customer_id)
    const running = of(contracts).filter((contract) => contract.ended_at === null)
    const plan =
      running
        .map((contract) => contract.plan)
        .toSorted()
        .at(-1) ?? null
    const used = of(usage).filter(
      (row) => row.calls > 0 && row.used_at.getTime() <= now && now - row.used_at.getTime() <= 56 * DAY,
    )
    const recent = used.filter((row) => now - row.used_at.getTime() <= 28 * DAY)
    const [calls, before] = [
      sum(recent.map((row) => row.calls)),
      sum(used.map((row) => row.calls)) - sum(recent.map((row) => row.calls)),
    ]
    const trend = before > 0 ? calls / before - 1 : null
    const asked = of(tickets).filter((ticket) => ticket.opened_at.getTime() <= now)
    const lately = asked.filter((ticket) => now - ticket.opened_at.getTime() <= 90 * DAY)
    const open = asked.filter((ticket) => ticket.closed_at === null || ticket.closed_at.getTime() > now).length
    const satisfaction = mean(lately.flatMap((ticket) => (ticket.satisfaction === null ? [] : [ticket.satisfaction])))
    const issued = of(invoices).filter((invoice) => invoice.issued_at.getTime() <= now)
    const unpaid = issued.filter(
      (invoice) => (invoice.paid_at === null || invoice.paid_at.getTime() > now) && invoice.due_at.getTime() < now,
    )
    const overdue = sum(unpaid.map((invoice) => Number(invoice.amount) / 100))
    const late = mean(
      issued.flatMap((invoice) =>
        invoice.paid_at === null || invoice.paid_at.getTime() > now
          ? []
          : [(invoice.paid_at.getTime() - invoice.due_at.getTime()) / DAY],
      ),
    )
    const use = calls === 0 ? 40 : trend !== null && trend < -0.5 ? 30 : trend !== null && trend < -0.2 ? 15 : 0
    const health =
      100 -
      use -
      (overdue > 0 ? 20 : 0) -
      (open >= 3 ? 20 : open > 0 ? 5 : 0) -
      (satisfaction !== null && satisfaction < 3 ? 20 : 0)
    const left = plan === null ? most(of(contracts).map((contract) => contract.ended_at)) : null
    return {
      customer_id: customer.customer_id,
      name: customer.name,
      segment: customer.segment,
      region: customer.region,
      signed_up_at: customer.signed_up_at,
      plan,
      monthly_fee: sum(running.map((contract) => Number(contract.monthly_fee) / 100)),
      left_at: left === null ? null : new Date(left),
      tenure_days: (now - customer.signed_up_at.getTime()) / DAY,
      calls_28d: calls,
      calls_before: before,
      used_at: used.length === 0 ? null : new Date(most(used.map((row) => row.used_at))),
      usage_trend: trend,
      open_tickets: open,
      tickets_90d: lately.length,
      satisfaction_90d: satisfaction,
      invoiced: sum(issued.map((invoice) => Number(invoice.amount) / 100)),
      overdue,
      mean_days_late: late,
      health: left === null ? health : null,
      class: left !== null ? 'left' : health >= 80 ? 'healthy' : health >= 55 ? 'watch' : 'at risk',
    }
  })
}

const numberOf = (at: Date): number => at.getUTCFullYear() * 12 + at.getUTCMonth() + 1

export function executiveSummary(platform: SmallPlatform): readonly Plain[] {
  const { contracts, usage, tickets, invoices, runs } = platform.world
  const now = clock(platform)
  const issued = invoices.filter((invoice) => invoice.issued_at.getTime() <= now)
  const lives = [...groups(contracts, (contract) => contract.customer_id).values()].map((held) => ({
    from: Math.min(...held.map((contract) => numberOf(contract.started_at))),
    to: held.some((contract) => contract.ended_at === null)
      ? null
      : Math.max(...held.map((contract) => (contract.ended_at === null ? 0 : numberOf(contract.ended_at)))),
  }))
  return [...groups(issued, (invoice) => String(numberOf(invoice.issued_at)))].map(([key, rows]) => {
    const month = Number(key)
    const standing = contracts.filter(
      (contract) =>
        numberOf(contract.started_at) <= month && (contract.ended_at === null || numberOf(contract.ended_at) > month),
    )
    const asked = tickets.filter((ticket) => ticket.opened_at.getTime() <= now && numberOf(ticket.opened_at) === month)
    const ran = runs.filter((run) => numberOf(run.started_at) === month)
    const euros = (of: typeof rows): number => sum(of.map((invoice) => Number(invoice.amount) / 100))
    const paid = (invoice: (typeof rows)[number]): boolean =>
      invoice.paid_at !== null && invoice.paid_at.getTime() <= now
    return {
      year: Math.floor((month - 1) / 12),
      month: ((month - 1) % 12) + 1,
      customers: new Set(standing.map((contract) => contract.customer_id)).size,
      monthly_fees: sum(standing.map((contract) => Number(contract.monthly_fee) / 100)),
      new_customers: lives.filter(({ from }) => from === month).length,
      lost_customers: lives.filter(({ to }) => to === month).length,
      invoices: rows.length,
      invoiced: euros(rows),
      collected: euros(rows.filter(paid)),
      overdue: euros(rows.filter((invoice) => !paid(invoice) && invoice.due_at.getTime() < now)),
      calls: sum(
        usage.filter((row) => row.used_at.getTime() <= now && numberOf(row.used_at) === month).map((row) => row.calls),
      ),
      tickets: asked.length,
      urgent_tickets: asked.filter(({ severity }) => severity === 'urgent').length,
      hours_to_answer: mean(
        asked.flatMap((ticket) =>
          ticket.answered_at === null || ticket.answered_at.getTime() > now
            ? []
            : [(ticket.answered_at.getTime() - ticket.opened_at.getTime()) / 3_600_000],
        ),
      ),
      runs: ran.length,
      failed_runs: ran.filter(({ failed }) => failed).length,
    }
  })
}
