import type { Reason } from './event-reader.ts'

/** The reasons why an event is rejected as the text that a journal keeps. */
export function rejectionText(reasons: readonly Reason[]): string {
  return JSON.stringify(reasons.map(({ path, message }) => [path, message]))
}

/** What {@link rejectionText} has made; another text is one reason. */
export function rejectionReasons(text: string): readonly Reason[] {
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) && parsed.length > 0) {
      return parsed.map((one: unknown): Reason => {
        if (!Array.isArray(one)) throw new TypeError('not a reason')
        const [path, message]: readonly unknown[] = one
        return { path: String(path), message: String(message) }
      })
    }
  } catch {
    // It is somebody else's text.
  }
  return [{ path: '', message: text }]
}
