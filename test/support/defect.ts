// Loaded into a daemon before it starts: a signal makes it fail where nobody looks.
const hostile = 'cart \u001B[31m\n{"level":"info","event":"all is well"}'

process.on('SIGUSR2', () => void Promise.reject(new TypeError(hostile)))
process.on('SIGHUP', () => {
  throw new RangeError(hostile)
})
