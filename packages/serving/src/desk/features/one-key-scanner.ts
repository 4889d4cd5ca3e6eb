import type { ColumnType } from '@martlet/warehouse'
import type { JsonBytes } from '../json/json-bytes.ts'
import type { Limits } from '../limits.ts'

/**
 * Writes the key of a body that asks for one entity and for nothing else, such as `{"keys":[{"customer_id":"a"}]}`, as
 * answers repeat it, without building anything. False for every other body and for keys that have to be looked at
 * closely; what was written until then means nothing.
 */
export type ScanOneKey = (body: Uint8Array, out: JsonBytes) => boolean

const [QUOTE, BACKSLASH, SPACE, TILDE] = [0x22, 0x5c, 0x20, 0x7e]
const CLOSE = Buffer.from('}')

/** Undefined where a key is not made of texts, or bodies may not nest as deep as this one. */
export function oneKeyScanner(
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  limits: Limits,
): ScanOneKey | undefined {
  if (columns.length === 0 || limits.jsonDepth < 3 || columns.some(({ type }) => type !== 'text')) return undefined
  const before = tokensOf('{', '"keys"', ':', '[', '{')
  const after = tokensOf('}', ']', '}')
  const parts = columns.map(({ name }, index) => ({
    tokens: tokensOf(...(index === 0 ? [] : [',']), JSON.stringify(name), ':'),
    label: Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
  }))
  return (body, out) => {
    let at = behindTokens(body, 0, before)
    for (const { tokens, label } of parts) {
      const start = behindSpace(body, behindTokens(body, at, tokens))
      at = behindPlainText(body, start, limits.keyLength)
      if (at === -1) return false
      out.raw(label)
      out.raw(body.subarray(start, at))
    }
    out.raw(CLOSE)
    return behindSpace(body, behindTokens(body, at, after)) === body.length
  }
}

function tokensOf(...texts: readonly string[]): readonly Uint8Array[] {
  return texts.map((text) => Buffer.from(text))
}

/** Where the tokens end, with or without space before each; -1 when there are others. */
function behindTokens(body: Uint8Array, from: number, tokens: readonly Uint8Array[]): number {
  let at = from
  for (const token of tokens) {
    if (at === -1) return -1
    at = behindSpace(body, at)
    for (let index = 0; index < token.length; index++) if (body[at++] !== token[index]) return -1
  }
  return at
}

function behindSpace(body: Uint8Array, from: number): number {
  if (from === -1) return -1
  let at = from
  for (let byte = body[at]; byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d; byte = body[at]) at++
  return at
}

/** Where a quoted text ends that is printed as it is read: ASCII that needs no escape. -1 for any other. */
function behindPlainText(body: Uint8Array, start: number, most: number): number {
  if (body[start] !== QUOTE) return -1
  for (let at = start + 1; at <= start + 1 + most; at++) {
    const byte = body[at] ?? 0
    if (byte === QUOTE) return at + 1
    if (byte < SPACE || byte > TILDE || byte === BACKSLASH) return -1
  }
  return -1
}
