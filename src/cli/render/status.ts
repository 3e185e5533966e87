import type { Status } from '../../sinks/status.ts'
import { formatAge } from '../../util/duration.ts'
import { groupBy } from '../../util/order.ts'
import { columnLines, joined } from './columns.ts'
import { entry, sheetOf, type Sheet } from './lines.ts'
import type { Tone } from './style.ts'
import { safe } from './width.ts'
import { plural } from './words.ts'

type Kind = Status['kinds'][number]
type Part = (status: Status, sheet: Sheet) => string[]

const LABEL = 12

/** How a daemon does, for a terminal: what it is, how fresh what it knows is, and what it cannot see. */
export function statusText(status: Status, drawing: { columns: number; colour: boolean }): string {
  const sheet = sheetOf(drawing)
  return `${PARTS.map((part) => part(status, sheet))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** `12s ago`; `never` for what was not. */
const sinceText = (then: string | null, now: string): string =>
  then === null ? 'never' : `${formatAge(Date.parse(now) - Date.parse(then))} ago`

const head: Part = (status, sheet) => {
  const { version, cluster, startedAt, now, ready, rules, counts, checkpoint } = status
  const labelled = (label: string, text: string, tone: Tone = 'plain'): string[] =>
    entry(sheet, { indent: 0, label, labelWidth: LABEL, text, tone })
  const well = ready.synced && ready.fresh
  return [
    ...labelled('dogwatch', `${version}, up ${formatAge(Date.parse(now) - Date.parse(startedAt))}`),
    ...labelled('cluster', cluster),
    ...labelled('mode', modeText(status)),
    ...labelled('ready', readyText(ready), well ? 'good' : 'bad'),
    ...labelled('rules', `${rules.count}, read ${sinceText(rules.loadedAt, now)} (${rules.version.slice(0, 19)})`),
    ...labelled('findings', findingsText(counts.findings)),
    ...labelled('objects', `${counts.objects}; subjects were judged ${plural(counts.evaluations, 'time')}`),
    ...labelled('checkpoint', checkpointText(checkpoint, now), checkpoint.problem === null ? 'plain' : 'bad'),
  ]
}

const modeText = ({ mode, level }: Status): string =>
  `${mode === 'observe' ? 'observe: nothing is written to the cluster' : mode}; level ${level}`

function readyText({ synced, fresh, waitingFor }: Status['ready']): string {
  if (synced && fresh) return 'yes: everything was seen, and nothing is stale'
  const why = synced ? 'something is stale' : 'not everything was seen yet'
  return `no: ${why}${waitingFor.length > 0 ? ` (${waitingFor.slice(0, 3).join('; ')}${waitingFor.length > 3 ? '; …' : ''})` : ''}`
}

const STATE_WORDS: Readonly<Record<string, string>> = { inhibited: 'explained by others' }

const findingsText = (counts: Status['counts']['findings']): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${Object.hasOwn(STATE_WORDS, state) ? STATE_WORDS[state] : state}`)
    .join(', ') || 'none'

function checkpointText({ path, savedAt, problem }: Status['checkpoint'], now: string): string {
  if (problem !== null) return `${path ?? ''}: ${problem}`
  return path === null ? 'none: a restart forgets' : `${path}, written ${sinceText(savedAt, now)}`
}

/** From the worst on. */
const STATES: readonly Kind['state'][] = [
  'failed',
  'left-out',
  'forbidden',
  'stale',
  'partial',
  'syncing',
  'live',
  'not-installed',
]
const TONES: Readonly<Record<Kind['state'], Tone>> = {
  failed: 'bad',
  forbidden: 'bad',
  stale: 'bad',
  'left-out': 'bad',
  partial: 'medium',
  syncing: 'medium',
  live: 'good',
  'not-installed': 'faint',
}

const kindsPart: Part = ({ kinds, now }, sheet) => {
  const byResource = [...groupBy(kinds, ({ resource }) => resource)]
  if (byResource.length === 0) return []
  const names = shortNames(byResource.map(([resource]) => resource))
  const states = byResource.map(([, of]) => worst(of))
  const rows = byResource.map(
    ([resource, of], at) =>
      [
        names.get(resource) ?? resource,
        stateText(of, states[at] ?? 'live'),
        String(total(of, ({ objects }) => objects)),
        sinceText(
          oldest(of, ({ heardAt }) => heardAt),
          now,
        ),
        sinceText(
          oldest(of, ({ continuousSince }) => continuousSince),
          now,
        ),
        String(total(of, ({ restarts }) => restarts)),
        String(total(of, ({ relists }) => relists)),
      ] as const,
  )
  const heading = ['KIND', 'STATE', 'OBJECTS', 'HEARD', 'WITHOUT A GAP SINCE', 'RESTARTS', 'LISTED AGAIN'] as const
  const [first = [], ...rest] = columnLines([heading, ...rows], { columns: sheet.columns, right: [2, 5, 6] })
  return [
    sheet.paint('strong', joined(first)),
    ...rest.map((cells, at) => joined(cells.with(1, sheet.paint(TONES[states[at] ?? 'live'], cells[1] ?? '')))),
  ]
}

const worst = (of: readonly Kind[]): Kind['state'] =>
  STATES.find((state) => of.some((kind) => kind.state === state)) ?? 'live'

function stateText(of: readonly Kind[], state: Kind['state']): string {
  const count = of.filter((kind) => kind.state === state).length
  return count === of.length ? state : `${state} in ${count} of ${of.length}`
}

const total = (of: readonly Kind[], value: (kind: Kind) => number): number =>
  of.reduce((sum, kind) => sum + value(kind), 0)

const oldest = (of: readonly Kind[], value: (kind: Kind) => string | null): string | null =>
  of.map(value).reduce((a, b) => (a === null || b === null ? null : a < b ? a : b))

/** Kinds without their group where no other kind is called so. */
function shortNames(resources: readonly string[]): Map<string, string> {
  const plurals = resources.map((resource) => resource.split('.')[0] ?? resource)
  const isAlone = (name: string): boolean => plurals.filter((other) => other === name).length === 1
  return new Map(
    resources.map((resource, at) => [resource, isAlone(plurals[at] ?? '') ? (plurals[at] ?? '') : resource]),
  )
}

const blindPart: Part = ({ blind }, sheet) =>
  blind.length === 0
    ? []
    : [
        ...entry(sheet, { indent: 0, text: 'Cannot be relied on', tone: 'bad' }),
        ...blind.flatMap(({ resource, reason, detail }) =>
          entry(sheet, { indent: 2, text: detail.includes(resource) ? detail : `${resource}: ${detail || reason}` }),
        ),
      ]

const rulesPart: Part = ({ rules: { problems, disabled, held } }, sheet) => {
  const lines = [
    ...problems.map(
      ({ file, line, column, message, kept }) =>
        `${file}:${line}:${column}: ${message}${kept ? ' (the rules that this file had before stay in force)' : ''}`,
    ),
    ...disabled.map(({ rule, reason }) => `${rule} is switched off: ${reason}`),
    ...held.map(
      ({ rule, version, matched, of }) =>
        `${rule} is held, as it matched ${matched} of ${plural(of, 'object')} at once: dogwatch rules ack ${safe(rule)}@${version}`,
    ),
  ]
  if (lines.length === 0) return []
  return [
    ...entry(sheet, { indent: 0, text: 'Rules', tone: 'strong' }),
    ...lines.flatMap((text) => entry(sheet, { indent: 2, text })),
  ]
}

const PARTS: readonly Part[] = [head, blindPart, rulesPart, kindsPart]
