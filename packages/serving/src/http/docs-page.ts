import { routes } from './routes.ts'
import { openapiDocument } from './openapi.ts'
import type { Route } from './route.ts'

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f4f5f7;padding:.75rem;overflow:auto;border-radius:4px}
h2{margin-top:2.5rem;border-bottom:1px solid #d8dce2}h3{margin:2rem 0 .25rem}.m{display:inline-block;min-width:3.2rem;font-weight:700}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171a}pre{background:#1f2429}a{color:#8ab4f8}}`

const titles: Readonly<Record<Route['group'], string>> = { features: 'Features', models: 'Models', catalog: 'Catalog', operations: 'Operations' }

/** The interface as one page: no script, no font, nothing fetched from anywhere. `keys`: callers need an API key. */
export function docsPage(version: string, keys: boolean): string {
  const document = openapiDocument(version)
  const groups = Object.entries(titles).map(([group, title]) => {
    const members = Object.values(routes).filter((route) => route.group === group)
    return `<h2>${title}</h2>${members.map((route) => section(route, keys)).join('')}`
  })
  const problem = pick(document, 'components', 'schemas', 'Problem')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Martlet</title><style>${style}</style></head><body>
<h1>Martlet ${escape(version)}</h1>
<p>Features and predictions over HTTP. The same as <a href="openapi.json">OpenAPI 3.1</a>, to read.</p>
<p>${keys ? 'Send an API key as <code>Authorization: Bearer …</code> or <code>X-API-Key: …</code>. ' : ''}Every refusal is an <code>application/problem+json</code> body, with a stable <code>code</code>: see <a href="#problem">Refusals</a>.</p>
${groups.join('\n')}
<h2 id="problem">Refusals</h2>
<pre>${escape(JSON.stringify(problem, null, 2))}</pre>
</body></html>`
}

function section(route: Route, keys: boolean): string {
  const parameters = Object.entries(route.parameters)
  const operation = pick(openapiOperations(), route.path.replace(/:(\w+)/g, '{$1}'), route.method.toLowerCase())
  const body = pick(operation, 'requestBody', 'content', 'application/json', 'schema')
  const answer = pick(operation, 'responses', '200', 'content', 'application/json', 'schema')
  return `<h3 id="${route.id}"><span class="m">${route.method}</span> <code>${escape(route.path)}</code></h3>
<p>${escape(route.summary)}.${route.description === undefined ? '' : ` ${marked(route.description)}`} ${route.scope === null || !keys ? 'Open to everybody.' : `Needs the scope <code>${route.scope}</code>.`}</p>
${parameters.length === 0 ? '' : `<table>${parameters.map(([name, { in: place, description, required }]) => `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? '' : ', optional'}</td><td>${marked(description)}</td></tr>`).join('')}</table>`}
${body === undefined ? '' : `<details><summary>Body</summary><pre>${escape(JSON.stringify(body, null, 2))}</pre></details>`}
${answer === undefined ? '' : `<details><summary>Answer</summary><pre>${escape(JSON.stringify(answer, null, 2))}</pre></details>`}`
}

let operations: unknown
function openapiOperations(): unknown {
  operations ??= openapiDocument('')['paths']
  return operations
}

function pick(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = new Map<string, unknown>(Object.entries(current)).get(name)
  }
  return current
}

function marked(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
