import { spawnSync } from 'node:child_process'

/** Every check of the project, in the order of their cost, each with the command that mends what it finds. */
const CHECKS = [
  { check: 'types', mend: 'edit the lines named above; `npm run types` looks again' },
  { check: 'lint', mend: 'npx oxlint --fix, then edit what is left' },
  { check: 'format', mend: 'npm run update' },
  { check: 'unused', mend: 'delete what is named above, or use it; `npm run unused` looks again' },
  { check: 'generated', mend: 'npm run update' },
  { check: 'test', mend: 'edit the code or the test named above; `npm test` looks again' },
]

const started = performance.now()
for (const { check, mend } of CHECKS) {
  console.log(`\n── ${check}: npm run ${check}`)
  const { status } = spawnSync('npm', ['run', '--silent', check], { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`\nverify: ${check} failed. To mend it: ${mend}`)
    process.exit(status ?? 1)
  }
}
const names = CHECKS.map(({ check }) => check).join(', ')
console.log(`\nverify: ${names} passed in ${((performance.now() - started) / 1000).toFixed(1)} s`)
