import { LATENCY_BUCKETS } from '../../desk/desk-metrics.ts'
import type { RequestTrace } from '../../desk/request-context.ts'
import type { Call } from '../call/call.ts'
import type { GatedRoute } from '../route.ts'
import type { OpenTelemetry, TelemetryAttributes, TelemetrySpan } from './open-telemetry.ts'
import { isTraceId } from './trace-parent.ts'

/** As OpenTelemetry numbers them. */
const SERVER = 1
const ERROR = 2

/** What is told about the requests of one route. */
export interface RouteTelemetry {
  /** Begins the span of a request, as a child of the one that its headers name. */
  begin(call: Call): RequestSpan
}

/** One request as OpenTelemetry sees it. */
export interface RequestSpan {
  /** The trace that the request belongs to; undefined when nobody traces. */
  readonly traceId: string | undefined
  /** Where facts about the request go; undefined when the span is not recorded. */
  readonly trace: RequestTrace | undefined
  /** Runs something within the span, so that spans of the store's driver become its children. */
  within(run: () => void): void
  /** @param code of the refusal */
  end(status: number, seconds: number, requestId: string, code?: string): void
}

/** Spans and the histogram of requests by route. */
export function requestTelemetry(api: OpenTelemetry, version: string): (route: GatedRoute) => RouteTelemetry {
  const { trace, metrics, propagation, context } = api
  const tracer = trace.getTracer('@martlet/serving', version)
  const duration = metrics.getMeter('@martlet/serving', version).createHistogram('http.server.request.duration', {
    description: 'Time from the arrival of a request to its answer',
    unit: 's',
    advice: { explicitBucketBoundaries: [...LATENCY_BUCKETS] },
  })
  const fromHeaders = {
    keys: () => ['traceparent', 'tracestate', 'baggage'],
    get: (call: Call, name: string) => call.header(name),
  }

  return ({ method, path }) => {
    const route = path.replace(/:(\w+)/g, '{$1}')
    const verb = method === 'OTHER' ? '_OTHER' : method
    // A path that no route has is not a route.
    const place: TelemetryAttributes =
      path === 'unmatched' ? { 'http.request.method': verb } : { 'http.request.method': verb, 'http.route': route }
    const name = path === 'unmatched' ? (method === 'OTHER' ? 'HTTP' : verb) : `${verb} ${route}`
    return {
      begin(call) {
        const parent = propagation.extract(context.active(), call, fromHeaders)
        const span = tracer.startSpan(name, { kind: SERVER, attributes: { ...place } }, parent)
        const recorded = span.isRecording()
        if (recorded) span.setAttributes(addressOf(call))
        const { traceId } = span.spanContext()
        const inside = trace.setSpan(parent, span)
        return {
          traceId: isTraceId(traceId) ? traceId : undefined,
          trace: recorded ? { note: (attributes) => void span.setAttributes({ ...attributes }) } : undefined,
          within: (run) => context.with(inside, run),
          end(status, seconds, requestId, code) {
            const scheme = call.target().scheme
            const failure = status >= 500 ? { 'error.type': code ?? String(status) } : {}
            const answered = { ...place, 'url.scheme': scheme, 'http.response.status_code': status, ...failure }
            duration.record(seconds, answered, inside)
            if (recorded) endSpan(span, { ...answered, 'martlet.request_id': requestId }, status, code)
          },
        }
      },
    }
  }

  function endSpan(span: TelemetrySpan, attributes: TelemetryAttributes, status: number, code?: string): void {
    span.setAttributes({ ...attributes, ...(code === undefined ? {} : { 'martlet.problem.code': code }) })
    if (status >= 500) span.setStatus({ code: ERROR })
    span.end()
  }
}

function addressOf(call: Call): Record<string, string> {
  const { path, scheme } = call.target()
  const host = call.host()?.replace(/:\d+$/, '')
  return { 'url.path': path, 'url.scheme': scheme, ...(host === undefined ? {} : { 'server.address': host }) }
}
