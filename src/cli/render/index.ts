import type { Render } from './report.ts'

/** How a result can be printed. What one of them needs is loaded when it is asked for. */
export const FORMATS = {
  table: async (): Promise<Render> => (await import('./table.ts')).table,
  wide: async (): Promise<Render> => (await import('./table.ts')).wide,
  json: async (): Promise<Render> => (await import('./json.ts')).json,
  yaml: async (): Promise<Render> => (await import('./yaml.ts')).yaml,
  markdown: async (): Promise<Render> => (await import('./markdown.ts')).markdown,
} as const

export type Output = keyof typeof FORMATS

export const OUTPUTS = ['table', 'wide', 'json', 'yaml', 'markdown'] as const satisfies readonly Output[]
