import { SECOND } from '../../util/time.ts'
import { growing, idle, type Curve } from './curve.ts'

/** How a container comes to its end. */
export interface End {
  /** Milliseconds after its start. */
  readonly after: number
  readonly exitCode: number
  /** As the kubelet names it; from the exit code, when left out. */
  readonly reason?: string
}

/** One run of a container, from its start to its end. */
export interface Run {
  /** Left out, it runs until somebody stops it. */
  readonly end?: End | undefined
  readonly curve: Curve
  /** Milliseconds after its start until its readiness probe passes; `never` with what the probe says. */
  readonly ready: number | { readonly never: string }
}

/** What the software of a container does, whichever pod it is in. */
export interface Behaviour {
  /** Why its image cannot be pulled. */
  readonly pullError?: (image: string) => string
  /** Why its container cannot be configured. */
  readonly configError?: string
  /** What the next run does. */
  readonly run: (random: () => number) => Run
}

const READY_AFTER = 3 * SECOND
const SMALL: Curve = idle(0.002, 12)

/** Runs well for as long as it is let. */
export const serves = (curve: Curve, ready = READY_AFTER): Behaviour => ({ run: () => ({ curve, ready }) })

/** Dies `after` milliseconds, every time. */
export const crashes = ({ curve = SMALL, ...end }: End & { readonly curve?: Curve }): Behaviour => ({
  run: (random) => ({ curve, ready: READY_AFTER, end: { ...end, after: end.after * (0.9 + 0.2 * random()) } }),
})

/** Takes more and more memory until it is at its limit, some `every` milliseconds after each start, and is killed for it. */
export const leaks = (about: {
  readonly every: number
  readonly cores: number
  readonly mebibytes: readonly [number, number]
}): Behaviour => ({
  run: (random) => {
    const within = about.every * (0.92 + 0.16 * random())
    const { cores, mebibytes } = about
    return {
      curve: growing({ cores, mebibytes, within }),
      ready: READY_AFTER,
      end: { after: within, exitCode: 137, reason: 'OOMKilled' },
    }
  },
})

/** The registry does not have its image. */
export const imageMissing = (): Behaviour => ({
  ...serves(SMALL),
  pullError: (image) =>
    `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve image: ${image}: not found`,
})

/** Something that its environment is taken from is not there, as `configmap "cart-settings" not found`. */
export const configMissing = (message: string): Behaviour => ({ ...serves(SMALL), configError: message })

/** Runs, and its readiness probe never passes. */
export const neverReady = (curve = SMALL, says = 'HTTP probe failed with statuscode: 503'): Behaviour => ({
  run: () => ({ curve, ready: { never: says } }),
})

/** Does its work in some `after` milliseconds and ends well. */
export const finishes = (after: number, curve = SMALL): Behaviour => ({
  run: (random) => ({ curve, ready: 0, end: { after: after * (0.9 + 0.2 * random()), exitCode: 0 } }),
})

/** Fails the first `times`, and does its work from then on. */
export function failsTimes(times: number, { after, exitCode }: End): Behaviour {
  const [well, badly] = [finishes(after), crashes({ after, exitCode })]
  let failed = 0
  return { run: (random) => (failed++ < times ? badly : well).run(random) }
}
