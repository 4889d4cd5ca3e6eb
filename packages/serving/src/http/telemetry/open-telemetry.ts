/**
 * The parts of `@opentelemetry/api` that are used, so that only those who pass it need to have it: giving the module itself is
 * meant. It does nothing until something registers an SDK, which is never done here.
 *
 * @example const app = serving({ catalog, online, auth, telemetry: await import('@opentelemetry/api') })
 */
export interface OpenTelemetry {
  readonly trace: {
    getTracer(name: string, version?: string): TelemetryTracer
    setSpan(context: TelemetryContext, span: TelemetrySpan): TelemetryContext
  }
  readonly metrics: { getMeter(name: string, version?: string): TelemetryMeter }
  readonly propagation: {
    extract<C>(context: TelemetryContext, carrier: C, getter?: TelemetryGetter<C>): TelemetryContext
  }
  readonly context: {
    active(): TelemetryContext
    with(context: TelemetryContext, run: () => void): void
  }
}

/** What goes from span to span. */
export interface TelemetryContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): TelemetryContext
  deleteValue(key: symbol): TelemetryContext
}

export type TelemetryAttributes = Readonly<Record<string, string | number>>

interface TelemetryGetter<C> {
  keys(carrier: C): string[]
  get(carrier: C, key: string): string | undefined
}

interface TelemetryTracer {
  startSpan(
    name: string,
    options?: { readonly kind?: number; readonly attributes?: Record<string, string | number> },
    context?: TelemetryContext,
  ): TelemetrySpan
}

export interface TelemetrySpan {
  isRecording(): boolean
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }
  setAttributes(attributes: Record<string, string | number>): unknown
  setStatus(status: { readonly code: number }): unknown
  end(): void
}

interface TelemetryMeter {
  createHistogram(
    name: string,
    options?: {
      readonly description?: string
      readonly unit?: string
      readonly advice?: { readonly explicitBucketBoundaries?: number[] }
    },
  ): { record(value: number, attributes?: Record<string, string | number>, context?: TelemetryContext): void }
}
