import { Counter, Gauge, type Registry } from 'prom-client'
import { plainText, truncate } from '../util/text.ts'

/** Longest label value, in characters: names of Kubernetes have at most 253. */
const LONGEST = 253
/** Most combinations of labels of one metric. */
const MOST = 5000

/** Text from a cluster as a label value: one line, well-formed, not too long. The quoting is prom-client's. */
export const label = (text: string): string => truncate(plainText(text).toWellFormed(), LONGEST)

export interface LabelledOptions {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly counter?: boolean | undefined
  readonly most?: number | undefined
}

/** One figure with its label values, in the order of the labels. */
export interface Sample {
  readonly values: readonly string[]
  readonly amount: number
}

/** Adds a metric that is read when somebody asks; samples with equal labels are added up. Gives how many combinations were left out. */
export function labelled(registry: Registry, options: LabelledOptions, read: () => readonly Sample[]): () => number {
  const { name, help, labels, counter, most = MOST } = options
  const settings = { name, help, labelNames: labels, registers: [] }
  let omitted = 0
  const samples = (): [Record<string, string>, number][] => {
    const sums = added(read())
    omitted = Math.max(0, sums.length - most)
    return sums
      .slice(0, most)
      .map(({ values, amount }) => [Object.fromEntries(labels.map((one, i) => [one, values[i] ?? ''])), amount])
  }
  const metric =
    counter === true
      ? new Counter({
          ...settings,
          collect() {
            this.reset()
            for (const [of, amount] of samples()) this.inc(of, amount)
          },
        })
      : new Gauge({
          ...settings,
          collect() {
            this.reset()
            for (const [of, amount] of samples()) this.set(of, amount)
          },
        })
  registry.registerMetric(metric)
  return () => omitted
}

function added(samples: readonly Sample[]): Sample[] {
  const sums = new Map<string, Sample>()
  for (const { values, amount } of samples) {
    const clean = values.map(label)
    const key = JSON.stringify(clean)
    sums.set(key, { values: clean, amount: amount + (sums.get(key)?.amount ?? 0) })
  }
  return [...sums.values()]
}
