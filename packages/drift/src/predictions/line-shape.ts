import { keyColumn } from './prediction-rows.ts'
import { isRecord } from './is-record.ts'
import { PREDICTION } from './prediction-line.ts'
import { requestColumn, servedColumn, TOO_OLD, viewOf } from './served-columns.ts'
import { isOwnColumn } from './prediction-tables.ts'
import type { LineTokens } from './line-tokens.ts'

/** A value of a line and the column that it belongs to. */
export interface Slot {
  readonly token: number
  readonly name: string
  /** Whether it is a field of the line itself. */
  readonly isOwn: boolean
  /** The column says whether a value is this one, of several the last that is. */
  readonly is?: string
}

/** What lines have in common that differ in their values only: the names, and the columns that values belong to. */
export interface LineShape {
  readonly hash: number
  /** What is between the values, one after the other. */
  readonly between: Uint8Array
  /** Where in {@link between} the part before each value ends; the last one is behind the last value. */
  readonly parts: Int32Array
  readonly slots: readonly Slot[]
}

/** Whether what is between the values of a line is what a shape has. */
export function hasShape(line: LineTokens, shape: LineShape): boolean {
  const { bytes, count, starts, ends, start, end } = line
  const { between, parts } = shape
  if (parts.length !== count + 1) return false
  let at = start
  let known = 0
  for (let part = 0; part <= count; part++) {
    const to = part < count ? (starts[part] ?? 0) : end
    if (to - at !== (parts[part] ?? 0) - known) return false
    while (at < to) if (bytes[at++] !== between[known++]) return false
    at = ends[part] ?? 0
  }
  return true
}

/**
 * The shape of a line that was read; undefined where a line of the same names could mean something else, such as one that
 * says a name twice.
 */
export function shapeOf(line: LineTokens, read: Readonly<Record<string, unknown>>): LineShape | undefined {
  const paths = pathsOf(line)
  if (paths === undefined) return undefined
  const slots: Slot[] = []
  const outputs = new Map<string, number>()
  const single = Object.entries(recordAt(read, 'prediction')).find(([, value]) => !Array.isArray(value))?.[0]
  const missing = recordAt(read, 'missing')
  for (const [token, [field, name, ...inner]] of paths.entries()) {
    const own = typeof field === 'string' && name === undefined ? OWN_FIELDS.get(field) : undefined
    if (own !== undefined) slots.push({ token, name: own, isOwn: true })
    if (typeof name !== 'string') continue
    if (field === 'prediction') {
      const index = outputs.get(name) ?? 0
      outputs.set(name, index + 1)
      slots.push({
        token,
        name: inner.length === 0 ? `prediction__${name}` : `prediction__${name}__${index}`,
        isOwn: false,
      })
      if (name === single) slots.push({ token, name: PREDICTION, isOwn: false })
    } else if (field === 'keys' || (field === 'values' && !Object.hasOwn(missing, name))) {
      if (inner.length > 0) return undefined
      slots.push({ token, name: field === 'keys' ? keyColumn(name) : name, isOwn: false })
    } else {
      const served = servedSlot(field, name, inner)
      if (served === undefined) continue
      if (served === 'unclear') return undefined
      slots.push({ token, isOwn: false, ...served })
    }
  }
  if (!haveOneColumnEach(slots)) return undefined
  return { hash: line.hash, ...betweenOf(line), slots }
}

/** Where a value of what `servedColumns` reads belongs; unclear where it has to be looked at as a whole. */
function servedSlot(
  field: string | number | undefined,
  name: string,
  inner: Path,
): Pick<Slot, 'name' | 'is'> | 'unclear' | undefined {
  if (field === 'times') {
    if (inner[0] !== 'time') return undefined
    return inner.length === 1 ? { name: servedColumn(name, 'time') } : 'unclear'
  }
  if (field === 'missing')
    return inner.length === 0 ? { name: servedColumn(viewOf(name), 'withheld'), is: TOO_OLD } : undefined
  if (field !== 'definitions' && field !== 'request') return undefined
  if (inner.length > 0) return 'unclear'
  return { name: field === 'request' ? requestColumn(name) : servedColumn(name, 'definition') }
}

/** Whether no two values go to one column, and none to a column of all tables. */
function haveOneColumnEach(slots: readonly Slot[]): boolean {
  const plain = slots.filter(({ is }) => is === undefined)
  const names = new Set(plain.map(({ name }) => name.toLowerCase()))
  return (
    names.size === plain.length &&
    slots.every(
      ({ name, isOwn, is }) => isOwn || (!isOwnColumn(name) && (is === undefined || !names.has(name.toLowerCase()))),
    )
  )
}

/** Fields of a line with a column of their own. */
const OWN_FIELDS: ReadonlyMap<string, string> = new Map([
  ['time', 'predicted_at'],
  ['requestId', 'request_id'],
  ['row', 'request_row'],
  ['version', 'model_version'],
  ['service', 'service'],
  ['rollout', 'rollout'],
  ['role', 'role'],
])

function recordAt(line: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> {
  const found = line[field]
  return isRecord(found) ? found : {}
}

function betweenOf({ bytes, count, starts, ends, start, end }: LineTokens): Pick<LineShape, 'between' | 'parts'> {
  const found: Buffer[] = []
  const parts = new Int32Array(count + 1)
  let length = 0
  for (let part = 0; part <= count; part++) {
    const piece = bytes.subarray(part === 0 ? start : ends[part - 1], part < count ? starts[part] : end)
    length += piece.length
    parts[part] = length
    found.push(piece)
  }
  return { between: Buffer.concat(found), parts }
}

/** Names and places in lists that lead to a value, the outermost {@link MOST_STEPS} of them. */
type Path = readonly (string | number)[]

/** A field, a name, and whether what is named is inside of one more container or deeper: nothing else is asked. */
const MOST_STEPS = 4

interface Container {
  /** Of an object: those it had until here. */
  readonly names: Set<string> | null
  at: string | number
}

/** How each value is reached; undefined where an object has a name twice. */
function pathsOf({ bytes, count, starts, ends, start, end }: LineTokens): readonly Path[] | undefined {
  const open: Container[] = []
  const paths: Path[] = []
  let token = 0
  for (let at = start; at < end; at++) {
    if (token < count && at === starts[token]) {
      paths.push(open.slice(0, MOST_STEPS).map((one) => one.at))
      at = (ends[token++] ?? at) - 1
      continue
    }
    const inner = open.at(-1)
    switch (bytes[at]) {
      case 0x7b:
        open.push({ names: new Set(), at: '' })
        break
      case 0x5b:
        open.push({ names: null, at: 0 })
        break
      case 0x7d:
      case 0x5d:
        open.pop()
        break
      case 0x2c:
        if (typeof inner?.at === 'number') inner.at++
        break
      case 0x22: {
        const close = closingQuote(bytes, at)
        const name = String(JSON.parse(bytes.toString('utf8', at, close)))
        if (inner === undefined || inner.names === null || inner.names.has(name)) return undefined
        inner.names.add(name)
        inner.at = name
        at = close - 1
        break
      }
      default:
        break
    }
  }
  return paths
}

/** Behind the quote that ends a text. */
function closingQuote(bytes: Buffer, from: number): number {
  let at = from + 1
  while (bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1
  return at + 1
}
