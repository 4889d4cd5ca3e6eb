import type { ColumnType } from '@martlet/warehouse'
import { canonical, type ErasedKeys } from './erased-keys.ts'

/** What stands where a key was. */
const ERASED = '[erased]'

/** Shorter text keys are looked for only where a column says that the value is a key: in a sentence, `a` is a word. */
const SHORTEST = 3

/** Recognizes the keys of an erasure in records, values and sentences that Martlet keeps; never prints one. */
export interface KeyMentions {
  /** Whether the fields of a record that are named like the key columns hold one of the keys. */
  isKey(record: Readonly<Record<string, unknown>>): boolean
  /**
   * Whether a value is a key by itself: in a column named like the key column, or `view__<key column>`, or a text
   * that nothing else is likely to be.
   */
  isValue(column: string, value: unknown): boolean
  /**
   * Whether a text about rows of the entity holds a key: as a word of its own, with all parts of a compound
   * key.
   */
  inExample(text: string): boolean
  /** Whether any text holds a key; only text keys of three characters and more are looked for. */
  inText(text: string): boolean
  /**
   * The text with `[erased]` in the place of the keys that `inText` finds, and behind `for example` of those that
   * `inExample` finds.
   */
  without(text: string): string
}

/** `roles`: the other columns, by key column, by which the entity is asked for. */
export function keyMentions(
  { entity, rows }: ErasedKeys,
  roles: readonly Readonly<Record<string, string>>[] = [],
): KeyMentions {
  const asked: typeof roles = [{}, ...roles]
  const whole = new Set(
    rows.map((row) => JSON.stringify(entity.keys.map(({ name, type }) => canonical(type, row[name])))),
  )
  const [only] = entity.keys.length === 1 ? entity.keys : []
  const parts = rows.map((row) => entity.keys.map(({ name, type }) => textForms(type, row[name])))
  const everywhere = rows.flatMap((row, index) =>
    entity.keys.every(({ name, type }) => isTelling(type, row[name])) ? [parts[index] ?? []] : [],
  )
  const example = matcher(parts)
  const free = matcher(everywhere)
  return {
    isKey: (record) =>
      asked.some((role) =>
        whole.has(JSON.stringify(entity.keys.map(({ name, type }) => canonical(type, record[role[name] ?? name])))),
      ),
    isValue: (column, value) => {
      if (only === undefined || !whole.has(JSON.stringify([canonical(only.type, value)]))) return false
      const columns = asked.map((role) => role[only.name] ?? only.name)
      return columns.some((name) => named(column, name)) || (isTelling(only.type, value) && typeof value === 'string')
    },
    inExample: example.finds,
    inText: free.finds,
    without: (text) => free.without(text).replaceAll(/for example [^\n]*/g, (part) => example.without(part)),
  }
}

function named(column: string, key: string): boolean {
  const [given, wanted] = [column.toLowerCase(), key.toLowerCase()]
  return given === wanted || given.endsWith(`__${wanted}`)
}

function isTelling(type: ColumnType, value: unknown): boolean {
  return type === 'text' && typeof value === 'string' && value.length >= SHORTEST
}

/** How engines, JSON and messages print a value. */
function textForms(type: ColumnType, value: unknown): readonly string[] {
  const plain = canonical(type, value)
  if (plain === undefined || plain === '') return []
  switch (type) {
    case 'text':
      return [...new Set([plain, JSON.stringify(plain).slice(1, -1)])]
    case 'date':
      return [new Date(Number(plain) * 86_400_000).toISOString().slice(0, 10)]
    case 'timestamp':
      return instantForms(BigInt(plain))
    case 'boolean':
    case 'integer':
    case 'bigint':
      return [plain]
    default:
      return plain.includes('.') ? [plain] : [`${plain}.0`, plain]
  }
}

function instantForms(micros: bigint): readonly string[] {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  const [day = '', clock = ''] = new Date(Number(millis)).toISOString().slice(0, 19).split('T')
  return [`${day} ${clock}`, `${day}T${clock}`]
}

interface Matcher {
  finds(text: string): boolean
  without(text: string): string
}

/** Keys of one alternation: regular expressions grow slow with their length. */
const BATCH = 1000

/** Finds texts that hold, for one of the keys, a form of each of its parts. */
function matcher(keys: readonly (readonly (readonly string[])[])[]): Matcher {
  const findable = keys.filter((parts) => parts.length > 0 && parts.every((forms) => forms.length > 0))
  const single = findable.every((parts) => parts.length === 1)
  if (single) {
    const words = findable.flatMap((parts) => parts.flat())
    const patterns = Array.from({ length: Math.ceil(words.length / BATCH) }, (_, batch) =>
      wordPattern(words.slice(batch * BATCH, (batch + 1) * BATCH)),
    )
    return {
      finds: (text) => patterns.some((pattern) => text.search(pattern) !== -1),
      without: (text) => patterns.reduce((rest, pattern) => rest.replaceAll(pattern, ERASED), text),
    }
  }
  const compound = findable.map((parts) => parts.map((forms) => wordPattern(forms)))
  const holds = (text: string, parts: readonly RegExp[]): boolean =>
    parts.every((pattern) => text.search(pattern) !== -1)
  return {
    finds: (text) => compound.some((parts) => holds(text, parts)),
    without: (text) =>
      compound
        .filter((parts) => holds(text, parts))
        .reduce((rest, parts) => parts.reduce((left, pattern) => left.replaceAll(pattern, ERASED), rest), text),
  }
}

/** Longer words first: a key may begin like another. */
function wordPattern(words: readonly string[]): RegExp {
  const any = words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => escaped(word))
    .join('|')
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, 'gu')
}

function escaped(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
