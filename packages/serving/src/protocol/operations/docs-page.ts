import { z } from 'zod'
import { problemBody } from '../../http/problem/problem-body.ts'
import type { Route } from '../../http/route.ts'
import type { ServerFacts } from '../protocol.ts'
import { escapeHtml, marked, tableRow } from './html.ts'
import { schemaLines, type JsonSchema } from './schema-table.ts'
import { visibleThings, type VisibleThings } from './visible-things.ts'

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:#f4f5f7;padding:.75rem;overflow:auto;border-radius:4px}
h2{margin-top:2.5rem;border-bottom:1px solid #d8dce2}
h3{margin:2rem 0 .25rem}
.m{display:inline-block;min-width:3.2rem;font-weight:700}
table{border-collapse:collapse;font-size:15px}
td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
td:first-child{white-space:nowrap}
details{margin:.5rem 0}
summary{font-size:15px}
summary{cursor:pointer}
.scroll{overflow-x:auto}
@media(prefers-color-scheme:dark){
body{color:#e6e8eb;background:#14171a}
pre{background:#1f2429}
a{color:#8ab4f8}
h2{border-color:#333a42}
}`

/**
 * The interface as one page: no script, no font, nothing fetched from anywhere.
 *
 * @param visible what the caller may use; left out for an unknown caller
 */
export function docsPage({ version, needsKey, allRoutes }: ServerFacts, visible?: VisibleThings): string {
  const byGroup = Map.groupBy(allRoutes(), (route) => route.group)
  const groups = [...byGroup].map(([group, routes]) => groupSection(group, routes, needsKey))
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Martlet</title><style>${STYLE}</style></head><body>
<h1>Martlet ${escapeHtml(version)}</h1>
<p>Features and predictions over HTTP. This page is the readable form of <a href="openapi.json">OpenAPI 3.1</a>.</p>
<p>${needsKey ? ABOUT_KEYS : ''}${ABOUT_REFUSALS}</p>
${visible === undefined ? FOR_STRANGERS : visibleThings(visible)}
${groups.join('\n')}
<h2 id="problem">Refusals</h2>
${schemaTable(problemBody)}
</body></html>`
}

const ABOUT_KEYS = 'Send an API key as <code>Authorization: Bearer …</code> or <code>X-API-Key: …</code>. '
const ABOUT_REFUSALS =
  'Every refusal is an <code>application/problem+json</code> body with a stable <code>code</code>: ' +
  'see <a href="#problem">Refusals</a>.'
const FOR_STRANGERS =
  '<p>With a key that has the scope <code>catalog:read</code>, this page also shows the services and models that the ' +
  'key may use, each with requests that can be copied.</p>'

function groupSection(group: string, routes: readonly Route[], needsKey: boolean): string {
  const title = escapeHtml(group.charAt(0).toUpperCase() + group.slice(1))
  return `<h2 id="${escapeHtml(group)}">${title}</h2>${routes.map((route) => section(route, needsKey)).join('')}`
}

function section(route: Route, needsKey: boolean): string {
  const parameters = Object.entries(route.parameters).map(([name, { in: place, description, required }]) =>
    tableRow(name, place, required, description),
  )
  const description = route.description === undefined ? '' : ` ${marked(route.description)}`
  const access =
    route.scope === null || !needsKey ? 'Open to everyone.' : `Needs the scope <code>${route.scope}</code>.`
  return `<h3 id="${route.id}"><span class="m">${route.method}</span> <code>${escapeHtml(route.path)}</code></h3>
<p>${marked(route.summary)}.${description} ${access}</p>
${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}
${schemaDetails('Body', route.body)}
${schemaDetails('Answer', route.answer)}
${schemaDetails('Refusal', route.refusal)}`
}

function schemaDetails(title: string, schema: z.ZodType | string | undefined): string {
  if (schema === undefined || typeof schema === 'string') return ''
  return `<details><summary>${title}</summary>${schemaTable(schema)}</details>`
}

function schemaTable(schema: z.ZodType): string {
  const described: JsonSchema = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'output' })))
  const rows = schemaLines(described).map(({ path, type, required, description }) =>
    tableRow(path, type, required, description),
  )
  return `<div class="scroll"><table>${rows.join('')}</table></div>`
}
