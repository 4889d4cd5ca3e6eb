import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MartletError } from '@martlet/warehouse'
import type { z } from 'zod'

/**
 * The bytes of a file that an option names.
 * @throws MartletError USAGE when it cannot be read
 */
export async function readBytes(path: string, option: string): Promise<Uint8Array> {
  return readFile(resolve(path)).catch((cause: unknown) => {
    throw new MartletError('USAGE', `${option} ${resolve(path)} cannot be read. Check the path.`, {
      data: { option, path },
      cause,
    })
  })
}

/**
 * Reads JSON that an option names; whole numbers beyond 2^53 become bigint.
 * @throws MartletError USAGE when it is not as expected, naming the place
 */
export async function readJson<T>(path: string, option: string, schema: z.ZodType<T>): Promise<T> {
  return jsonOf(await readBytes(path, option), { option, path }, schema)
}

/** What JSON is read for. */
interface NamedFile {
  readonly option: string
  readonly path: string
}

/**
 * Reads JSON as `readJson` does, from bytes.
 * @throws MartletError USAGE when it is not as expected, naming the place
 */
export function jsonOf<T>(bytes: Uint8Array, { option, path }: NamedFile, schema: z.ZodType<T>): T {
  const text = Buffer.from(bytes).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text, allDigits)
  } catch (cause) {
    const fix = /[[:,\s](NaN|-?Infinity)\b/.test(text)
      ? ' JSON has no NaN or Infinity: write null where a number is missing.'
      : ''
    throw new MartletError(
      'USAGE',
      `${option} ${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.${fix}`,
      { data: { option, path }, cause },
    )
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [first] = read.error.issues
  const { at, message } = first === undefined ? { at: [], message: '' } : innermost(first)
  throw new MartletError(
    'USAGE',
    `${option} ${path} is not as expected at ${at.join('.') || 'its top'}: ${message}. ` +
      '`martlet models register --help` explains its format.',
    { data: { option, path, at: at.map(String) } },
  )
}

function allDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined || !/^-?\d+$/.test(context.source)) return value
  return Number.isSafeInteger(value) ? value : BigInt(context.source)
}

interface Place {
  readonly at: readonly PropertyKey[]
  readonly message: string
}

/** What is wrong in the alternative that fits best; the message about the whole value when none fits at all. */
function innermost({ path, message, ...issue }: z.core.$ZodIssue): Place {
  if (issue.code !== 'invalid_union') return { at: path, message }
  const inside = issue.errors.flatMap(([first]) => (first === undefined ? [] : [innermost(first)]))
  const best = inside.toSorted((a, b) => depth(b) - depth(a))[0]
  return best === undefined || depth(best) === 0
    ? { at: path, message }
    : { at: [...path, ...best.at], message: best.message }
}

/** An unknown key is reported for the object that has it, which fits apart from that. */
function depth({ at, message }: Place): number {
  return at.length + (message.startsWith('Unrecognized key') ? 1 : 0)
}
