import { Document, visit } from 'yaml'
import type { Render } from './report.ts'

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const UNSAFE_HERE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`

/** YAML (that a reader of YAML 1.1 takes the same way) with the same data as the JSON. Text with control or format characters is quoted, and they are escapes in it. */
export function yamlText(value: unknown): string {
  // Through JSON first, so that what JSON cannot hold (infinity) reads the same in both.
  const document = new Document(JSON.parse(JSON.stringify(value)), {
    aliasDuplicateObjects: false,
    compat: 'yaml-1.1',
  })
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && UNSAFE.test(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 0 }).replaceAll(UNSAFE_HERE, escaped)
}

export const yaml: Render = (envelope) => yamlText(envelope)
