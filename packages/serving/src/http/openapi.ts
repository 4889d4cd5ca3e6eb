import { z } from 'zod'
import { problemBody } from './answers.ts'
import { routes } from './routes.ts'
import type { Route } from './route.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

const reasons: Readonly<Record<number, string>> = {
  400: 'The request is wrong; `path` names the place',
  401: 'No API key, or one that is not known',
  403: 'The key may not do this; or, where no key is asked for, the host or the origin is not this machine’s',
  404: 'No such thing; `suggestion` names a close one',
  413: 'Over a limit',
  415: 'The body is compressed or otherwise encoded; or, where no key is asked for, it is not sent as application/json',
  422: 'The model cannot take a missing value or refuses a row; or less is known of an entity than the request requires',
  503: 'Too busy, not ready or shutting down; `Retry-After` says when to come again',
  504: 'The deadline passed',
}

/** The whole interface as an OpenAPI 3.1 document, made from the route table. */
export function openapiDocument(version: string): Readonly<Record<string, Json>> {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of Object.values(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Martlet',
      version,
      description:
        'Features and predictions. Every refusal is an `application/problem+json` body with a stable `code`.',
    },
    servers: [{ url: '.' }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problemBody) },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  }
}

function operation(route: Route): Json {
  const responses: Record<string, Json> = {
    200: {
      description: 'OK',
      headers: requestIdHeader,
      content:
        typeof route.answer === 'string'
          ? { [route.answer]: {} }
          : { 'application/json': { schema: schemaOf(route.answer) } },
    },
  }
  if (route.id === 'ready' && typeof route.answer !== 'string')
    responses['503'] = { description: 'Not ready', content: { 'application/json': { schema: schemaOf(route.answer) } } }
  for (const status of [...route.problems].sort((a, b) => a - b)) {
    responses[status] = {
      description: reasons[status] ?? 'Problem',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
  }
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
      schema: schemaOf(parameter.schema),
    })),
    requestBody:
      route.body === undefined
        ? undefined
        : { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } },
    responses,
  }
}

const requestIdHeader: Json = {
  'X-Request-Id': { description: 'The id sent with the request, or a new one', schema: { type: 'string' } },
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest }: { readonly [key: string]: Json | undefined } = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'output' })),
  )
  return rest
}
