import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

/** Reads the same streams, parses every line and keeps nothing: no client in JavaScript takes less. Arguments: the server, and paths. */
const NEWLINE = 10
const END = 'k8s.io/initial-events-end'

async function read(url: string): Promise<void> {
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const request = get(`${url}?${query}`)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let rest = Buffer.alloc(0)
  for await (const chunk of response) {
    const bytes = Buffer.concat([rest, chunk as Buffer])
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const text = bytes.toString('latin1', from, end)
      from = end + 1
      JSON.parse(text)
      if (text.includes(END)) return void response.destroy()
    }
    rest = bytes.subarray(from)
  }
}

const [server, ...paths] = process.argv.slice(2)
for (const path of paths) await read(`${server}${path}`)
process.send?.({ tell: 'synced' })
// What it took is asked for after it is done.
process.channel?.ref()
