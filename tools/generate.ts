import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cliReference } from '../src/cli/reference.ts'
import { configJsonSchema } from '../src/config.ts'
import { ruleJsonSchema } from '../src/engine/json-schema.ts'
import { FACTS } from '../src/facts/index.ts'
import { RELATIONS } from '../src/findings/relations.ts'
import { ACTIONS } from '../src/remediation/actions/index.ts'
import { apiReference } from './api-reference.ts'
import { configReference } from './config-reference.ts'
import { demoShop } from './demo-shop.ts'
import { picture } from './picture.ts'
import { rbac } from './rbac.ts'
import { actionsReference, factsReference, rulesReference } from './reference.ts'

interface Generated {
  /** Path from the root of the project. */
  readonly file: string
  readonly make: () => string | Promise<string>
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
const actions = ACTIONS.map(({ name }) => name)
const relations = Object.keys(RELATIONS)

/** Every file that is made from the code, and how. */
const GENERATED: readonly Generated[] = [
  { file: 'schema/rule-v1.json', make: () => json(ruleJsonSchema({ facts: FACTS, actions, relations })) },
  { file: 'schema/config-v1.json', make: () => json(configJsonSchema()) },
  { file: 'docs/facts.md', make: factsReference },
  { file: 'docs/rules.md', make: rulesReference },
  { file: 'docs/actions.md', make: actionsReference },
  { file: 'docs/cli.md', make: cliReference },
  { file: 'docs/config.md', make: configReference },
  { file: 'docs/api.md', make: apiReference },
  { file: 'deploy/base/rbac.yaml', make: rbac },
  { file: 'demo/shop.json', make: demoShop },
  { file: 'docs/scan.svg', make: picture },
]

const ROOT = join(import.meta.dirname, '..')

function present(file: string): string | undefined {
  try {
    return readFileSync(join(ROOT, file), 'utf8')
  } catch {
    return undefined
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true })
  writeFileSync(join(ROOT, file), text)
}

const made = await Promise.all(GENERATED.map(async ({ file, make }) => ({ file, text: await make() })))
const differing = made.filter(({ file, text }) => present(file) !== text)
if (process.argv.includes('--check')) {
  for (const { file } of differing) console.error(`${file} is not what the code makes of it: run \`npm run update\``)
  process.exitCode = differing.length === 0 ? 0 : 1
} else {
  for (const { file, text } of differing) write(file, text)
  console.log(differing.length === 0 ? 'nothing to write' : `wrote ${differing.map(({ file }) => file).join(', ')}`)
}
