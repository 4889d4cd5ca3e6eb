/** Where a text stops being JSON, counted from 1, and what was found there. */
export interface JsonFault {
  readonly line: number
  readonly column: number
  readonly offset: number
  readonly found: string
}

const TOKEN = /[{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const SPACE = /[ \t\n\r]*/y

/** Finds the place where `JSON.parse` failed. It repeats one character of the body at most. */
export function findJsonFault(text: string): JsonFault {
  const closers: string[] = []
  let state: State = 'value'
  let offset = 0
  for (;;) {
    SPACE.lastIndex = offset
    SPACE.exec(text)
    offset = SPACE.lastIndex
    if (state === 'after' && closers.length === 0) return fault(text, offset)
    const end = tokenEnd(text, offset)
    if (end < 0) return fault(text, -end - 1)
    const first = text[offset] ?? ''
    const next = step(state, first, closers.at(-1))
    if (next === undefined) return fault(text, offset)
    if (next === 'pop') {
      closers.pop()
      state = 'after'
    } else {
      if (next === 'firstItem') closers.push(']')
      if (next === 'firstName') closers.push('}')
      state = next
    }
    offset = end
  }
}

/** Where the token at `offset` ends. When there is none, minus one minus the place that is wrong. */
function tokenEnd(text: string, offset: number): number {
  if (text[offset] === '"') return stringEnd(text, offset)
  TOKEN.lastIndex = offset
  return TOKEN.test(text) ? TOKEN.lastIndex : -offset - 1
}

function stringEnd(text: string, start: number): number {
  for (let offset = start + 1; offset < text.length; offset++) {
    const code = text.charCodeAt(offset)
    if (code === 0x22) return offset + 1
    if (code < 0x20) return -offset - 1
    if (code !== 0x5c) continue
    ESCAPE.lastIndex = offset
    if (!ESCAPE.test(text)) return -offset - 1
    offset = ESCAPE.lastIndex - 1
  }
  return -text.length - 1
}

/** What may come next. `firstItem` and `firstName` also allow the end of the array or object; `after` is what follows a value. */
type State = 'value' | 'firstItem' | 'firstName' | 'name' | 'colon' | 'after'

function step(state: State, first: string, closer: string | undefined): State | 'pop' | undefined {
  switch (state) {
    case 'colon':
      return first === ':' ? 'value' : undefined
    case 'firstName':
      return first === '}' ? 'pop' : first === '"' ? 'colon' : undefined
    case 'name':
      return first === '"' ? 'colon' : undefined
    case 'after':
      if (first === closer) return 'pop'
      return first === ',' ? (closer === ']' ? 'value' : 'name') : undefined
    case 'firstItem':
      if (first === ']') return 'pop'
      return value(first)
    case 'value':
      return value(first)
  }
}

function value(first: string): State | undefined {
  if (first === '{') return 'firstName'
  if (first === '[') return 'firstItem'
  return first === '}' || first === ']' || first === ',' || first === ':' ? undefined : 'after'
}

function fault(text: string, offset: number): JsonFault {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  return {
    line,
    column,
    offset,
    found:
      offset >= text.length
        ? 'the end of the body'
        : JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0)),
  }
}
