import type { HistoryEntry, ReplayRequest, ReplayResult } from './cli/daemon-services.ts'
import { UsageError, type Progress } from './cli/services.ts'
import type { LiveStore } from './cluster/live-store.ts'
import { openRecording, RecordingError, type RecordedChange, type Recording } from './cluster/recording.ts'
import { byGravity } from './engine/gravity.ts'
import { loadRules } from './engine/loader.ts'
import { configOf, refuseOverrides, ruleFiles, targetsIn, VOCABULARY } from './inputs.ts'
import { ONE_LOOK } from './policy/standing.ts'
import { envelopeOf, type FindingView } from './sinks/envelope.ts'
import { compareText } from './util/order.ts'
import { Turns } from './turns.ts'
import { Watchdog } from './watchdog.ts'

/** Plays a recording through the daemon's rooms, in its own time. The same recording, rules and configuration give the same result. */
export async function replayRecording(request: ReplayRequest, progress: Progress): Promise<ReplayResult> {
  try {
    return await replay(request, progress)
  } catch (error) {
    throw error instanceof RecordingError ? new UsageError(error.message) : error
  }
}

async function replay(request: ReplayRequest, progress: Progress): Promise<ReplayResult> {
  const { config, place } = await configOf(request.config)
  const rules = await loadRules(await ruleFiles(request.rules), VOCABULARY, { overrides: config.overrides })
  refuseOverrides(rules, { place, file: request.config })
  const recording = await openRecording(request.directory, { now: Date.now() })
  const { look } = recording
  const cluster = request.cluster ?? config.cluster ?? look.cluster ?? 'dump'
  let now = look.takenAt
  const standing = () => ONE_LOOK
  const watchdog = new Watchdog({ config, cluster, standing, now: () => now, stirred: () => undefined })
  const player = new Player(watchdog, (at) => (now = at))
  watchdog.use(rules)
  await player.begin(recording)
  for await (const change of recording.changes()) {
    await player.until(change.at)
    player.take(change)
    if (player.changes % PROGRESS_EVERY === 0) progress({ doing: 'playing changes', done: player.changes, total: 0 })
  }
  await player.until(now)
  await player.until(now + request.afterMs)
  const wanted = targetsIn(watchdog.store.objects, request)
  return {
    history: player.history.filter(({ change }) => wanted(change.finding.target)),
    from: look.takenAt,
    to: now,
    changes: player.changes,
    envelope: envelopeOf({ cluster, now, incomplete: look.incomplete, ...foundBy(watchdog, wanted) }),
    looked: { objects: watchdog.store.objects.size, kinds: watchdog.store.objects.looks.listed.size },
    problems: [...rules.problems],
    hints: [...look.hints],
  }
}

const PROGRESS_EVERY = 200

/** Lets the time of a recording pass over a watchdog. */
class Player {
  readonly history: HistoryEntry[] = []
  changes = 0
  readonly #watchdog: Watchdog
  readonly #setTime: (at: number) => void
  readonly #turns = new Turns()
  #now = 0

  constructor(watchdog: Watchdog, setTime: (at: number) => void) {
    this.#watchdog = watchdog
    this.#setTime = setTime
  }

  async begin({ look }: Recording): Promise<void> {
    this.#at(look.takenAt)
    const { store } = this.#watchdog
    store.watch(look.looks)
    for (const object of look.objects) store.put(object)
    this.#watchdog.begin()
    await this.#round()
  }

  take(change: RecordedChange): void {
    apply(change, this.#watchdog.store)
    if (change.type !== 'time') this.changes++
  }

  /** Everything that falls due until then happens at its own time; what changed at one time is judged together. */
  async until(at: number): Promise<void> {
    for (let next = this.#watchdog.next(); next !== undefined && next <= at; next = this.#watchdog.next()) {
      if (next === 0 && this.#now === at) break
      this.#at(Math.max(this.#now, next))
      await this.#round()
    }
    this.#at(Math.max(this.#now, at))
  }

  async #round(): Promise<void> {
    const turns = this.#turns.of(await this.#watchdog.round(), this.#now)
    const ordered = turns.toSorted((a, b) => compareText(a.finding.id, b.finding.id))
    for (const change of ordered) this.history.push({ at: this.#now, change })
  }

  #at(now: number): void {
    this.#now = now
    this.#setTime(now)
  }
}

function apply(change: RecordedChange, store: LiveStore): void {
  if (change.type === 'put') store.put(change.object)
  else if (change.type === 'remove') store.remove(change.uid, change.witnessed)
  else if (change.type === 'looks') store.watch(change.looks)
}

function foundBy(watchdog: Watchdog, wanted: (target: FindingView['target']) => boolean) {
  const unknown = watchdog.unknown()
  const items = [...watchdog.findings()].filter(({ target }) => wanted(target)).toSorted(byGravity)
  return { unknown, scores: watchdog.scores(unknown), items }
}
