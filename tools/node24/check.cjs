// Runs after every install, with the Node that npm scripts will see, which may be old: hence plain old JavaScript.
var have = process.versions.node.split('.').map(Number)
if (have[0] < 24 || (have[0] === 24 && have[1] < 15)) {
  console.error('dogwatch needs Node 24.15 or newer; npm scripts here would run on ' + process.version + '.')
  console.error(
    'Linux with glibc on x64 or arm64 gets Node 24 with `npm ci`; elsewhere install it yourself (for example `nvm install 24`).',
  )
  process.exit(1)
}
