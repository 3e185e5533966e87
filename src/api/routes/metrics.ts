import type { Route } from '../route.ts'

/** `GET /metrics`: figures for Prometheus. */
export const metrics: Route = {
  path: '/metrics',
  summary: 'Figures about dogwatch and its findings, for Prometheus',
  guard: { resource: 'metrics' },
  parameters: [],
  answer: async ({ context, rooms }) => {
    const { contentType, text } = await rooms.metrics()
    return context.body(text, 200, { 'content-type': contentType })
  },
}
