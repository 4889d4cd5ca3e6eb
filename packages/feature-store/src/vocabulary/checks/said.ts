/** What was given instead of what was asked for, to be named in a refusal. */
export function said(given: unknown): string {
  return String(given)
}
