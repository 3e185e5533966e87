import { blast } from './blast.ts'
import { capability } from './capability.ts'
import { fresh } from './fresh.ts'
import type { Gate } from './gate.ts'
import { level } from './level.ts'
import { owner } from './owner.ts'
import { protection } from './protected.ts'
import { warmUp } from './warm-up.ts'

/** Every gate, in the order they are asked: what makes all the others pointless comes first. */
export const GATES: readonly [Gate, ...Gate[]] = [fresh, warmUp, blast, protection, capability, level, owner]
