import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { hashApiKey, type ServingOptions } from '@martlet/serving'

/** What a server does beside answering: options of `serving`, and what its callers prove themselves by. */
export interface Extras {
  readonly options: Pick<ServingOptions, 'auth' | 'audit' | 'telemetry'>
  readonly bearer: string | undefined
}

/**
 * @param names of `auth` (an API key), `jwt` (a token), `audit`, `otel` (the API without an SDK) and `sdk` (the API with an SDK that
 * records every span and drops it), with `+` between them
 */
export async function extrasOf(names: string): Promise<Extras> {
  const wanted = new Set(names.split('+'))
  const { auth, bearer } = wanted.has('jwt') ? await token() : wanted.has('auth') ? key() : OPEN
  if (wanted.has('sdk')) registerSdk()
  return {
    bearer,
    options: {
      auth,
      ...(wanted.has('audit') ? { audit: { folder: await mkdtemp(join(tmpdir(), 'martlet-audit-')) } } : {}),
      ...(wanted.has('otel') || wanted.has('sdk') ? { telemetry: api } : {}),
    },
  }
}

type Access = Pick<ServingOptions, 'auth'> & Pick<Extras, 'bearer'>

const OPEN: Access = { auth: 'none', bearer: undefined }

function key(): Access {
  const bearer = 'bench key'
  return { auth: { keys: [{ name: 'bench', sha256: hashApiKey(bearer), scopes: ['features:read'] }] }, bearer }
}

/** One token for all requests, as a client has it for some minutes. */
async function token(): Promise<Access> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const file = join(await mkdtemp(join(tmpdir(), 'martlet-jwks-')), 'jwks.json')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' }
  await writeFile(file, JSON.stringify({ keys: [jwk] }))
  const issuer = 'https://login.example.com/'
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { iss: issuer, aud: 'martlet', sub: 'bench', exp: Date.now() / 1000 + 7200, scope: 'features:read' }
  const signed = `${encoded({ alg: 'ES256', kid: 'bench' })}.${encoded(claims)}`
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const bearer = `${signed}.${signature.toString('base64url')}`
  return { auth: { jwt: { issuer, audience: 'martlet', jwks: { file } } }, bearer }
}

function registerSdk(): void {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const dropping = { export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }) }
  const spans = new BatchSpanProcessor({ exporter: { ...dropping, shutdown: async () => undefined } })
  api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [spans] }))
  api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}
