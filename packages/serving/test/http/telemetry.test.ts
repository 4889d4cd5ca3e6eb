import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/index.ts'
import { traceIdOf } from '../../src/http/telemetry/trace-parent.ts'
import { backing } from '../support/backing.ts'
import { post, serveEnergy } from '../support/serve.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const traced = { traceparent: `00-${TRACE}-${PARENT}-01` }
const key = { keys: [{ customer_id: 'a' }] }

/** An SDK that keeps what it is told. */
function listening() {
  const spans = new InMemorySpanExporter()
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }))
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return {
    spans: () => spans.getFinishedSpans(),
    async durations() {
      await reader.forceFlush()
      return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    },
  }
}

function silent(): void {
  for (const one of [trace, metrics, propagation, context]) one.disable()
}
beforeEach(silent)
afterEach(silent)

test('a request is a span of its route, a child of the one that its headers name, and a value of the histogram', async () => {
  const sdk = listening()
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  const app = serve({ telemetry: api })
  await app.start()
  await post(app, '/v1/features/next_day', { keys: [{ customer_id: 'a' }, { customer_id: 'b' }] }, traced)
  await post(app, '/v1/models/usage_model/predict', key, { 'x-request-id': 'order-7' })
  await post(app, '/v1/features/nextday', key)
  await app.request('/nothing')
  const [read, predict, unknown, unmatched] = sdk.spans()
  expect(read).toMatchObject({
    name: 'POST /v1/features/{service}',
    kind: SpanKind.SERVER,
    parentSpanContext: { traceId: TRACE, spanId: PARENT },
    status: { code: SpanStatusCode.UNSET },
    instrumentationScope: { name: '@martlet/serving', version: '0.1.0' },
  })
  expect(read?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/v1/features/{service}',
    'http.response.status_code': 200,
    'url.path': '/v1/features/next_day',
    'url.scheme': 'http',
    'server.address': 'localhost',
    'martlet.service': 'next_day',
    'martlet.rows': 2,
    'martlet.request_id': expect.any(String),
  })
  expect(predict?.parentSpanContext).toBeUndefined()
  expect(predict?.attributes).toMatchObject({
    'martlet.request_id': 'order-7',
    'martlet.model.name': 'usage_model',
    'martlet.model.version': 1,
    'martlet.service': 'usage_only',
    'martlet.rows': 1,
    'martlet.compute_ms': expect.any(Number),
    'martlet.lookup_ms': expect.any(Number),
  })
  // What is the caller's fault is no failure of the server.
  expect(unknown?.status).toEqual({ code: SpanStatusCode.UNSET })
  expect(unknown?.attributes).toMatchObject({ 'martlet.problem.code': 'SERVICE_UNKNOWN' })
  expect(unknown?.attributes).not.toHaveProperty('error.type')
  expect([unmatched?.name, unmatched?.attributes['http.route']]).toEqual(['GET', undefined])

  const [duration, ...others] = await sdk.durations()
  expect(others).toEqual([])
  expect(duration?.descriptor).toMatchObject({ name: 'http.server.request.duration', unit: 's' })
  const points = duration?.dataPoints.map(({ attributes, value }) => [
    attributes['http.route'],
    attributes['http.response.status_code'],
    typeof value === 'object' && 'buckets' in value ? [value.count, value.buckets.boundaries[0]] : value,
  ])
  expect(points).toEqual([
    ['/v1/features/{service}', 200, [1, 0.00025]],
    ['/v1/models/{model}/predict', 200, [1, 0.00025]],
    ['/v1/features/{service}', 404, [1, 0.00025]],
    [undefined, 404, [1, 0.00025]],
  ])
})

test('a failure of the server is an error of its span, and what the store does is within it', async () => {
  const sdk = listening()
  const inside: (string | undefined)[] = []
  const app = await serveEnergy({
    telemetry: api,
    onError: () => undefined,
    now: () => {
      inside.push(trace.getActiveSpan()?.spanContext().spanId)
      throw new Error('no clock')
    },
  })
  const server = await listen(app, { port: 0, signals: false })
  onTestFinished(() => server.close())
  const response = await fetch(`${server.url}/v1/features/next_day`, {
    method: 'POST',
    body: JSON.stringify(key),
    headers: { 'content-type': 'application/json', ...traced },
  })
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ code: 'INTERNAL', traceId: TRACE })
  const [span] = sdk.spans()
  expect(inside).toEqual([span?.spanContext().spanId])
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR })
  expect(span?.attributes).toMatchObject({
    'error.type': 'INTERNAL',
    'http.response.status_code': 500,
    'url.path': '/v1/features/next_day',
    'server.address': '127.0.0.1',
  })
})

test('the trace of a request is in its refusal and in the log: of the header, or the one that begins here', async () => {
  const { folder, register, promote, serve } = await backing()
  await promote(await register(0.5))
  const logged = async (name: string, telemetry: boolean): Promise<readonly unknown[]> => {
    const log = { folder: join(folder, name) }
    const app = serve(telemetry ? { log, telemetry: api } : { log })
    for (const headers of [{}, traced, { traceparent: 'x' }])
      await post(app, '/v1/models/usage_model/predict', key, headers)
    await app.close()
    const files = await readdir(log.folder, { recursive: true })
    const [file = ''] = files.filter((one) => one.endsWith('.jsonl'))
    const lines = (await readFile(join(log.folder, file), 'utf8')).trim().split('\n')
    return lines.map((line) => JSON.parse(line).traceId)
  }
  expect(await logged('alone', false)).toEqual([undefined, TRACE, undefined])
  // Without an SDK, the module changes nothing; the trace of the header is known all the same.
  expect(await logged('unheard', true)).toEqual([undefined, TRACE, undefined])
  const sdk = listening()
  const [begun, given, instead] = await logged('heard', true)
  expect([begun, given, instead]).toEqual(sdk.spans().map((span) => span.spanContext().traceId))
  expect(given).toBe(TRACE)

  const app = await serveEnergy()
  const refusal = async (headers: Record<string, string>): Promise<unknown> =>
    (await post(app, '/v1/features/nope', key, headers)).json()
  expect(await refusal(traced)).toMatchObject({ code: 'SERVICE_UNKNOWN', traceId: TRACE })
  expect(await refusal({ traceparent: `00-${TRACE}-${PARENT}` })).not.toHaveProperty('traceId')
  await app.close()
})

test('a traceparent that the standard does not allow names no trace', () => {
  const cases: readonly [header: string | undefined, isValid: boolean][] = [
    [`00-${TRACE}-${PARENT}-01`, true],
    [`00-${TRACE}-${PARENT}-00`, true],
    [`cc-${TRACE}-${PARENT}-01-what-the-future-brings`, true],
    [`00-${TRACE}-${PARENT}-01-more`, false],
    [`ff-${TRACE}-${PARENT}-01`, false],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`, false],
    [`00-${'0'.repeat(32)}-${PARENT}-01`, false],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, false],
    [`00-${TRACE}-${PARENT}`, false],
    [`00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`, false],
    [`cc-${TRACE}-${PARENT}-01-${'x'.repeat(1000)}`, false],
    ['', false],
    [undefined, false],
  ]
  for (const [header, isValid] of cases)
    expect([header, traceIdOf(header)]).toEqual([header, isValid ? TRACE : undefined])
})
