import { styleText } from 'node:util'
import type { Severity } from '../../engine/rule.ts'

/** What a piece of text is, for a terminal that has colours. */
export type Tone = Severity | 'strong' | 'faint' | 'good' | 'bad' | 'plain'

export type Paint = (tone: Tone, text: string) => string

type Format = Parameters<typeof styleText>[0]

const FORMATS: Readonly<Partial<Record<Tone, Format>>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'blue',
  strong: 'bold',
  faint: 'dim',
  good: 'green',
  bad: 'red',
}

/** Colours for a terminal, or none at all. */
export const painter = (colour: boolean): Paint =>
  colour ? (tone, text) => styleText(FORMATS[tone] ?? [], text, { validateStream: false }) : (_tone, text) => text
