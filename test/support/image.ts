import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** One file or directory of an image, and where it comes from: a stage of the build, or (without one) the clone. */
export interface Copied {
  readonly stage: string | undefined
  readonly from: string
  readonly to: string
}

/** What the last stage of a Dockerfile makes. */
export interface Image {
  readonly base: string
  readonly workdir: string
  readonly files: readonly Copied[]
  readonly user: string
  readonly env: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
}

export interface Instruction {
  readonly word: string
  readonly rest: string
}

/** The stages of a Dockerfile without line continuations, each from its `FROM` on. */
export function stagesOf(dockerfile: string): Instruction[][] {
  const stages: Instruction[][] = []
  for (const line of dockerfile.split('\n')) {
    const [, word, rest] = /^([A-Z]+) (.*\S)\s*$/.exec(line) ?? []
    if (word === undefined || rest === undefined) continue
    if (word === 'FROM') stages.push([])
    stages.at(-1)?.push({ word, rest })
  }
  return stages
}

const last = (stage: readonly Instruction[], word: string): string => {
  const found = stage.findLast((one) => one.word === word)
  if (found === undefined) throw new Error(`the last stage has no ${word}`)
  return found.rest
}

const words = (stage: readonly Instruction[], word: string): string[] => JSON.parse(last(stage, word)) as string[]

function copiesOf({ rest }: Instruction, workdir: string): Copied[] {
  const [, stage, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? []
  const sources = paths.split(' ')
  const target = sources.pop() ?? ''
  const absolute = (path: string): string => (path.startsWith('/') ? path : join(workdir, path))
  const inside = target.endsWith('/')
  return sources.map((from) => ({ stage, from, to: absolute(inside ? join(target, from) : target) }))
}

/** Reads the Dockerfile of this project. It has no `ARG`, no `ADD` and no line continuation, and a test holds that. */
export function imageOf(dockerfile: string = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')): Image {
  const stage = stagesOf(dockerfile).at(-1) ?? []
  const workdir = last(stage, 'WORKDIR')
  return {
    base: last(stage, 'FROM'),
    workdir,
    files: stage.filter(({ word }) => word === 'COPY').flatMap((copy) => copiesOf(copy, workdir)),
    user: last(stage, 'USER'),
    env: stage.filter(({ word }) => word === 'ENV').map(({ rest }) => rest),
    entrypoint: words(stage, 'ENTRYPOINT'),
    command: words(stage, 'CMD'),
  }
}
