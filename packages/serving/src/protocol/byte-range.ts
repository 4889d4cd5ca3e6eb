/** Bytes `from` to `end`, the latter excluded. */
export interface ByteRange {
  readonly from: number
  readonly end: number
}

/**
 * The part of a file that a `Range` header asks for. Undefined: all of it, also when the header has several ranges or another unit,
 * which a server may ignore.
 */
export function byteRange(header: string | undefined, length: number): ByteRange | 'outside' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  const [, first = '', last = ''] = match ?? []
  if (match === null || (first === '' && last === '')) return undefined
  if (first === '') {
    const count = Math.min(Number(last), length)
    return count === 0 ? 'outside' : { from: length - count, end: length }
  }
  const from = Number(first)
  const end = last === '' ? length : Math.min(Number(last) + 1, length)
  if (last !== '' && Number(last) < from) return undefined
  return from >= length ? 'outside' : { from, end }
}
