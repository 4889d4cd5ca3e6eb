/**
 * Parses the text of a file that may hold a secret by mistake: the message of a failure repeats nothing of it.
 *
 * @throws Error when it is not JSON
 */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('It is not JSON.')
  }
}
