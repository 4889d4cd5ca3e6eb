import { Problem } from '../problem.ts'

/** How several events stand in one body: as JSON, an object or an array of objects, or as one object in each line. */
export type Writing = 'json' | 'lines'

const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [0x22, 0x5c, 0x2c, 0x0a]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * The bytes of each event, as they came. Lines are not looked into: one that is not JSON is a rejected event.
 *
 * @throws Problem `BODY_NOT_JSON` (400) for an array whose end or whose commas are not where they should be
 */
export function splitEvents(body: Buffer, writing: Writing): readonly Buffer[] {
  const all = trimmed(body.subarray(startOf(body)))
  if (writing === 'lines') return linesOf(all)
  if (all.length === 0) throw notJson('it is empty')
  if (all[0] === OPEN_ARRAY) return elementsOf(all)
  // An object is what an array of it would have as its only element.
  const inArray = Buffer.concat([Buffer.from('['), all, Buffer.from(']')])
  const [one, another] = all[0] === OPEN_OBJECT ? elementsOf(inArray) : []
  if (one === undefined || another !== undefined) throw notJson('it is neither')
  return [one]
}

/** Behind a byte order mark. */
function startOf(body: Buffer): number {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
}

function linesOf(body: Buffer): readonly Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < body.length;) {
    const found = body.indexOf(NEWLINE, start)
    const end = found === -1 ? body.length : found
    const line = trimmed(body.subarray(start, end))
    if (line.length > 0) lines.push(line)
    start = end + 1
  }
  return lines
}

/** The elements of an array: between commas that are in no text and in no inner array or object. */
function elementsOf(body: Buffer): readonly Buffer[] {
  const elements: Buffer[] = []
  let depth = 0
  let start = 1
  /** Whether an object or array has ended, so that only a comma or the end may follow. */
  let ended = false
  const end = (at: number): void => {
    const element = trimmed(body.subarray(start, at))
    if (element.length === 0) throw notJson(`an element is missing at offset ${at}`)
    elements.push(element)
    start = at + 1
    ended = false
  }
  for (let at = 1; at < body.length; at++) {
    const byte = body[at]
    if (ended && byte !== COMMA && byte !== CLOSE_ARRAY && !isSpace(byte))
      throw notJson(`something unexpected is at offset ${at}`)
    if (byte === QUOTE) at = endOfText(body, at)
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++
    else if (byte === COMMA && depth === 0) end(at)
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth-- > 0) {
        ended = depth === 0
        continue
      }
      if (at !== body.length - 1 || byte !== CLOSE_ARRAY) throw notJson(`something unexpected is at offset ${at}`)
      if (elements.length > 0 || trimmed(body.subarray(start, at)).length > 0) end(at)
      return elements
    }
  }
  throw notJson('its array does not end')
}

function endOfText(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++
    else if (body[at] === QUOTE) return at
  }
  throw notJson('a text in it does not end')
}

function trimmed(bytes: Buffer): Buffer {
  let start = 0
  let end = bytes.length
  while (start < end && isSpace(bytes[start])) start++
  while (end > start && isSpace(bytes[end - 1])) end--
  return bytes.subarray(start, end)
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09
}

function notJson(why: string): Problem {
  const detail = `The body is not a JSON object or array: ${why}. Send one object in each line as application/x-ndjson.`
  return new Problem(400, 'BODY_NOT_JSON', detail, { path: '' })
}
