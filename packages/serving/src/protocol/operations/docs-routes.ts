import { serviceKeys, serviceRequest, vectorFields } from '@martlet/feature-store'
import type { Desk } from '../../desk/desk.ts'
import type { Principal } from '../../desk/principal.ts'
import type { Answer } from '../../http/exchange.ts'
import type { ProtocolRoute, ServerFacts } from '../protocol.ts'
import { docsPage } from './docs-page.ts'
import { openapiDocument } from './openapi.ts'
import type { ShownModel, ShownService } from './shown-things.ts'

/** The routes that describe the interface. What is the same for everyone is made once. */
export function docsRoutes(desk: Desk, server: ServerFacts): readonly ProtocolRoute[] {
  const common = {
    group: 'operations',
    method: 'GET',
    scope: null,
    parameters: {},
    problems: [403],
    always: true,
  } as const
  let openapi: string | undefined
  let anonymous: Answer | undefined
  return [
    {
      ...common,
      id: 'openapi',
      path: '/openapi.json',
      summary: 'This interface as OpenAPI 3.1',
      answer: 'application/json',
      handle: () => (openapi ??= JSON.stringify(openapiDocument(server.version, server.allRoutes()))),
    },
    {
      ...common,
      id: 'docs',
      path: '/docs',
      summary: 'This interface as a page to read',
      answer: 'text/html; charset=utf-8',
      async handle(exchange) {
        const known = await exchange.identify()
        if (known?.scopes.has('catalog:read') !== true) return (anonymous ??= html(docsPage(server)))
        const caller = known.within('catalog:read')
        const key = server.needsKey ? { name: known.name, scopes: [...known.scopes] } : undefined
        const visible = { key, services: visibleServices(caller, desk), models: visibleModels(caller, desk) }
        return html(docsPage(server, visible))
      },
    },
  ]
}

function visibleServices(caller: Principal, { catalog }: Desk): readonly ShownService[] {
  const plans = [...catalog.services.values()].filter(({ name }) => caller.maySee('service', name))
  return plans.map((plan) => ({
    name: plan.name,
    keys: serviceKeys(plan),
    request: serviceRequest(plan),
    fields: vectorFields(plan),
  }))
}

function visibleModels(caller: Principal, { models }: Desk): readonly ShownModel[] {
  const champions = [...(models?.live.champions ?? [])].filter(([name]) => caller.maySee('model', name))
  return champions.map(([name, loaded]) => ({ name, service: loaded?.service, version: loaded?.version }))
}

function html(body: string): Answer {
  const headers = { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" }
  return { status: 200, body, contentType: 'text/html; charset=utf-8', headers }
}
