import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeCall } from './call/node-call.ts'
import type { Serve } from './gate.ts'
import type { ProtocolRoute } from './route.ts'

/** Answers a request straight from Node's server and returns true, or leaves it to the app. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

interface HotPath {
  readonly method: string
  readonly pattern: RegExp
  readonly parameters: readonly string[]
  readonly serve: Serve
}

/** A way past the app for hot routes: the same handlers and answers. Paths with escapes or a query are left to the app. */
export function hotPaths(routes: Iterable<readonly [route: ProtocolRoute, serve: Serve]>): Direct {
  const hot = [...routes].flatMap(([route, serve]) => (route.hot === true ? [hotPath(route, serve)] : []))
  return (incoming, outgoing) => {
    for (const { method, pattern, parameters, serve } of hot) {
      if (incoming.method !== method) continue
      const match = pattern.exec(incoming.url ?? '')
      if (match === null) continue
      serve(new NodeCall(incoming, outgoing, parameters, match))
      return true
    }
    return false
  }
}

/** The path as a pattern with one group per parameter. `.` and `..` are not parameters: the app resolves them. */
function hotPath({ method, path }: ProtocolRoute, serve: Serve): HotPath {
  const parameters: string[] = []
  const parts = path.split('/').map((part) => {
    if (!part.startsWith(':')) return part.replace(/[^\w-]/g, String.raw`\$&`)
    parameters.push(part.slice(1))
    return String.raw`(?!\.\.?(?:/|$))([\w.-]+)`
  })
  return { method, pattern: new RegExp(`^${parts.join('/')}$`), parameters, serve }
}
