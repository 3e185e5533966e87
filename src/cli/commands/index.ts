import type { CommandEntry } from './command.ts'
import { demo } from './demo.ts'
import { explain } from './explain.ts'
import { rules } from './rules.ts'
import { scan } from './scan.ts'
import { snapshot } from './snapshot.ts'

/** The commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [scan, explain, snapshot, rules, demo]
