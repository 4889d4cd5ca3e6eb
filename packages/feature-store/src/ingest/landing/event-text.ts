/** What stands before an event that is no text of its own. */
const BASE64 = 'base64:'

/**
 * The bytes of an event as a text that every warehouse can keep: the text itself, or base64 of what is not UTF-8 or has a NUL.
 * `eventBytes` gives the same bytes back.
 */
export function eventText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const text = bytes.toString('utf8')
  const isText = !text.includes('\ufffd') || Buffer.from(text).equals(bytes)
  if (isText && !text.includes('\0') && !text.startsWith(BASE64)) return text
  return BASE64 + bytes.toString('base64')
}

export function eventBytes(text: string): Buffer {
  return text.startsWith(BASE64) ? Buffer.from(text.slice(BASE64.length), 'base64') : Buffer.from(text)
}
