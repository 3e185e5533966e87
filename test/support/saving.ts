import { openCheckpoint } from '../../src/store/checkpoint.ts'
import { SILENT } from '../../src/util/logger.ts'

// A process of its own, to be killed or to run out of space while it saves.
const [path, mode] = process.argv.slice(2)
const checkpoint = await openCheckpoint(path, { logger: SILENT })

function* entries() {
  for (let i = 0; i < 40_000; i++) {
    if (mode === 'hang' && i === 20_000) {
      process.stdout.write('half\n')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
    yield { section: 'past', key: String(i), value: Math.sin(i).toString(36) }
  }
}

process.on('SIGXFSZ', () => undefined)
await checkpoint.save(entries(), 0)
process.stdout.write(`problem: ${checkpoint.problem}\nsavedAt: ${checkpoint.savedAt}\n`)
