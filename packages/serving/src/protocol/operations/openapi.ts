import type { z } from 'zod'
import { problemBody } from '../../http/problem/problem-body.ts'
import type { Route } from '../../http/route.ts'
import { jsonSchema, type Json } from './json-schema.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request is wrong; `path` names the place',
  401: 'No API key or token, or one that is not known or not valid any longer',
  403: 'The key may not do this; or, where no key is needed, the host or the origin is not this machine’s',
  404: 'Does not exist; `suggestion` names a close match',
  409: 'In conflict with what is there',
  413: 'Over a limit',
  415: 'The body has a Content-Encoding other than gzip and deflate; or, where no key is needed, it has another content type',
  416: 'The range begins behind the end',
  422: 'The model cannot take a missing value or refuses a row; or less is known about an entity than the request requires',
  429: 'Too many; `Retry-After` says when to try again',
  503: 'Too busy, not ready or shutting down; `Retry-After` says when to try again',
  504: 'The deadline passed',
}

export type OpenApiDocument = Readonly<Record<string, Json>>

/** The whole interface as an OpenAPI 3.1 document. */
export function openapiDocument(version: string, routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Martlet',
      version,
      description:
        'Features and predictions. Every refusal is an `application/problem+json` body with a stable `code`, ' +
        'unless its operation says otherwise.',
    },
    servers: [{ url: '.' }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemBody, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  }
}

function operation(route: Route): Json {
  return {
    operationId: route.id,
    summary: route.summary,
    description: route.description,
    tags: [route.group],
    security: route.scope === null ? [] : [{ bearer: [] }, { apiKey: [] }],
    'x-martlet-scope': route.scope ?? undefined,
    parameters: Object.entries(route.parameters).map(([name, parameter]) => ({
      name,
      in: parameter.in,
      required: parameter.required,
      description: parameter.description,
      schema: jsonSchema(parameter.schema, 'input'),
    })),
    requestBody: route.body === undefined ? undefined : { required: true, content: contentOf(route.body, 'input') },
    responses: responsesOf(route),
  }
}

function responsesOf({
  scope,
  answer,
  alsoAnswers = [],
  otherAnswers = {},
  problems,
  refusal,
}: Route): Record<string, Json> {
  const responses: Record<string, Json> = {
    200: { description: 'OK', headers: REQUEST_ID_HEADER, content: contentsOf([answer, ...alsoAnswers]) },
  }
  for (const [status, { description, body }] of Object.entries(otherAnswers))
    responses[status] = { description, content: body === undefined ? undefined : contentOf(body, 'output') }
  const content: Json =
    refusal === undefined
      ? { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
      : contentOf(refusal, 'output')
  // Any caller who is known may have a limit of requests.
  const statuses = new Set(scope === null ? problems : [...problems, 429])
  for (const status of [...statuses].sort((a, b) => a - b))
    responses[status] = { description: REASONS[status] ?? 'Problem', content }
  return responses
}

function contentsOf(answers: readonly (z.ZodType | string)[]): Json {
  return Object.assign({}, ...answers.map((answer) => contentOf(answer, 'output')))
}

function contentOf(body: z.ZodType | string, io: 'input' | 'output'): Json {
  return typeof body === 'string' ? { [body]: {} } : { 'application/json': { schema: jsonSchema(body, io) } }
}

const REQUEST_ID_HEADER: Json = {
  'X-Request-Id': { description: 'The id sent with the request, or a new one', schema: { type: 'string' } },
}
