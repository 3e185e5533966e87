import type { Parameter } from './query.ts'
import { json } from './respond.ts'
import type { Route } from './route.ts'

/** `GET /openapi.json`: the other routes, for tools. */
export const openapiRoute = (routes: readonly Route[]): Route => ({
  path: '/openapi.json',
  summary: 'This API, as OpenAPI 3.1',
  guard: { resource: 'status' },
  parameters: [],
  answer: ({ context, rooms }) => json(context, openapi(routes, rooms.status().version)),
})

const ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
}

const openapi = (routes: readonly Route[], version: string): object => ({
  openapi: '3.1.0',
  info: { title: 'dogwatch', version, description: 'What is broken or wasted in a cluster. All of it reads.' },
  components: { schemas: { Error: ERROR }, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  paths: Object.fromEntries(routes.map((route) => [pathOf(route), { get: operation(route) }])),
})

const pathOf = ({ path }: Route): string => path.replaceAll(/:(\w+)/g, '{$1}')

const operation = ({ path, summary, guard, parameters }: Route): object => ({
  summary,
  ...(guard === 'open' ? {} : { security: [{ token: [] }] }),
  parameters: [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...parameters.map(queryParameter),
  ],
  responses: {
    200: { description: 'The answer.' },
    default: {
      description: 'A refusal.',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  },
})

function queryParameter({ name, description, values, list }: Parameter): object {
  const word = { type: 'string', ...(values === undefined ? {} : { enum: values }) }
  const schema = list === true ? { type: 'array', items: word } : word
  return { name, description, in: 'query', schema }
}
