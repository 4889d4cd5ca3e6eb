import type { Desk } from '../desk/desk.ts'
import type { ProtocolRoute, Route } from '../http/route.ts'

export type { ProtocolRoute, Refuse, RouteParameter } from '../http/route.ts'

/** One way to ask the desk over HTTP. A protocol is a folder here and an entry in `list.ts`. */
export interface Protocol {
  readonly name: string
  /**
   * The routes. They depend neither on what the desk serves nor on whether it has started: only their handlers use it.
   *
   * @param server what the protocol is a part of
   */
  routes(desk: Desk, server: ServerFacts): readonly ProtocolRoute[]
}

/** What a protocol may say about the server as a whole. */
export interface ServerFacts {
  readonly version: string
  /** Whether callers need an API key. */
  readonly needsKey: boolean
  /** The routes of all protocols. */
  allRoutes(): readonly Route[]
}
