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
  /** The match of the path that was asked for last: most requests ask for few paths. */
  last: RegExpExecArray | undefined
}

/** A way past the app for hot routes: the same handlers and answers. Paths with escapes or a query are left to the app. */
export function hotPaths(routes: Iterable<readonly [route: ProtocolRoute, serve: Serve]>): Direct {
  const hot = [...routes].flatMap(([route, serve]) => (route.hot === true ? [hotPath(route, serve)] : []))
  return (incoming, outgoing) => {
    for (const path of hot) {
      if (incoming.method !== path.method) continue
      const match = matchOf(path, incoming.url ?? '')
      if (match === null) continue
      // Node's parser has been through all that came with the head by then, but not in the next tick: it ends each piece of a body.
      setImmediate(path.serve, new NodeCall(incoming, outgoing, path.parameters, match))
      return true
    }
    return false
  }
}

function matchOf(path: HotPath, url: string): RegExpExecArray | null {
  if (path.last?.[0] === url) return path.last
  const match = path.pattern.exec(url)
  if (match !== null) path.last = match
  return match
}

/** The path as a pattern with one group per parameter. `.` and `..` are not parameters: the app resolves them. */
function hotPath({ method, path }: ProtocolRoute, serve: Serve): HotPath {
  const parameters: string[] = []
  const parts = path.split('/').map((part) => {
    if (!part.startsWith(':')) return part.replace(/[^\w-]/g, String.raw`\$&`)
    parameters.push(part.slice(1))
    return String.raw`(?!\.\.?(?:/|$))([\w.-]+)`
  })
  return { method, pattern: new RegExp(`^${parts.join('/')}$`), parameters, serve, last: undefined }
}
