import type { FindingChange } from '../daemon-services.ts'
import type { Sheet } from './lines.ts'
import { cut, pad, safe } from './width.ts'
import { isVisible } from './words.ts'

const STATE_WIDTH = 'suppressed'.length
const SEVERITY_WIDTH = 'CRITICAL'.length

/** Whether a change is one that somebody wants to hear of: what is explained or suppressed comes and goes unheard. */
export const isNews = ({ before, finding }: FindingChange): boolean =>
  isVisible(finding) || before === 'firing' || before === 'pending'

/** A change of a finding in one line; `time` says when. `columns` of the sheet is how much of it is shown. */
export function changeLine({ before, finding }: FindingChange, time: string, { columns, paint }: Sheet): string {
  const { state, severity, rule, title, message, id } = finding
  const over = state === 'resolved' || !isVisible(finding)
  const head = `${time}  ${pad(state, STATE_WIDTH)}  `
  const gravity = pad(severity.toUpperCase(), SEVERITY_WIDTH)
  const was = before === undefined ? '' : ` (was ${before})`
  const rest = safe(`${rule.id}: ${title}; ${message}${was} [${id}]`)
  const shown = cut(rest, Math.max(1, columns - head.length - SEVERITY_WIDTH - 2))
  return `${head}${over ? paint('good', gravity) : paint(severity, gravity)}  ${shown}`
}
