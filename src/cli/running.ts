import type { Freshness } from '../cluster/freshness.ts'
import type { Fields, Logger } from '../util/logger.ts'
import { formatTime } from '../util/time.ts'
import type { Runtime } from './commands/command.ts'
import type { RunEvents, Watching } from './daemon-services.ts'
import { oneLine } from './errors.ts'
import { tellProblems } from './outcome.ts'
import { changeLine, isNews } from './render/changes.ts'
import { sheetOf } from './render/lines.ts'
import { listed, plural } from './render/words.ts'

/** What a daemon tells, in lines for whoever sits before the terminal that it was started in. */
export function humanEvents({ io, invocation, clock }: Runtime): RunEvents {
  const say = (text: string): void => io.out(`${text}\n`)
  const time = (): string => formatTime(clock.now()).slice(11, 19)
  const fresh = freshness(say)
  return {
    listening: (url) => {
      say(`the API answers at ${oneLine(url)}; try: curl ${oneLine(url)}/recommendations`)
      say(`to see more: ${invocation.typed} watch --server ${oneLine(url)}`)
    },
    watching: (watching) => {
      say(watchingLine(watching))
      tellProblems(io, watching)
    },
    fresh,
    changed: (changes) => {
      // The terminal may have been made wider since.
      const sheet = sheetOf({ columns: io.terminal.columns, colour: io.terminal.colour })
      for (const change of changes) if (isNews(change)) say(changeLine(change, time(), sheet))
    },
    logger: io.terminal.error ? humanLogger(say, time) : undefined,
  }
}

function watchingLine({ place, namespaces, rules }: Watching): string {
  const where = namespaces === undefined ? 'all namespaces' : `namespace ${listed(namespaces)}`
  return `watches ${oneLine(place)}, ${oneLine(where)}, by ${plural(rules, 'rule')}; nothing is written to it`
}

const STEPS = 4
const BAD: ReadonlySet<Freshness['state']> = new Set(['partial', 'stale', 'forbidden', 'failed', 'left-out'])

const nameOf = ({ resource, namespace }: Freshness): string =>
  namespace === undefined ? resource : `${resource} in ${namespace}`

/** Says how far the first reading is, a few times, and then what goes blind and what comes back. */
function freshness(say: (text: string) => void): RunEvents['fresh'] {
  const blindness = blindnessTeller(say)
  let step = 0
  return (kinds) => {
    for (const kind of kinds) blindness(kind)
    if (kinds.length === 0) return
    const done = kinds.filter(({ state }) => state !== 'syncing').length
    const objects = kinds.reduce((sum, kind) => sum + kind.objects, 0)
    const reached = Math.floor((done / kinds.length) * STEPS)
    if (reached > step) say(`read ${done} of ${plural(kinds.length, 'kind')}, ${plural(objects, 'object')}`)
    step = Math.max(step, reached)
  }
}

function blindnessTeller(say: (text: string) => void): (kind: Freshness) => void {
  const bad = new Map<string, Freshness['state']>()
  return (kind) => {
    const { state, detail } = kind
    const name = nameOf(kind)
    const was = bad.get(name)
    if (BAD.has(state)) {
      if (was !== state) say(`cannot rely on ${oneLine(name)}: ${oneLine(detail) || state}`)
      bad.set(name, state)
    } else if (bad.delete(name) && state === 'live') say(`${oneLine(name)} is fresh again`)
  }
}

/** Warnings and errors for people: the event, then its fields. */
function humanLogger(say: (text: string) => void, time: () => string): Logger {
  const line =
    (level: string) =>
    (event: string, fields: Fields = {}) => {
      const text = Object.entries(fields).flatMap(([key, value]) =>
        value === undefined ? [] : `${key}=${String(value)}`,
      )
      say(`${time()}  ${level}: ${oneLine([event, ...text].join(' '))}`)
    }
  const nothing = (): void => undefined
  return { debug: nothing, info: nothing, warn: line('warning'), error: line('error') }
}
