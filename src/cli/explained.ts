import { explain, type Explained } from './render/explain.ts'

/** Findings with everything about them, for a terminal. */
export const explainedText = (
  explained: readonly Explained[],
  drawing: { readonly columns: number; readonly colour: boolean },
): string => explained.map((one) => explain(one, drawing)).join(`\n${'─'.repeat(Math.min(drawing.columns, 40))}\n\n`)

/** The same for a tool: the finding, the ids of what it explains, and its runbook page. */
export const explainedJson = ({ finding, envelope: { items }, runbook }: Explained) => ({
  ...finding,
  explains: items.filter(({ causedBy }) => causedBy === finding.id).map(({ id }) => id),
  runbookText: runbook ?? null,
})
