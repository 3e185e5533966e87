import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { entry, sheetOf, type Sheet } from './lines.ts'
import type { Drawing } from './report.ts'
import { table } from './table.ts'
import { fullName, isVisible, plural, sampled, verdictOf } from './words.ts'

/** The five that dogwatch was made for, and what to look at in each. */
const STATIONS: readonly { readonly rule: string; readonly title: string; readonly words: string }[] = [
  {
    rule: 'crash-loop',
    title: 'A container that keeps dying',
    words:
      'A restart count says little: forty in a year are nothing, four in a quarter of an hour are an outage. dogwatch dates the deaths that one look can prove, and says them once, about the workload and not about each pod.',
  },
  {
    rule: 'oom-kill',
    title: 'Killed for its memory',
    words:
      'The exit code alone does not tell: a liveness probe kills with 137 too. dogwatch goes by the reason that the kernel gave, and puts limit, request and usage into the evidence.',
  },
  {
    rule: 'pending-pod',
    title: 'A pod that no node takes',
    words: 'The cause is computed from nodes, claims and quotas, and not quoted from the scheduler.',
  },
  {
    rule: 'orphaned-claim',
    title: 'Storage that nothing uses',
    words:
      'Every pod, template and owner is asked. Where something could not be looked at, dogwatch says that it does not know, and stays silent.',
  },
  {
    rule: 'over-provisioned',
    title: 'Asking for more than is used?',
    words:
      'One sample of usage cannot tell, so this is no finding: it stands under unknown, with what would be needed. Unknown is never "fine", and never an alarm.',
  },
]

interface Tour {
  readonly drawing: Drawing
  /** The line that scans the shop again, as it is typed. */
  readonly scan: string
  /** The line that scans the reader's own cluster. */
  readonly own: string
}

/** The demonstration, part by part. */
export function chapters(envelope: Envelope, tour: Tour): string[] {
  const sheet = sheetOf(tour.drawing)
  const parts = [
    intro(envelope, sheet, tour),
    ...STATIONS.flatMap((station, at) => [stationLines({ ...station, number: at + 1 }, envelope, { sheet, tour })]),
    outro(sheet, tour),
  ]
  return parts.map((lines) => `${lines.join('\n')}\n`)
}

function intro(envelope: Envelope, sheet: Sheet, { drawing, scan }: Tour): string[] {
  return [
    ...entry(sheet, { indent: 0, text: 'A small shop that is broken', tone: 'strong' }),
    ...entry(sheet, {
      indent: 0,
      text: `These are the ${plural(drawing.looked?.objects ?? 0, 'object')} of a cluster at one moment, in a file that ships with dogwatch. No cluster is asked and nothing is changed. This is what a scan says about it:`,
    }),
    '',
    ...entry(sheet, { indent: 2, text: `$ ${scan}`, tone: 'faint' }),
    '',
    table(envelope, drawing).trimEnd(),
  ]
}

interface Page {
  readonly sheet: Sheet
  readonly tour: Tour
}

function stationLines(
  { number, rule, title, words }: (typeof STATIONS)[number] & { number: number },
  { items, unknown }: Envelope,
  { sheet, tour }: Page,
): string[] {
  const found = items.find((finding) => finding.rule.id === rule && isVisible(finding))
  const open = unknown.find((summary) => summary.rule === rule)
  return [
    ...entry(sheet, { indent: 0, text: `${number} of ${STATIONS.length}: ${title} (${rule})`, tone: 'strong' }),
    ...entry(sheet, { indent: 0, text: words }),
    '',
    ...(found ? foundLines(found, { sheet, tour }) : []),
    ...(!found && open ? unknownLines(open, sheet) : []),
  ]
}

function foundLines(finding: FindingView, { sheet, tour }: Page): string[] {
  const { title, message, recommendations } = finding
  return [
    ...entry(sheet, { indent: 2, text: title, tone: finding.severity }),
    ...entry(sheet, { indent: 2, text: message }),
    ...recommendations
      .slice(0, 1)
      .flatMap((one) => entry(sheet, { indent: 2, text: `dogwatch proposes: ${one.effect} - ${verdictOf(one)}` })),
    '',
    ...entry(sheet, { indent: 2, text: `$ ${tour.drawing.explain?.(finding.id) ?? finding.id}`, tone: 'faint' }),
  ]
}

const unknownLines = ({ detail, subjects: { count, sample } }: Envelope['unknown'][number], sheet: Sheet): string[] => [
  ...entry(sheet, {
    indent: 2,
    text: `Unknown for ${sampled(sample.slice(0, 2).map(fullName), count)}`,
    tone: 'strong',
  }),
  ...entry(sheet, { indent: 2, text: detail ?? '' }),
]

const outro = (sheet: Sheet, { own }: Tour): string[] => [
  ...entry(sheet, { indent: 0, text: 'Your own cluster', tone: 'strong' }),
  ...entry(sheet, {
    indent: 0,
    text: 'A scan only reads. It takes the current context of your kubeconfig:',
  }),
  '',
  ...entry(sheet, { indent: 2, text: `$ ${own}`, tone: 'faint' }),
]
