import { defaultJson, type VectorField } from '@martlet/feature-store'
import { typeName } from '../../desk/type-name.ts'
import { modelExamples, serviceExamples, type ExampleRequest } from './example-requests.ts'
import { escapeHtml } from './html.ts'
import type { ShownModel, ShownService } from './shown-things.ts'

/** What a caller may use. */
export interface VisibleThings {
  /** The caller's key; undefined where none is needed. */
  readonly key: { readonly name: string; readonly scopes: readonly string[] } | undefined
  readonly services: readonly ShownService[]
  readonly models: readonly ShownModel[]
}

/** The services and models of a caller, each with requests that call it. */
export function visibleThings({ key, services, models }: VisibleThings): string {
  const needsKey = key !== undefined
  const byName = new Map(services.map((service) => [service.name, service]))
  const ofServices = services.map((service) => serviceSection(service, needsKey))
  const ofModels = models.map((model) => modelSection(model, byName.get(model.service ?? ''), needsKey))
  return `${key === undefined ? '' : keySection(key)}<h2 id="services">Your services</h2>${ofServices.join('') || '<p>None yet.</p>'}
<h2 id="your-models">Your models</h2>${ofModels.join('') || '<p>None yet.</p>'}`
}

function keySection({ name, scopes }: NonNullable<VisibleThings['key']>): string {
  const all = scopes.map((scope) => `<code>${escapeHtml(scope)}</code>`).join(', ')
  return `<h2 id="key">Your key</h2>
<p><code>${escapeHtml(name)}</code> has ${scopes.length === 1 ? 'the scope' : 'the scopes'} ${all}.
The requests below take it from the variable <code>KEY</code>, and the address of this server from <code>MARTLET</code>.</p>
`
}

function serviceSection(service: ShownService, needsKey: boolean): string {
  return `<h3><code>${escapeHtml(service.name)}</code></h3>
<p>Keyed by ${columnsOf(service.keys)}.${broughtBy(service)}</p>
${examplesOf(serviceExamples(service, needsKey))}
<details><summary>${service.fields.length} features</summary>
<div class="scroll"><table>${service.fields.map(fieldRow).join('')}</table></div></details>`
}

function modelSection(model: ShownModel, keyedBy: ShownService | undefined, needsKey: boolean): string {
  const { name, service, version } = model
  const reads =
    service === undefined || version === undefined
      ? 'No version of it is loaded.'
      : `Version ${version} is the champion, and reads the service <code>${escapeHtml(service)}</code>.`
  return `<h3><code>${escapeHtml(name)}</code></h3>
<p>${reads}</p>
${examplesOf(modelExamples(model, keyedBy, needsKey))}`
}

function columnsOf(columns: ShownService['keys']): string {
  if (columns.length === 0) return 'nothing'
  return columns.map(({ name, type }) => `<code>${escapeHtml(name)}</code> (${typeName(type)})`).join(', ')
}

function broughtBy({ request }: ShownService): string {
  return request.length === 0 ? '' : ` Each key brings ${columnsOf(request)}, for what is computed on demand.`
}

function fieldRow(field: VectorField): string {
  const { name, type, nullable } = field
  const given = defaultJson(field)
  const words = `${typeName(type)}${nullable ? ' or null' : ''}${given === undefined ? '' : `, by default ${given}`}`
  return `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(words)}</td></tr>`
}

/** One fold per language, the first one open. */
function examplesOf(examples: readonly ExampleRequest[]): string {
  return examples
    .map(({ language, text }, index) => {
      const open = index === 0 ? ' open' : ''
      const kind = language.toLowerCase().replace(' ', '-')
      return `<details${open}><summary>${language}</summary><pre class="${kind}">${escapeHtml(text)}</pre></details>`
    })
    .join('\n')
}
