/** The id of the trace that a `traceparent` header names, as W3C Trace Context describes it; undefined when it names none. */
export function traceIdOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 512) return undefined
  const [, version, traceId = '', spanId = '', rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(header) ?? []
  // Later versions may have more parts, this one has not; ff is none.
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  return isTraceId(traceId) && /[^0]/.test(spanId) ? traceId : undefined
}

/** Whether an id is one: all zeros stand for none. */
export function isTraceId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id) && /[^0]/.test(id)
}
