import * as z from 'zod'
import { LEVELS } from './levels.ts'

const level = z.enum(LEVELS).meta({
  id: 'Level',
  description:
    'What happens unasked. L0 observe, L1 recommend, L2 heal what is dead, L3 change what runs, L4 take it down.',
})

const ALL = '"*" stands for all'
const namespaces = z
  .array(z.string().min(1))
  .describe(`Namespaces, or globs over them; ${ALL}, cluster-scoped objects included. An empty list is none.`)
const rules = z.array(z.string().min(1)).describe(`Rule ids; ${ALL}. An empty list is none.`)
const actions = z.array(z.string().min(1)).describe(`Action names; ${ALL}. An empty list is none.`)

const grant = z
  .strictObject({
    level: level.describe('The level that is reached there.'),
    namespaces,
    rules,
    actions,
    expires: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Until when, as RFC 3339. After that it grants nothing.'),
    reason: z.string().min(1).describe('Why. Shown with every decision that it makes.'),
  })
  .meta({
    id: 'Grant',
    description: 'Raises the level for some rules and actions in some namespaces. All three must match.',
  })

// An empty cap would loosen without a word; of a grant emptiness only takes away.
const SOME = { error: 'an empty list would cap nothing: write "*" for all, or leave the cap out' }
const cap = z
  .strictObject({
    level: level.describe('The highest level there.'),
    namespaces: namespaces.min(1, SOME),
    rules: rules.min(1, SOME),
    actions: actions.min(1, SOME),
    reason: z.string().min(1).optional().describe('Why. Shown with every decision that it lowers.'),
  })
  .meta({
    id: 'Cap',
    description: 'Limits the level for some rules and actions in some namespaces, whatever is granted.',
  })

/** The policy part of the configuration. Without any of it dogwatch recommends and does nothing unasked. */
export const policySchema = z
  .strictObject({
    level: level.default('L1').describe('The level where nothing else is said.'),
    ceiling: level.default('L4').describe('The highest level anywhere, whatever is granted.'),
    caps: z.array(cap).default([]).describe('Limits of the level, in some places.'),
    grants: z.array(grant).default([]).describe('Higher levels, in some places.'),
    protected: z
      .strictObject({
        namespaces: z
          .array(z.string().min(1))
          .default([])
          .describe(
            'Namespaces, or globs over them, that are never touched; kube-system, kube-public, kube-node-lease and dogwatch’s own always are.',
          ),
      })
      .prefault({})
      .describe('What is never touched, whoever approves.'),
    ownNamespace: z.string().min(1).default('dogwatch').describe('The namespace that dogwatch itself runs in.'),
  })
  .meta({ id: 'Policy', description: 'How far dogwatch may go.' })

export type Policy = z.infer<typeof policySchema>
export type Grant = Policy['grants'][number]
