import type { Desk } from '../desk/desk.ts'
import { protocols } from './list.ts'
import type { ProtocolRoute, ServerFacts } from './protocol.ts'

/** The routes of all protocols, which may refer to each other once a request arrives. */
export function allRoutes(desk: Desk, facts: Omit<ServerFacts, 'allRoutes'>): readonly ProtocolRoute[] {
  const server: ServerFacts = { ...facts, allRoutes: () => routes }
  const routes: readonly ProtocolRoute[] = protocols.flatMap((protocol) => protocol.routes(desk, server))
  return routes
}
