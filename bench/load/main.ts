import { control } from './control.ts'

control(
  (listener) => process.on('message', listener),
  (answer) => process.send?.(answer),
)
// Whoever started it is gone.
process.once('disconnect', () => process.exit())
