import { isObject, type Json } from './exact-json.ts'

/** What connectors send for a large value that did not change, unless they are configured otherwise. */
export const UNAVAILABLE = '__debezium_unavailable_value'

/**
 * Tells whether a value stands for one that did not change: the placeholder as text or bytes, or in an array or a map.
 * A placeholder that begins with `hex:` names its bytes.
 */
export function unchangedTest(placeholder: string): (value: Json) => boolean {
  const bytes = placeholder.startsWith('hex:') ? Buffer.from(placeholder.slice(4), 'hex') : Buffer.from(placeholder)
  const text = bytes.toString('utf8')
  const forms = new Set([text, bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')])
  const isForm = (value: Json | undefined): boolean => typeof value === 'string' && forms.has(value)
  return (value) => {
    if (typeof value === 'string') return forms.has(value) || (value.startsWith('{') && value === jsonMap(text))
    if (Array.isArray(value))
      return (
        (value.length === 1 && isForm(value[0])) ||
        (value.length === bytes.length && value.length > 0 && value.every((item: Json, index) => item === bytes[index]))
      )
    if (!isObject(value)) return false
    const entries = Object.entries(value)
    return entries.length === 1 && entries.every(([name, item]) => name === text && isForm(item))
  }
}

/** A map as hstore columns have it when they are sent as JSON. */
function jsonMap(text: string): string {
  return JSON.stringify({ [text]: text })
}
