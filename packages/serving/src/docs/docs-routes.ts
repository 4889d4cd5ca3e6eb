import { serviceKeys, vectorFields } from '@martlet/feature-store'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { LiveModels } from '../model/live-models.ts'
import type { Principal } from '../http/api-keys.ts'
import { docsPage, type ShownService } from './docs-page.ts'
import { openapiDocument } from '../http/openapi.ts'
import type { Answer, Handler } from '../http/visit.ts'

interface Parts {
  readonly version: string
  /** Callers need an API key. */
  readonly keys: boolean
  readonly catalog: LiveCatalog
  readonly models: LiveModels | undefined
}

/** The handlers that describe the interface. What is the same for everybody is made once. */
export function docsRoutes({ version, keys, catalog, models }: Parts): Readonly<Record<'openapi' | 'docs', Handler>> {
  let openapi: string | undefined
  let anonymous: Answer | undefined

  function page(caller: Principal): Answer {
    return html(docsPage({ version, keys, services: servicesFor(caller), models: modelsFor(caller) }))
  }

  function servicesFor(caller: Principal): readonly ShownService[] {
    const plans = [...catalog.services.values()].filter(({ name }) => caller.maySee('service', name))
    return plans.map((plan) => ({ name: plan.name, keys: serviceKeys(plan), fields: vectorFields(plan) }))
  }

  function modelsFor(caller: Principal): readonly { readonly name: string; readonly service: string | undefined }[] {
    const champions = [...(models?.champions ?? [])].filter(([name]) => caller.maySee('model', name))
    return champions.map(([name, loaded]) => ({ name, service: loaded?.service }))
  }

  return {
    openapi: () => (openapi ??= JSON.stringify(openapiDocument(version))),
    docs(exchange) {
      const caller = exchange.identify()
      if (caller?.scopes.has('catalog:read') === true) return page(caller)
      return (anonymous ??= html(docsPage({ version, keys })))
    },
  }
}

function html(body: string): Answer {
  const headers = { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" }
  return { status: 200, body, contentType: 'text/html; charset=utf-8', headers }
}
