import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { imageOf, ROOT, type Copied, type Image } from './image.ts'

const NAME = 'dogwatch.test/dogwatch:e2e'

/** Programs that make an image without a builder: one makes a directory with Node.js in it, the other loads a directory as an image. */
export interface Makers {
  readonly rootfs: string
  readonly load: string
}

/** What the second one is told, so that the image is what the Dockerfile says. */
export const loadArguments = ({ entrypoint, command, user, workdir, env }: Image, directory: string): string[] => [
  NAME,
  directory,
  ...entrypoint.flatMap((word) => ['--entrypoint', word]),
  ...command.flatMap((word) => ['--cmd', word]),
  ...env.flatMap((pair) => ['--env', pair]),
  '--user',
  user,
  '--workdir',
  workdir,
]

/** Where a file of the image comes from here; `undefined` for Node.js itself, which is there already. */
export function sourceOf({ stage, from }: Copied): string | undefined {
  if (stage === undefined) return join(ROOT, from)
  return from.startsWith('/src/') ? join(ROOT, from.slice('/src/'.length)) : undefined
}

/**
 * The image of the Dockerfile, in the cluster's runtime. `DOGWATCH_IMAGE` names one that the cluster has; else it is put together from
 * `dist` with the programs that `DOGWATCH_NODE_ROOTFS` and `DOGWATCH_LOAD_IMAGE` name.
 */
export function imageInCluster(env: NodeJS.ProcessEnv): string {
  const { DOGWATCH_IMAGE: ready, DOGWATCH_NODE_ROOTFS: rootfs, DOGWATCH_LOAD_IMAGE: load } = env
  if (ready) return ready
  if (!rootfs || !load)
    throw new Error(
      'there is no image to run: build one (`docker build -t dogwatch:e2e .`), load it into the cluster (`kind load docker-image dogwatch:e2e`) and say so (`DOGWATCH_IMAGE=dogwatch:e2e`)',
    )
  return make({ rootfs, load })
}

function make({ rootfs, load }: Makers): string {
  const image = imageOf()
  const directory = mkdtempSync(join(tmpdir(), 'dogwatch-image-'))
  try {
    execFileSync(rootfs, [directory], { stdio: ['ignore', 'ignore', 'inherit'] })
    for (const file of image.files) {
      const source = sourceOf(file)
      if (source === undefined) continue
      if (!existsSync(source)) throw new Error(`there is no ${source}: npm run build`)
      mkdirSync(dirname(join(directory, file.to)), { recursive: true })
      cpSync(source, join(directory, file.to), { recursive: true })
    }
    return execFileSync(load, loadArguments(image, directory), { encoding: 'utf8' }).trim()
  } finally {
    rmSync(directory, { recursive: true })
  }
}
