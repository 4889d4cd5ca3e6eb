import { MartletError } from '@martlet/warehouse'
import type { Desk } from '../desk/desk.ts'
import { protocols } from './list.ts'
import type { Protocol, ProtocolRoute, ServerFacts } from './protocol.ts'

/**
 * The routes of all protocols, which may refer to each other once a request arrives.
 *
 * @throws MartletError `ROUTE_TAKEN` when two routes have the same id, or the same method and path
 */
export function allRoutes(desk: Desk, facts: Omit<ServerFacts, 'allRoutes'>): readonly ProtocolRoute[] {
  const server: ServerFacts = { ...facts, allRoutes: () => routes }
  const takenBy = new Map<string, Protocol>()
  const routes = protocols.flatMap((protocol) =>
    protocol.routes(desk, server).map((route) => {
      for (const claim of [route.id, `${route.method} ${route.path}`]) {
        refuseTaken(claim, protocol, takenBy.get(claim))
        takenBy.set(claim, protocol)
      }
      return route
    }),
  )
  return routes
}

function refuseTaken(claim: string, { name }: Protocol, other: Protocol | undefined): void {
  if (other === undefined) return
  const message = `Protocol ${name} has the route ${claim}, but protocol ${other.name} already has it. Rename one.`
  throw new MartletError('ROUTE_TAKEN', message, { data: { route: claim, protocols: [other.name, name] } })
}
