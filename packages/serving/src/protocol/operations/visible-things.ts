import { defaultJson, type VectorField } from '@martlet/feature-store'
import { typeName } from '../../desk/type-name.ts'
import { escapeHtml } from './html.ts'

/** A service as the page shows it. */
export interface ShownService {
  readonly name: string
  readonly keys: readonly { readonly name: string; readonly type: VectorField['type'] }[]
  /** The values that requests bring. */
  readonly request: readonly { readonly name: string; readonly type: VectorField['type'] }[]
  readonly fields: readonly VectorField[]
}

export interface ShownModel {
  readonly name: string
  /** The service it reads; undefined while none of its versions is loaded. */
  readonly service: string | undefined
}

/** What a caller may use. */
export interface VisibleThings {
  readonly services: readonly ShownService[]
  readonly models: readonly ShownModel[]
}

/** The services and models of a caller, each with a command that calls it. */
export function visibleThings({ services, models }: VisibleThings, needsKey: boolean): string {
  const byName = new Map(services.map((service) => [service.name, service]))
  const ofServices = services.map((service) => serviceSection(service, needsKey))
  const ofModels = models.map((model) => modelSection(model, byName.get(model.service ?? ''), needsKey))
  return `<h2 id="services">Your services</h2>${ofServices.join('') || '<p>None yet.</p>'}
<h2 id="your-models">Your models</h2>${ofModels.join('') || '<p>None yet.</p>'}`
}

function serviceSection(service: ShownService, needsKey: boolean): string {
  return `<h3><code>${escapeHtml(service.name)}</code></h3>
<p>Keyed by ${keysOf(service)}.</p>
${command(`v1/features/${encodeURIComponent(service.name)}`, service, needsKey)}
<details><summary>${service.fields.length} features</summary>
<div class="scroll"><table>${service.fields.map(fieldRow).join('')}</table></div></details>`
}

function modelSection({ name, service }: ShownModel, keyedBy: ShownService | undefined, needsKey: boolean): string {
  const reads =
    service === undefined ? 'No version of it is loaded.' : `Reads the service <code>${escapeHtml(service)}</code>.`
  return `<h3><code>${escapeHtml(name)}</code></h3>
<p>${reads}</p>
${command(`v1/models/${encodeURIComponent(name)}/predict`, keyedBy, needsKey)}`
}

function keysOf({ keys }: ShownService): string {
  if (keys.length === 0) return 'nothing'
  return keys.map(({ name, type }) => `<code>${escapeHtml(name)}</code> (${typeName(type)})`).join(', ')
}

function fieldRow(field: VectorField): string {
  const { name, type, nullable } = field
  const given = defaultJson(field)
  const words = `${typeName(type)}${nullable ? ' or null' : ''}${given === undefined ? '' : `, by default ${given}`}`
  return `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(words)}</td></tr>`
}

function command(path: string, service: ShownService | undefined, needsKey: boolean): string {
  const example = (columns: ShownService['keys']): object =>
    Object.fromEntries(columns.map(({ name, type }) => [name, exampleOf(type)]))
  const request = service?.request ?? []
  const body = JSON.stringify({
    keys: [example(service?.keys ?? [])],
    ...(request.length === 0 ? {} : { request: [example(request)] }),
  })
  const lines = [
    `curl -X POST "$MARTLET/${path}"`,
    ...(needsKey ? ['-H "Authorization: Bearer $KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ]
  return `<pre>${escapeHtml(lines.join(' \\\n  '))}</pre>`
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
