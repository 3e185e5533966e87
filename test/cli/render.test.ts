import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import * as fc from 'fast-check'
import { parse } from 'yaml'
import { explain } from '../../src/cli/render/explain.ts'
import { json } from '../../src/cli/render/json.ts'
import { code, escapeMarkdown, markdown } from '../../src/cli/render/markdown.ts'
import { pageLines } from '../../src/cli/render/page.ts'
import { ruleList, ruleText } from '../../src/cli/render/rules.ts'
import { sheetOf } from '../../src/cli/render/lines.ts'
import { table, wide } from '../../src/cli/render/table.ts'
import { cut, safe, widthOf, wrap } from '../../src/cli/render/width.ts'
import { yaml } from '../../src/cli/render/yaml.ts'
import { SEVERITIES } from '../../src/engine/rule.ts'
import type { Envelope, FindingView } from '../../src/sinks/envelope.ts'
import { envelopeOf, finding, recommendation } from '../support/envelopes.ts'

const PIECES = [
  '\u001B[31m',
  '\u001B]8;;http://x\u0007',
  '\u009B2J',
  '\n',
  '\r',
  '\t',
  '\u202E',
  '\u2066',
  '\u2028',
  '\u00AD',
  '\u{E0041}',
  '\uD800',
  '|',
  '\\',
  '`',
  '``',
  '<script>alert(1)</script>',
  '<!--',
  '&lt;',
  '@somebody',
  '#12',
  '[x](http://y)',
  '**',
  '名前',
  '🚀',
  'e\u0301',
  ' ',
  '-',
  '# ',
  'cart',
  'x'.repeat(90),
]
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join(''))
const word = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('cart'))

const target = fc
  .tuple(fc.constantFrom('Deployment', 'Node', 'Namespace'), fc.option(word, { nil: undefined }), word)
  .map(([kind, namespace, name]) => ({
    apiVersion: 'v1',
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid: `${namespace}/${name}`,
  }))

const findings: fc.Arbitrary<FindingView> = fc
  .record({
    title: word,
    message: word,
    container: word,
    owner: word,
    fact: word,
    effect: word,
    detail: word,
    reason: word,
    target,
    severity: fc.constantFrom(...SEVERITIES),
    state: fc.constantFrom('firing', 'pending', 'inhibited', 'suppressed' as const),
    cause: fc.constantFrom('crash-loop-0', 'crash-loop-1'),
    seen: fc.oneof(fc.double(), word, fc.array(word, { maxLength: 3 }), fc.constant({ atLeast: 2, atMost: Infinity })),
    at: fc.nat(3),
  })
  .map(({ title, message, container, owner, fact, effect, detail, reason, target: about, at, ...rest }) =>
    finding({
      id: `crash-loop-${at}`,
      title: title,
      message: message,
      container: container,
      target: about,
      severity: rest.severity,
      state: rest.state,
      causedBy: rest.state === 'inhibited' ? rest.cause : null,
      suppressedBy: rest.state === 'suppressed' ? { by: 'object', reason: reason, until: null } : null,
      firesAt: rest.state === 'pending' ? '2026-11-21T12:30:00Z' : null,
      managedBy: { tool: 'argocd', kind: 'Application', name: owner },
      subjects: { count: 3, sample: [about] },
      evidence: [{ fact: fact, operator: 'equal', expected: rest.seen, actual: rest.seen }],
      runbook: detail,
      recommendations: [
        recommendation({
          effect: effect,
          decision: {
            verdict: 'hold',
            reason: 'protected-object',
            gates: [{ gate: 'protected', answer: 'hold', detail: detail }],
            until: null,
          },
          patch: {
            method: 'PATCH',
            path: `/api/${message}`,
            contentType: 'application/json',
            body: { metadata: { name: title, annotations: { [detail]: effect } } },
          },
        }),
      ],
    }),
  )

const envelopes: fc.Arbitrary<Envelope> = fc
  .tuple(fc.array(findings, { maxLength: 5 }), word, word)
  .map(([items, detail, cluster]) =>
    envelopeOf(items, {
      cluster,
      complete: false,
      incomplete: [{ resource: 'pods', reason: 'failed', detail }],
      unknown: [
        { rule: detail, category: 'health', reason: 'undecided', detail, subjects: { count: 1, sample: [] } },
        {
          rule: 'over-provisioned',
          category: 'health',
          reason: 'insufficient-data',
          subjects: { count: 1, sample: [{ kind: 'Pod', name: cluster, uid: '' }] },
        },
      ],
    }),
  )

const drawingOf = (columns: number, colour = false) => ({
  columns,
  colour,
  looked: { objects: 12, kinds: 3 },
  leftOut: 1,
  explain: (id: string) => `dogwatch explain ${id}`,
})

/** What people see, of everything that is drawn for people. */
const drawn = (envelope: Envelope, columns: number, colour = false): string[] => [
  table(envelope, drawingOf(columns, colour)),
  wide(envelope, drawingOf(columns, colour)),
  ...envelope.items.map((one) => explain({ finding: one, envelope, runbook: one.message }, { columns, colour })),
]

const columns = fc.integer({ min: 60, max: 200 })
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

test('no line is wider than the terminal, whatever the names', () => {
  fc.assert(
    fc.property(envelopes, columns, (envelope, width) => {
      for (const text of drawn(envelope, width))
        for (const line of text.split('\n')) assert.ok(widthOf(line) <= width, `${widthOf(line)} > ${width}: ${line}`)
    }),
  )
})

test('nothing from a cluster reaches a person raw', () => {
  fc.assert(
    fc.property(envelopes, columns, (envelope, width) => {
      for (const text of [...drawn(envelope, width), markdown(envelope, drawingOf(width))]) {
        assert.doesNotMatch(text.replaceAll('\n', ''), RAW)
        assert.ok(text.isWellFormed())
      }
    }),
  )
})

test('colours are the only control characters, and change nothing else', () => {
  fc.assert(
    fc.property(envelopes, columns, (envelope, width) => {
      const plain = drawn(envelope, width)
      assert.deepEqual(
        drawn(envelope, width, true).map((text) => stripVTControlCharacters(text)),
        plain,
      )
    }),
  )
})

test('a report is the same whatever the order of what it is made from', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const distinct = new Map(envelope.items.map((one, at) => [at, { ...one, id: `f-${at}` }]))
      const items = [...distinct.values()]
      const turned = { ...envelope, items: items.toReversed() }
      for (const render of [table, wide, markdown])
        assert.equal(render(turned, drawingOf(100)), render({ ...envelope, items }, drawingOf(100)))
    }),
  )
})

/** How much of the beginning of a text is an escape or code, which no reader of Markdown takes as markup. */
function inertLength(text: string): number {
  if (/^\\[!-/:-@[-`{-~]/.test(text)) return 2
  const [run = ''] = /^`+/.exec(text) ?? []
  if (run === '') return 0
  const closing = new RegExp(`(?<!\`)${run}(?!\`)`).exec(text.slice(run.length))
  return closing === null ? 0 : 2 * run.length + closing.index
}

function outsideCode(line: string): string {
  let text = ''
  for (let at = 0; at < line.length;) {
    const inert = inertLength(line.slice(at))
    if (inert === 0) text += line.charAt(at)
    at += inert || 1
  }
  return text
}

test('markdown holds no markup from a cluster', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const text = markdown(envelope, drawingOf(100)).split('\n').map(outsideCode).join('\n')
      assert.doesNotMatch(text.replaceAll('<!-- -->', ''), /[<`*[\]]/)
      assert.doesNotMatch(text, /[@#]\w/)
      for (const line of text.split('\n')) assert.match(line, /^(?:#{1,3} |- |\| |$|[^#>|])/)
    }),
  )
})

test('every row of a markdown table has the cells of its head', () => {
  const cells = (line: string): number => outsideCode(line).split('|').length
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const lines = markdown(envelope, drawingOf(100)).split('\n')
      let head = 0
      for (const line of lines) {
        if (!line.startsWith('|')) head = 0
        else if (head === 0) head = cells(line)
        else assert.equal(cells(line), head, line)
      }
    }),
  )
})

const ESCAPED: [text: string, markdown: string][] = [
  ['a|b', String.raw`a\|b`],
  ['a`b`', 'a\\`b\\`'],
  ['<b>&', '&lt;b&gt;&amp;'],
  ['nginx@sha256:1', 'nginx@<!-- -->sha256:1'],
  ['see #12', 'see #<!-- -->12'],
  ['a_b*c', String.raw`a\_b\*c`],
  ['\u001B[1m', String.raw`\[1m`],
]
for (const [text, wanted] of ESCAPED)
  test(`${JSON.stringify(text)} is ${wanted} in markdown`, () => assert.equal(escapeMarkdown(text), wanted))

test('code is fenced by more backticks than it holds', () => {
  assert.equal(code('plain'), '`plain`')
  assert.equal(code('a`b'), '`` a`b ``')
  assert.equal(code('``'), '``` `` ```')
  assert.equal(code('\u0000'), '')
})

test('JSON reads back as it was, and holds no raw control or format character', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const text = json(envelope, drawingOf(100))
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(envelope)))
      assert.doesNotMatch(text.replaceAll('\n', ''), RAW)
      assert.ok(text.endsWith('}\n'))
    }),
  )
})

test('YAML is the same data as JSON', () => {
  fc.assert(
    fc.property(envelopes, (envelope) => {
      const text = yaml(envelope, drawingOf(100))
      assert.deepEqual(parse(text), JSON.parse(JSON.stringify(envelope)))
      assert.doesNotMatch(text.replaceAll('\n', ''), RAW)
    }),
  )
})

test('a YAML reader of the old kind sees words as words', () => {
  const text = yaml(envelopeOf([finding({ message: 'yes', title: 'off' })]), drawingOf(100))
  assert.match(text, /message: "yes"/)
  assert.match(text, /title: "off"/)
  assert.match(text, /since: "2026-11-21T11:48:00Z"/)
})

test('lines break between words, and within one that is too long', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
  assert.deepEqual(wrap('abcdefghij k', 4), ['abcd', 'efgh', 'ij k'])
  assert.deepEqual(wrap('', 10), [])
  assert.deepEqual(wrap('名前名前', 5), ['名前', '名前'])
  fc.assert(
    fc.property(word.map(safe), fc.integer({ min: 2, max: 60 }), (text, width) => {
      const lines = wrap(text, width)
      assert.ok(lines.every((line) => widthOf(line) <= width))
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
    }),
  )
})

test('what is cut says so', () => {
  assert.equal(cut('abcdef', 6), 'abcdef')
  assert.equal(cut('abcdef', 5), 'abcd…')
  assert.equal(cut('名前名前', 5), '名前…')
})

test('a text that is made to flood a screen is cut', () => assert.equal(safe('x'.repeat(1e6)).length, 1001))

test('rules are drawn as safely as findings', () => {
  fc.assert(
    fc.property(word, word, columns, (id, text, width) => {
      const rule = {
        id,
        version: text,
        file: text,
        shipped: false,
        subjects: [text],
        severity: 'low',
        category: 'health',
        recommend: [text],
        inhibits: [{ rule: id, via: text }],
        runbook: text,
        source: text,
      } as const
      const listed = ruleList([rule], { columns: width, colour: false })
      for (const line of listed.split('\n')) assert.ok(widthOf(line) <= width)
      for (const drawing of [listed, ruleText(rule, { columns: width, colour: false })])
        assert.doesNotMatch(drawing.replaceAll('\n', ''), RAW)
    }),
  )
})

test('a page of any text is drawn, within the width', () => {
  const line = fc.oneof(
    word,
    fc.constantFrom('```', '```sh', '# a', '- b', '1. c', '', '  d', '|x|y|', '|---|---|', '|'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), columns, (lines, width) => {
      const page = pageLines(lines.join('\n'), sheetOf({ columns: width, colour: false }))
      for (const drawnLine of page) {
        assert.ok(widthOf(drawnLine) <= width)
        assert.doesNotMatch(drawnLine, RAW)
      }
    }),
  )
})
