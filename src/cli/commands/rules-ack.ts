import type { Command } from 'commander'
import { access, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ACKS_FILE, readAcks, writeAcks, type Ack } from '../../engine/acks.ts'
import { writeAtomically } from '../../util/atomic-file.ts'
import { systemClock } from '../../util/clock.ts'
import { formatTime } from '../../util/time.ts'
import { oneLine, problemLine } from '../errors.ts'
import { repeated } from '../options.ts'
import { tellProblems } from '../outcome.ts'
import { jsonText } from '../render/json.ts'
import { EXIT, UsageError, type RuleView } from '../services.ts'
import type { Runtime } from './command.ts'

interface Given {
  readonly reason: string
  readonly by?: string
  readonly rules?: readonly string[]
}

/** Adds `rules ack` to the command `rules`. */
export function acknowledge(command: Command, runtime: Runtime): void {
  command
    .command('ack')
    .summary('let a rule act though it matches much')
    .description(
      `Says that one version of a rule may match as much as it does: an entry in ${ACKS_FILE} beside the rule, which the daemon reads when it changes. Where that cannot be written, as in a mounted ConfigMap, the entry to add is printed.`,
    )
    .argument('<id@version>', 'the rule and its version, as a recommendation or `rules show` names them')
    .requiredOption('--reason <text>', 'why it may')
    .option('--by <name>', 'who says so')
    .option('--rules <dir>', 'the directory of the rule; may be repeated', repeated)
    .action(async (named: string, given: Given) => runtime.exit(await run(named, given, runtime)))
}

async function run(named: string, given: Given, { services, io }: Runtime): Promise<number> {
  const { id, version } = parse(named)
  const loaded = await services.rules(given.rules ?? [])
  tellProblems(io, loaded)
  const rule = loaded.rules.find((one) => one.id === id)
  const ack = entry({ rule: id, version: rule ? versionOf(rule, version) : whole(id, version) }, given)
  const file = rule && join(dirname(rule.file), ACKS_FILE)
  const outcome = file === undefined ? 'not written' : await add(file, ack)
  if (outcome === 'not written') {
    io.out(jsonText(ack))
    const where = file === undefined ? `${ACKS_FILE} beside the rule` : `${oneLine(file)}, which cannot be written here`
    io.error(`add this entry to the list in ${where}\n`)
  } else io.error(`${outcome} in ${oneLine(file ?? '')}\n`)
  return EXIT.done
}

const FORM = 'a rule and its version are written ID@sha256:1f0c12ab34cd'

function parse(named: string): { readonly id: string; readonly version: string } {
  const at = named.lastIndexOf('@')
  const version = named.slice(at + 1).replace(/^(sha256:)?/, 'sha256:')
  if (at < 1) throw new UsageError(`${oneLine(named)} names no version\n${FORM}`)
  if (!/^sha256:[0-9a-f]{8,64}$/.test(version))
    throw new UsageError(`${oneLine(named)}: at least 8 digits of the version are needed\n${FORM}`)
  return { id: named.slice(0, at), version }
}

/** The whole version of a rule that was found, where it is the one that is meant. */
function versionOf({ id, version, shipped }: RuleView, meant: string): string {
  if (shipped) throw new UsageError(`${id} ships with dogwatch: it is never held for what it matches`)
  if (version.startsWith(meant)) return version
  throw new UsageError(`${id} is now another version: ${version}\nlook at what that one matches first`)
}

function whole(id: string, version: string): string {
  if (version.length === 'sha256:'.length + 64) return version
  throw new UsageError(`no rule is called ${oneLine(id)}\n--rules DIR says where its file is`)
}

function entry(of: Pick<Ack, 'rule' | 'version'>, { reason, by }: Given): Ack {
  const ack = { ...of, reason, ...(by === undefined ? {} : { by }), at: formatTime(systemClock.now()) }
  const read = readAcks({ file: 'the entry', text: writeAcks([ack]) })
  if ('acks' in read) return ack
  throw new UsageError(read.problems.map(({ message }) => message).join('\n'))
}

const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM'])

async function add(file: string, ack: Ack): Promise<'acknowledged' | 'already acknowledged' | 'not written'> {
  const present = await acksIn(file)
  if (present.some(({ rule, version }) => rule === ack.rule && version === ack.version)) return 'already acknowledged'
  // What is written into the mount of a ConfigMap is gone with its next version.
  if (await exists(join(dirname(file), '..data'))) return 'not written'
  try {
    await write(file, writeAcks([...present, ack]))
    return 'acknowledged'
  } catch (error) {
    if (READ_ONLY.has(codeOf(error))) return 'not written'
    throw error
  }
}

async function acksIn(file: string): Promise<readonly Ack[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '[]'
    throw error
  })
  const read = readAcks({ file, text })
  if ('acks' in read) return read.acks
  throw new UsageError([...read.problems.map(problemLine), `${ACKS_FILE} is left as it is`].join('\n'))
}

/** In the place of what is there, with its rights; a link stays a link. */
async function write(file: string, text: string): Promise<void> {
  if (!(await exists(file))) return writeAtomically(file, text, { replace: false, mode: 0o644 })
  const place = await realpath(file)
  const { mode } = await stat(place)
  return writeAtomically(place, text, { replace: true, mode: mode & 0o777 })
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
