import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { FileExistsError, writeAtomically } from '../../src/util/atomic-file.ts'

const here = mkdtempSync(join(tmpdir(), 'dogwatch-file-'))
after(() => rmSync(here, { recursive: true }))

test('a file is written, replaced when that is wanted, and refused when not', async () => {
  const file = join(here, 'a')
  await writeAtomically(file, 'one', { replace: false })
  await assert.rejects(writeAtomically(file, 'two', { replace: false }), FileExistsError)
  assert.equal(readFileSync(file, 'utf8'), 'one')
  await writeAtomically(file, 'three', { replace: true })
  assert.equal(readFileSync(file, 'utf8'), 'three')
  assert.deepEqual(readdirSync(here), ['a'])
})

test('what fails leaves nothing behind', async () => {
  writeFileSync(join(here, 'b'), '')
  await assert.rejects(writeAtomically(join(here, 'b', 'c'), 'x', { replace: true }))
  await assert.rejects(writeAtomically(here, 'x', { replace: true }))
  assert.deepEqual(readdirSync(here), ['a', 'b'])
})
