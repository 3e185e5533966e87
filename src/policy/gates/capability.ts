import { isInstalled } from '../capability.ts'
import { hold, pass, type Gate } from './gate.ts'

export const capability: Gate = {
  name: 'capability',
  holds: 'for-everyone',
  description: 'Holds where the right to do it is not installed.',
  judge: ({ proposal: { action, object }, capabilities }) => {
    const where = object.namespace === undefined ? 'for cluster-scoped objects' : `in namespace ${object.namespace}`
    return isInstalled(capabilities, action, object.namespace)
      ? pass(`${action} is installed ${where}`)
      : hold('capability-not-installed', `${action} is not installed ${where}`)
  },
}
