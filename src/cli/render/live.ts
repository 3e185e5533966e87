import { gravityOf } from '../../engine/gravity.ts'
import { SEVERITIES } from '../../engine/rule.ts'
import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import type { Status } from '../../sinks/status.ts'
import { formatAge } from '../../util/duration.ts'
import { byKeys } from '../../util/order.ts'
import { formatTime } from '../../util/time.ts'
import type { FindingChange } from '../daemon-services.ts'
import { changeLine } from './changes.ts'
import { columnLines, joined } from './columns.ts'
import { sheetOf, type Sheet } from './lines.ts'
import type { Row } from './lines.ts'
import type { Tone } from './style.ts'
import { cut, safe, widthOf } from './width.ts'
import { fullName, isVisible, plural } from './words.ts'

/** A change with when it was heard of, in milliseconds since 1970. */
export interface Heard {
  readonly at: number
  readonly change: FindingChange
}

/** What the live view shows at one moment. */
export interface Scene {
  /** Where the daemon answers. */
  readonly url: string
  /** What is said in front of everything else. */
  readonly notes: readonly string[]
  /** `undefined` before the first answer. */
  readonly envelope: Envelope | undefined
  /** `undefined` while it is not known. */
  readonly status: Status | undefined
  /** Why the daemon cannot be asked just now. */
  readonly lost: string | undefined
  /** The latest first. */
  readonly lately: readonly Heard[]
  /** The cluster's time, in milliseconds since 1970. */
  readonly now: number
}

interface Size {
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
}

/** Part of the screen that the latest changes may take. */
const LATELY = 1 / 4

/** The live view: lines that fit the terminal, and no more of them than it has. */
export function liveLines(scene: Scene, size: Size): string[] {
  const sheet = { ...sheetOf(size), columns: size.columns }
  const head = headLines(scene, sheet)
  const room = Math.max(0, size.rows - head.length - 1)
  const lately = latelyLines(scene, sheet, Math.floor(room * LATELY))
  const findings = findingLines(scene, sheet, room - lately.length)
  return [...head, '', ...findings, ...lately].slice(0, size.rows)
}

/** Text that was made safe, in one line. */
const line = ({ columns, paint }: Sheet, text: string, tone: Tone = 'plain'): string =>
  paint(tone, cut(safe(text), columns))

function headLines(scene: Scene, sheet: Sheet): string[] {
  const { notes, status, lost } = scene
  return [
    ...notes.map((note) => line(sheet, note)),
    titleLine(scene, sheet),
    lost === undefined ? freshLine(status, sheet) : line(sheet, lost.split('\n')[0] ?? '', 'bad'),
    countLine(scene, sheet),
  ]
}

function titleLine({ url, envelope, now, status }: Scene, sheet: Sheet): string {
  const time = formatTime(now)
  const text = `dogwatch ${status?.version ?? ''} watches ${envelope?.cluster ?? '…'}, ${url}`
  const room = sheet.columns - time.length - 2
  if (room < time.length) return line(sheet, text, 'strong')
  const title = cut(safe(text), room)
  return `${sheet.paint('strong', title)}${' '.repeat(sheet.columns - widthOf(title) - time.length)}${time}`
}

function freshLine(status: Status | undefined, sheet: Sheet): string {
  if (status === undefined) return line(sheet, 'how fresh this is, is not known', 'medium')
  const { ready, kinds, blind } = status
  const syncing = kinds.filter(({ state }) => state === 'syncing').length
  if (!ready.synced)
    return line(sheet, `reading the cluster: ${kinds.length - syncing} of ${plural(kinds.length, 'kind')}`, 'medium')
  const [first] = blind
  if (first)
    return line(
      sheet,
      `${plural(blind.length, 'kind')} cannot be relied on: ${first.detail === '' ? `${first.resource} is ${first.reason}` : first.detail}`,
      'bad',
    )
  return line(
    sheet,
    `all is fresh: ${plural(kinds.length, 'kind')}, ${plural(status.counts.objects, 'object')}, ${plural(status.rules.count, 'rule')}`,
    'good',
  )
}

function countLine({ envelope }: Scene, sheet: Sheet): string {
  const items = envelope?.items ?? []
  const visible = items.filter(isVisible)
  const severities = SEVERITIES.map((severity) => ({
    tone: severity,
    text: `${severity} ${visible.filter((one) => one.severity === severity).length}`,
  }))
  const states = (['inhibited', 'suppressed'] as const).map((state) => ({
    tone: 'faint' as const,
    text: `${state} ${items.filter((one) => one.state === state).length}`,
  }))
  const all = [...severities, ...states]
  const plain = all.map(({ text }) => text).join('   ')
  if (plain.length > sheet.columns) return cut(plain, sheet.columns)
  return all
    .map(({ tone, text }) => (text.endsWith(' 0') ? sheet.paint('faint', text) : sheet.paint(tone, text)))
    .join('   ')
}

const HEADING: Row = ['SEVERITY', 'FOR', 'STATE', 'RULE', 'ABOUT', 'WHAT']

const byUrgency = byKeys((one: FindingView) => [
  String(gravityOf(one.severity)),
  one.state === 'firing' ? '0' : '1',
  one.rule.id,
  fullName(one.target),
  one.id,
])

function findingLines(scene: Scene, sheet: Sheet, rows: number): string[] {
  const { envelope, now } = scene
  const visible = (envelope?.items ?? []).filter(isVisible).toSorted(byUrgency)
  if (visible.length === 0) return [nothingLine(scene, sheet)]
  const fits = visible.length + 1 <= rows ? visible.length : Math.max(0, rows - 2)
  const shown = visible.slice(0, fits)
  const [heading = [], ...cells] = columnLines([HEADING, ...shown.map((one) => rowOf(one, now))], {
    columns: sheet.columns,
    right: [1],
    cutLast: true,
  })
  return [
    sheet.paint('faint', joined(heading)),
    ...cells.map((row, at) => joined(row.with(0, sheet.paint(shown[at]?.severity ?? 'plain', row[0] ?? '')))),
    ...(fits < visible.length ? [line(sheet, `and ${visible.length - fits} more: dogwatch findings`, 'faint')] : []),
  ]
}

// "Nothing" is worth what was looked at.
function nothingLine({ status, envelope, lost }: Scene, sheet: Sheet): string {
  const sure = status?.ready.synced === true && envelope?.complete === true && lost === undefined
  return sure ? line(sheet, 'No findings.', 'good') : line(sheet, 'No findings so far.')
}

/** What everybody calls the kinds whose names would leave no room for anything else. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'PVC',
  PersistentVolume: 'PV',
  HorizontalPodAutoscaler: 'HPA',
  PodDisruptionBudget: 'PDB',
}

function aboutOf({ target }: FindingView): string {
  const { kind } = target
  return fullName({ ...target, kind: Object.hasOwn(ABBREVIATIONS, kind) ? (ABBREVIATIONS[kind] ?? kind) : kind })
}

const rowOf = (one: FindingView, now: number): Row => [
  one.severity.toUpperCase(),
  formatAge(now - Date.parse(one.since)),
  stateOf(one, now),
  one.rule.id,
  aboutOf(one),
  one.container === undefined ? one.message : `${one.container}: ${one.message}`,
]

function stateOf({ state, firesAt }: FindingView, now: number): string {
  const left = firesAt === null ? 0 : Date.parse(firesAt) - now
  return state === 'pending' && left > 0 ? `pending, ${formatAge(left)}` : state
}

function latelyLines({ lately }: Scene, sheet: Sheet, rows: number): string[] {
  if (lately.length === 0 || rows < 3) return []
  return [
    '',
    line(sheet, 'Lately', 'faint'),
    ...lately.slice(0, rows - 2).map(({ at, change }) => changeLine(change, formatTime(at).slice(11, 19), sheet)),
  ]
}
