import type { CommandEntry } from './command.ts'
import { demo } from './demo.ts'
import { explain } from './explain.ts'
import { findings } from './findings.ts'
import { recommendations } from './recommendations.ts'
import { record } from './record.ts'
import { replay } from './replay.ts'
import { rules } from './rules.ts'
import { run } from './run.ts'
import { scan } from './scan.ts'
import { snapshot } from './snapshot.ts'
import { status } from './status.ts'
import { watch } from './watch.ts'

/** The commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  scan,
  explain,
  snapshot,
  run,
  watch,
  status,
  findings,
  recommendations,
  record,
  replay,
  rules,
  demo,
]
