import type { Limits } from '../../desk/limits.ts'
import type { Body } from '../body/body.ts'
import type { Held } from '../body/held-bytes.ts'
import type { Reply } from './reply.ts'

export interface Target {
  readonly path: string
  /** As this process received it, whatever a proxy in front of it was asked. */
  readonly scheme: 'http' | 'https'
}

/** A request as the gate and the handlers see it, with the way to reply, whatever server received it. */
export interface Call {
  header(name: string): string | undefined
  /** The host as the caller names it; undefined when it does not. */
  host(): string | undefined
  /** What the caller asked for, without its query. */
  target(): Target
  /** A parameter of the path, decoded; empty when the route has none of this name. */
  param(name: string): string
  /** Query parameters with all their values, decoded. */
  query(): Readonly<Record<string, readonly string[]>>
  /** A body of at most so many bytes that has arrived with its head and is not encoded. It is not read again then. */
  arrived(most: number): Buffer<ArrayBuffer> | undefined
  /** Starts to read the body, up to the limit. */
  body(limits: Limits, held: Held): Body
  /** Whether the caller has hung up. */
  gone(): boolean
  /** Sends the reply. Calls `sent` once, when it has left this process or its connection is gone. */
  send(reply: Reply, sent: () => void): void
  /** Destroys the connection. */
  cut(): void
}
