import type { VectorField } from '@martlet/feature-store'
import { z } from 'zod'
import { typeName } from '../catalog/catalog-routes.ts'
import { problemBody } from '../http/answers.ts'
import { routes } from '../http/routes.ts'
import type { Route } from '../http/route.ts'
import { schemaLines } from './schema-table.ts'

/** A service as the page shows it. */
export interface ShownService {
  readonly name: string
  readonly keys: readonly { readonly name: string; readonly type: VectorField['type'] }[]
  readonly fields: readonly VectorField[]
}

export interface ShownModel {
  readonly name: string
  /** The service it reads; undefined while none of its versions is loaded. */
  readonly service: string | undefined
}

interface DocsOptions {
  readonly version: string
  /** Callers need an API key. */
  readonly keys: boolean
  /** What the caller may use; left out for a caller who is not known. */
  readonly services?: readonly ShownService[]
  readonly models?: readonly ShownModel[]
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f4f5f7;padding:.75rem;overflow:auto;border-radius:4px}
h2{margin-top:2.5rem;border-bottom:1px solid #d8dce2}h3{margin:2rem 0 .25rem}.m{display:inline-block;min-width:3.2rem;font-weight:700}
table{border-collapse:collapse;font-size:15px}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}td:first-child{white-space:nowrap}
details{margin:.5rem 0}summary{cursor:pointer}.scroll{overflow-x:auto}
@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171a}pre{background:#1f2429}a{color:#8ab4f8}h2{border-color:#333a42}}`

const titles: Readonly<Record<Route['group'], string>> = {
  features: 'Features',
  models: 'Models',
  catalog: 'Catalog',
  operations: 'Operations',
}

/** The interface as one page: no script, no font, nothing fetched from anywhere. */
export function docsPage(options: DocsOptions): string {
  const { version, keys, services, models } = options
  const groups = Object.entries(titles).map(([group, title]) => {
    const members = Object.values(routes).filter((route) => route.group === group)
    return `<h2 id="${group}">${title}</h2>${members.map((route) => section(route, keys)).join('')}`
  })
  const key = 'Send an API key as <code>Authorization: Bearer …</code> or <code>X-API-Key: …</code>. '
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Martlet</title><style>${style}</style></head><body>
<h1>Martlet ${escape(version)}</h1>
<p>Features and predictions over HTTP. The same as <a href="openapi.json">OpenAPI 3.1</a>, to read.</p>
<p>${keys ? key : ''}Every refusal is an <code>application/problem+json</code> body with a stable <code>code</code>: see <a href="#problem">Refusals</a>.</p>
${services === undefined ? stranger : yours(services, models ?? [], keys)}
${groups.join('\n')}
<h2 id="problem">Refusals</h2>
${table(problemBody)}
</body></html>`
}

const stranger =
  '<p>Asked with a key that has the scope <code>catalog:read</code>, this page also shows the services and models that the key may use, ' +
  'each with a command that calls it.</p>'

function yours(services: readonly ShownService[], models: readonly ShownModel[], keys: boolean): string {
  const byName = new Map(services.map((service) => [service.name, service]))
  const parts = services.map(
    (service) => `<h3><code>${escape(service.name)}</code></h3>
<p>Keyed by ${keysOf(service)}.</p>
${command(`v1/features/${encodeURIComponent(service.name)}`, service, keys)}
<details><summary>${service.fields.length} features</summary>
<div class="scroll"><table>${service.fields.map(fieldRow).join('')}</table></div></details>`,
  )
  const predictions = models.map(
    ({ name, service }) => `<h3><code>${escape(name)}</code></h3>
<p>${service === undefined ? 'No version of it is loaded.' : `Reads the service <code>${escape(service)}</code>.`}</p>
${command(`v1/models/${encodeURIComponent(name)}/predict`, byName.get(service ?? ''), keys)}`,
  )
  return `<h2 id="services">Your services</h2>${parts.length === 0 ? '<p>None yet.</p>' : parts.join('')}
<h2 id="your-models">Your models</h2>${predictions.length === 0 ? '<p>None yet.</p>' : predictions.join('')}`
}

function keysOf({ keys }: ShownService): string {
  return keys.length === 0
    ? 'nothing'
    : keys.map(({ name, type }) => `<code>${escape(name)}</code> (${typeName(type)})`).join(', ')
}

function fieldRow({ name, type, nullable }: VectorField): string {
  return `<tr><td><code>${escape(name)}</code></td><td>${typeName(type)}${nullable ? ' or null' : ''}</td></tr>`
}

function command(path: string, service: ShownService | undefined, keys: boolean): string {
  const body = JSON.stringify({
    keys: [Object.fromEntries((service?.keys ?? []).map(({ name, type }) => [name, exampleOf(type)]))],
  })
  const lines = [
    `curl -X POST "$MARTLET/${path}"`,
    ...(keys ? ['-H "Authorization: Bearer $KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ]
  return `<pre>${escape(lines.join(' \\\n  '))}</pre>`
}

function exampleOf(type: VectorField['type']): string | number | boolean {
  switch (type) {
    case 'text':
      return 'a'
    case 'boolean':
      return true
    case 'date':
      return '2026-01-31'
    case 'timestamp':
      return '2026-01-31T09:30:00Z'
    default:
      return 1
  }
}

function section(route: Route, keys: boolean): string {
  const parameters = Object.entries(route.parameters).map(([name, { in: place, description, required }]) =>
    rowOf(name, place, required, description),
  )
  const description = route.description === undefined ? '' : ` ${marked(route.description)}`
  return `<h3 id="${route.id}"><span class="m">${route.method}</span> <code>${escape(route.path)}</code></h3>
<p>${marked(route.summary)}.${description} ${route.scope === null || !keys ? 'Open to everybody.' : `Needs the scope <code>${route.scope}</code>.`}</p>
${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}
${route.body === undefined ? '' : `<details><summary>Body</summary>${table(route.body)}</details>`}
${typeof route.answer === 'string' ? '' : `<details><summary>Answer</summary>${table(route.answer)}</details>`}`
}

function table(schema: z.ZodType): string {
  const described: Parameters<typeof schemaLines>[0] = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'output' })),
  )
  const rows = schemaLines(described).map(({ path, type, required, description }) =>
    rowOf(path, type, required, description),
  )
  return `<div class="scroll"><table>${rows.join('')}</table></div>`
}

function rowOf(name: string, kind: string, required: boolean, description: string): string {
  return `<tr><td><code>${escape(name)}</code></td><td>${escape(kind)}${required ? '' : ', optional'}</td><td>${marked(description)}</td></tr>`
}

function marked(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
