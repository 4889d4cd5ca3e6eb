import { sql, type Warehouse } from '@martlet/warehouse'

/** By how much of the largest number of its list a sum may differ, which the order of additions decides. */
const LAST_DIGITS = 1e-12

/** The stored profiles by name. */
export async function storedProfiles(warehouse: Warehouse): Promise<ReadonlyMap<string, unknown>> {
  const { columns } = await warehouse.read(sql`SELECT profile, body FROM monitoring.reference_profiles`)
  const [names, bodies] = columns.map((column) => (column.type === 'text' ? column.values : []))
  return new Map((names ?? []).map((name, row): [string, unknown] => [name, JSON.parse(bodies?.[row] ?? 'null')]))
}

/** Where two values of JSON differ by more than the last digits of sums. */
export function differingPlaces(left: unknown, right: unknown, place = '', size = sizeOf(left)): readonly string[] {
  if (typeof left === 'number' && typeof right === 'number')
    return left === right || (!Number.isInteger(left) && Math.abs(left - right) <= LAST_DIGITS * size)
      ? []
      : [`${place}: ${left} and ${right}`]
  if (!isObject(left) || !isObject(right))
    return left === right ? [] : [`${place}: ${String(left)} and ${String(right)}`]
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].flatMap((name) =>
    differingPlaces(
      left[name],
      right[name],
      `${place}.${name}`,
      Array.isArray(left) ? sizeOf(left) : sizeOf(left[name]),
    ),
  )
}

/** The size of the largest number of a list, or of a number. */
function sizeOf(value: unknown): number {
  const numbers = Array.isArray(value) ? value : [value]
  return Math.max(0, ...numbers.map((number) => (typeof number === 'number' ? Math.abs(number) : 0)))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
