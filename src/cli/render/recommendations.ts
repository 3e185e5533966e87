import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { byKeys } from '../../util/order.ts'
import { entry, sheetOf, type Sheet } from './lines.ts'
import type { Tone } from './style.ts'
import { plural, verdictOf } from './words.ts'

interface Drawing {
  readonly columns: number
  readonly colour: boolean
  /** The line that explains a finding, as it is typed. */
  readonly explain: string
}

type Recommendation = FindingView['recommendations'][number]
interface Proposed {
  readonly finding: FindingView
  readonly recommendation: Recommendation
}

const VERDICTS: Readonly<Record<Recommendation['decision']['verdict'], { rank: string; title: string; tone: Tone }>> = {
  act: { rank: '0', title: 'Would be done unasked', tone: 'strong' },
  ask: { rank: '1', title: 'Waits for approval', tone: 'strong' },
  hold: { rank: '2', title: 'Held', tone: 'strong' },
}

const LABEL = 9

const byVerdict = byKeys(({ recommendation }: Proposed) => [VERDICTS[recommendation.decision.verdict].rank])

/** What is proposed, by the decision on it, for a terminal. */
export function recommendationLines({ items }: Envelope, drawing: Drawing): string {
  const sheet = sheetOf(drawing)
  const all = items
    .flatMap((finding) => finding.recommendations.map((recommendation) => ({ finding, recommendation })))
    .toSorted(byVerdict)
  if (all.length === 0) return 'Nothing is proposed.\n'
  const groups = [...Map.groupBy(all, ({ recommendation }) => recommendation.decision.verdict)]
  const parts = [
    ...groups.map(([verdict, proposed]) => [
      ...entry(sheet, {
        indent: 0,
        text: `${VERDICTS[verdict].title}: ${plural(proposed.length, 'action')}`,
        tone: VERDICTS[verdict].tone,
      }),
      ...proposed.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...proposedLines(one, sheet)]),
    ]),
    [
      ...entry(sheet, { indent: 0, text: 'More about one of them', tone: 'strong' }),
      ...entry(sheet, { indent: 2, text: drawing.explain }),
    ],
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function proposedLines({ finding, recommendation }: Proposed, sheet: Sheet): string[] {
  const { action, effect, tier, reversible } = recommendation
  const labelled = (label: string, text: string): string[] =>
    entry(sheet, { indent: 4, label, labelWidth: LABEL, text })
  return [
    ...entry(sheet, { indent: 2, text: `${action}: ${effect}`, tone: 'strong' }),
    ...labelled('for', `${finding.title} (${finding.severity})`),
    ...labelled('decision', verdictOf(recommendation)),
    ...labelled('effect', `${tier}, ${reversible ? 'can be undone' : 'cannot be undone'}`),
    ...labelled('finding', finding.id),
  ]
}
