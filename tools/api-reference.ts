import { LIMITS } from '../src/api/limits.ts'
import type { Route } from '../src/api/route.ts'
import { ROUTES } from '../src/api/routes/index.ts'
import { createMetrics } from '../src/sinks/metrics.ts'
import { code, page, table } from './markdown.ts'

const guardOf = ({ guard }: Route): string =>
  guard === 'open' ? 'nobody is asked' : code(`${guard.resource}.dogwatch.io`)

const parametersOf = ({ path, parameters }: Route): string =>
  `### ${code(path)}\n\n${table(
    ['parameter', 'values', 'what it says'],
    parameters.map(({ name, values, list, description }) => [
      code(name),
      `${values === undefined ? '' : values.map(code).join(', ')}${list === true ? ' (several: repeated, or with commas)' : ''}`,
      description,
    ]),
  )}`

/** The names and the help of every figure, without those of the process itself. */
async function metrics(): Promise<string> {
  const nothing = { findings: 0, problems: 0, disabled: 0, held: 0 }
  const none = createMetrics(
    {
      now: () => 0,
      findings: () => [],
      freshness: () => [],
      requests: () => [],
      checkpointAt: () => undefined,
      rules: () => nothing,
    },
    { process: false },
  )
  const { text } = await none.render()
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [code(name), help])
  return table(['metric', 'what it counts'], rows)
}

const seconds = (ms: number): string => `${ms / 1000} s`

/** `docs/api.md`: what the daemon answers over HTTP. */
export const apiReference = async (): Promise<string> =>
  page('The HTTP API', [
    'What `dogwatch run` serves. All of it reads; anything but GET and HEAD is answered with 405. The same as OpenAPI 3.1: `GET /openapi.json`.',
    table(
      ['path', 'what it answers', 'off loopback, the right to get'],
      ROUTES.map((route) => [code(route.path), route.summary, guardOf(route)]),
    ),
    ...ROUTES.filter(({ parameters }) => parameters.length > 0).map(parametersOf),
    `Unknown parameters are refused by name. A page holds ${LIMITS.page} findings when nothing is said, and ${LIMITS.largestPage} at most; \`next\` is the token of the next one.`,
    `## Following it

- The envelope carries a \`revision\`, \`<epoch>.<n>\`. It moves when a finding begins, ends, or changes its state, severity, decision or target, and at most every 5 minutes for figures in its evidence. A quiet cluster stays at its revision.
- \`ETag\` and \`If-None-Match\` give 304 while nothing moved; with \`wait=30s\` (${seconds(LIMITS.longestWait)} at most) the answer comes when something does.
- A page whose \`next\` is not null is followed by another: ask again with \`continue\`. Findings may change between two pages. Every page tells the \`revision\` of the first, so whatever has changed meanwhile comes with \`since\` of that revision, and the pages with it are what there is.
- \`since=REVISION\` gives what is new or different since then, and \`tombstones\` of what is gone. A revision of another run, or one that is too old, is answered with 410: list again.
- \`complete: false\` names in \`incomplete\` what could not be read or is out of date. What needs it is under \`unknown\`, never fine and never an alarm.

\`\`\`sh
curl -s http://127.0.0.1:8686/recommendations | jq -r .revision
curl -s "http://127.0.0.1:8686/recommendations?since=$REVISION&wait=30s"
\`\`\``,
    `## Who may ask

On loopback, which is the default, nobody is asked for a token; the names it answers to are an exact list (localhost, 127.0.0.1, [::1] and \`server.hosts\`), foreign origins are refused, so a page in a browser cannot read it.

Off loopback it speaks TLS only (\`server.tls\`, read again when the files change; else a certificate is made for this run and its fingerprint logged) and asks for a bearer token with the audience \`dogwatch\`:

\`\`\`sh
kubectl -n shop create token reader --audience dogwatch
\`\`\`

The token is checked by TokenReview, the right by SubjectAccessReview, in the group \`dogwatch.io\`; both are remembered for a minute. With the right in some namespaces only, the answer holds their findings alone and says so in \`restricted\`. When reviews cannot be had, nobody is let in. \`server.openReads\` lets everybody in who reaches it.`,
    `## Errors and limits

An error is \`{"error": {"code": …, "message": …}}\`. A caller may ask ${LIMITS.burst} times at once and ${LIMITS.perSecond} times a second from then on, else 429 with Retry-After. ${LIMITS.connections} connections, ${LIMITS.headerBytes / 1024} KiB of headers, no body; a connection on which nothing moves for ${seconds(LIMITS.idleAfter)} is closed.`,
    `## Metrics

Labels name the owner that a finding is about, never a pod.

${await metrics()}`,
  ])
