import { invalid } from './invalid.ts'

/** The header that says how many bytes of a body are JSON; binary data follow. */
export const LENGTH_HEADER = 'inference-header-content-length'

/**
 * The bytes of JSON that a body begins with; undefined when it is all JSON; 0 when it is the data of the only input.
 *
 * @throws Problem 400 when the header is not a number of bytes that the body has
 */
export function headerLength(header: string | undefined, body: Buffer): number | undefined {
  if (header === undefined) return undefined
  const place = 'The header Inference-Header-Content-Length'
  if (!/^\d{1,15}$/.test(header))
    throw invalid(place, `must be a number of bytes, not ${JSON.stringify(header.slice(0, 60))}`)
  const length = Number(header)
  if (length > body.length) throw invalid(place, `is ${length}, and the body has ${body.length} bytes`)
  return length
}
