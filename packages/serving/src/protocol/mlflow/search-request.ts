import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import { invalid } from './mlflow-error.ts'
import { optionalText } from './query.ts'

/** One page of a search. */
export interface Page {
  readonly from: number
  readonly size: number
}

/** What to order by; the first differs last. */
export interface Order {
  readonly key: string
  readonly descending: boolean
}

/**
 * The page that a request asks for.
 *
 * @throws Problem 400 when `max_results` or `page_token` is not valid
 */
export function pageOf(exchange: Exchange, { usual, most }: { readonly usual: number; readonly most: number }): Page {
  const given = optionalText(exchange, 'max_results')
  const size = given === undefined ? usual : Number(given)
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw invalid('max_results', `must be a whole number from 1 to ${most}, not ${shown(given)}`)
  return { from: offsetOf(optionalText(exchange, 'page_token')), size }
}

/** The items of a page, and the token of the next one; empty after the last. */
export function pageFrom<T>(
  items: readonly T[],
  { from, size }: Page,
): { readonly items: readonly T[]; readonly next: string } {
  const end = from + size
  return { items: items.slice(from, end), next: end < items.length ? tokenOf(end) : '' }
}

/**
 * `order_by`, which may be given several times: a name, and ASC or DESC.
 *
 * @throws Problem 400 for a name that cannot be ordered by
 */
export function ordersOf({ call }: Exchange, known: readonly string[]): readonly Order[] {
  const given = call.query()['order_by'] ?? []
  if (given.length > known.length) throw invalid('order_by', `is given ${given.length} times`)
  return given.map((text) => {
    const [, key = '', direction = 'ASC'] = /^\s*(?:attributes?\.)?([a-z_]+)(?:\s+(ASC|DESC))?\s*$/i.exec(text) ?? []
    if (!known.includes(key))
      throw invalid('order_by', `must be one of ${known.join(', ')}, with ASC or DESC after it, not ${shown(text)}`)
    return { key, descending: direction.toUpperCase() === 'DESC' }
  })
}

/** Compares two items by the orders, given what each has by name. */
export function compareBy(
  orders: readonly Order[],
  a: Readonly<Record<string, string | number | undefined>>,
  b: Readonly<Record<string, string | number | undefined>>,
): number {
  for (const { key, descending } of orders) {
    const [left = '', right = ''] = [a[key], b[key]]
    if (left !== right) return left < right !== descending ? -1 : 1
  }
  return 0
}

function tokenOf(offset: number): string {
  return Buffer.from(`from:${offset}`).toString('base64url')
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0
  const [, offset] = /^from:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? []
  if (offset === undefined) throw invalid('page_token', 'is not one that this server gave')
  return Number(offset)
}
